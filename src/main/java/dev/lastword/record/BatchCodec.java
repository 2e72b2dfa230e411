package dev.lastword.record;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import net.jpountz.xxhash.XXHashFactory;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyOutputStream;

/// Packs and unpacks the records of a batch, all of them as one, as Kafka does: a gzip member,
/// snappy blocks in the framing of snappy-java (or one bare block), an LZ4 frame of independent 64
/// KiB blocks, a Zstandard frame. Who unpacks has checked the CRC, so a failure means that the
/// writer was broken; whatever the bytes are, no more than [#UNPACKED_BYTES_MAX] is taken for them,
/// and memory grows only as bytes come out.
///
/// Thread-safe: all state is in the arguments or lent out by a pool.
final class BatchCodec {
    /// Records that unpack to more are taken for damage. Far above Kafka's default of 1 MiB a
    /// batch.
    static final int UNPACKED_BYTES_MAX = 256 << 20;

    private static final int BYTES_MIN = 64 << 10;
    private static final int STEP = 16 << 10;

    /// Kafka's default level.
    private static final int ZSTD_LEVEL = 3;

    /// `ZSTD_error_dstSize_tooSmall`.
    private static final long ZSTD_TOO_SMALL = 70;

    private static final byte[] SNAPPY_MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};

    /// Magic, version and lowest compatible version.
    private static final int SNAPPY_HEADER_BYTES = 16;

    private static final LZ4Factory LZ4 = LZ4Factory.safeInstance();
    private static final XXHashFactory XX_HASH = XXHashFactory.safeInstance();

    /// Contexts hold native memory and are costly to make; a few are kept.
    private static final ArrayBlockingQueue<ZstdDecompressCtx> UNPACKERS =
            new ArrayBlockingQueue<>(8);

    private static final ArrayBlockingQueue<ZstdCompressCtx> PACKERS = new ArrayBlockingQueue<>(8);

    private BatchCodec() {}

    /// Unpacks `length` bytes at `position`.
    ///
    /// @param target reused where it is large enough and of the same kind (direct or heap)
    /// @return the unpacked bytes from 0 to the limit
    /// @throws IOException if the bytes are no such stream, or unpack to too much
    static ByteBuffer unpack(
            Compression type, ByteBuffer source, int position, int length, ByteBuffer target)
            throws IOException {
        if (type == Compression.ZSTD) {
            return unzstd(source, position, length, fitting(target, source.isDirect()));
        }
        byte[] packed = new byte[length];
        source.get(position, packed);
        ByteBuffer out = fitting(target, source.isDirect());
        try {
            return switch (type) {
                case GZIP -> drain(new GZIPInputStream(new Bytes(packed), STEP), out);
                case LZ4 ->
                        drain(
                                new LZ4FrameInputStream(
                                        new Bytes(packed),
                                        LZ4.safeDecompressor(),
                                        XX_HASH.hash32()),
                                out);
                case SNAPPY -> unsnappy(packed, out);
                case NONE, ZSTD -> throw new IllegalArgumentException(type.toString());
            };
        } catch (RuntimeException e) {
            throw new IOException(e.toString(), e); // the libraries' ways to say "damaged"
        }
    }

    private static ByteBuffer fitting(ByteBuffer target, boolean direct) {
        return target.capacity() > 0 && target.isDirect() == direct
                ? target.clear()
                : allocate(BYTES_MIN, direct);
    }

    private static ByteBuffer allocate(int bytes, boolean direct) {
        return direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
    }

    /// A buffer of at least `bytes` with what is in `out` up to its position.
    private static ByteBuffer grown(ByteBuffer out, long bytes) throws IOException {
        if (bytes > UNPACKED_BYTES_MAX) {
            throw new IOException("unpacks to more than " + UNPACKED_BYTES_MAX + " bytes");
        }
        long capacity = Math.clamp(2L * out.capacity(), bytes, UNPACKED_BYTES_MAX);
        return allocate((int) capacity, out.isDirect()).put(out.flip());
    }

    private static ByteBuffer unzstd(ByteBuffer source, int position, int length, ByteBuffer target)
            throws IOException {
        ZstdDecompressCtx lent = UNPACKERS.poll();
        ZstdDecompressCtx context = lent == null ? new ZstdDecompressCtx() : lent;
        try {
            ByteBuffer out = target;
            while (true) {
                try {
                    return out.limit(unzstd(context, source, position, length, out));
                } catch (ZstdException e) {
                    if (e.getErrorCode() != ZSTD_TOO_SMALL) {
                        throw new IOException(e.getMessage(), e);
                    }
                    out = grown(out.clear(), out.capacity() + 1L);
                    out.clear();
                }
            }
        } finally {
            if (!UNPACKERS.offer(context)) {
                context.close();
            }
        }
    }

    private static int unzstd(
            ZstdDecompressCtx context,
            ByteBuffer source,
            int position,
            int length,
            ByteBuffer out) {
        if (source.isDirect()) {
            return context.decompressDirectByteBuffer(
                    out, 0, out.capacity(), source, position, length);
        }
        int from = source.arrayOffset() + position;
        return context.decompressByteArray(
                out.array(), out.arrayOffset(), out.capacity(), source.array(), from, length);
    }

    private static ByteBuffer drain(InputStream in, ByteBuffer target) throws IOException {
        try (in) {
            ByteBuffer out = target;
            byte[] step = new byte[STEP];
            int n;
            while ((n = in.read(step)) >= 0) {
                if (n > out.remaining()) {
                    out = grown(out, out.position() + (long) n);
                }
                out.put(step, 0, n);
            }
            return out.flip();
        }
    }

    private static ByteBuffer unsnappy(byte[] packed, ByteBuffer target) throws IOException {
        boolean framed =
                packed.length >= SNAPPY_HEADER_BYTES
                        && Arrays.equals(
                                packed,
                                0,
                                SNAPPY_MAGIC.length,
                                SNAPPY_MAGIC,
                                0,
                                SNAPPY_MAGIC.length);
        if (!framed) {
            return unsnappyBlock(packed, 0, packed.length, target).flip();
        }
        ByteBuffer frame = ByteBuffer.wrap(packed);
        ByteBuffer out = target;
        int at = SNAPPY_HEADER_BYTES;
        while (at < packed.length) {
            if (packed.length - at < Integer.BYTES) {
                throw new IOException("ends within a block's length");
            }
            int length = frame.getInt(at);
            at += Integer.BYTES;
            if (length < 0 || length > packed.length - at) {
                throw new IOException("a block declares " + length + " bytes");
            }
            out = unsnappyBlock(packed, at, length, out);
            at += length;
        }
        return out.flip();
    }

    private static ByteBuffer unsnappyBlock(byte[] packed, int from, int length, ByteBuffer target)
            throws IOException {
        int unpacked = Snappy.uncompressedLength(packed, from, length);
        // A block cannot unpack to more than some 21 times its size.
        if (unpacked < 0 || unpacked > 64L * length + 64) {
            throw new IOException("a block declares " + unpacked + " unpacked bytes");
        }
        ByteBuffer out =
                unpacked <= target.remaining()
                        ? target
                        : grown(target, target.position() + (long) unpacked);
        if (!Snappy.isValidCompressedBuffer(packed, from, length)) {
            throw new IOException("a block is damaged");
        }
        byte[] block = new byte[unpacked];
        Snappy.uncompress(packed, from, length, block, 0);
        return out.put(block);
    }

    /// Packs bytes `[from, to)` of a buffer in place, unless that would not make them fewer.
    ///
    /// @return where the packed bytes end, or -1 if nothing has changed
    static int pack(Compression type, ByteBuffer buffer, int from, int to) {
        byte[] packed =
                type == Compression.ZSTD ? zstd(buffer, from, to) : stream(type, buffer, from, to);
        if (packed == null || packed.length >= to - from) {
            return -1;
        }
        buffer.put(from, packed);
        return from + packed.length;
    }

    private static byte @Nullable [] zstd(ByteBuffer buffer, int from, int to) {
        byte[] plain = new byte[to - from];
        buffer.get(from, plain);
        ZstdCompressCtx lent = PACKERS.poll();
        ZstdCompressCtx context = lent == null ? new ZstdCompressCtx().setLevel(ZSTD_LEVEL) : lent;
        try {
            byte[] packed = new byte[(int) Zstd.compressBound(plain.length)];
            int n = context.compressByteArray(packed, 0, packed.length, plain, 0, plain.length);
            return Arrays.copyOf(packed, n);
        } finally {
            if (!PACKERS.offer(context)) {
                context.close();
            }
        }
    }

    private static byte[] stream(Compression type, ByteBuffer buffer, int from, int to) {
        byte[] plain = new byte[to - from];
        buffer.get(from, plain);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length / 2 + 64);
        try (OutputStream out = packer(type, bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new IllegalStateException("in memory", e);
        }
        return bytes.toByteArray();
    }

    private static OutputStream packer(Compression type, OutputStream to) throws IOException {
        return switch (type) {
            case GZIP -> new GZIPOutputStream(to, STEP);
            case SNAPPY -> new SnappyOutputStream(to);
            case LZ4 ->
                    new LZ4FrameOutputStream(
                            to,
                            BLOCKSIZE.SIZE_64KB,
                            -1,
                            LZ4.fastCompressor(),
                            XX_HASH.hash32(),
                            FLG.Bits.BLOCK_INDEPENDENCE);
            case NONE, ZSTD -> throw new IllegalArgumentException(type.toString());
        };
    }

    /// An array as a stream; unlike the JDK's without locks.
    private static final class Bytes extends InputStream {
        private final byte[] bytes;
        private int at;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return at < bytes.length ? bytes[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            int n = Math.min(length, bytes.length - at);
            if (n <= 0) {
                return length == 0 ? 0 : -1;
            }
            System.arraycopy(bytes, at, to, offset, n);
            at += n;
            return n;
        }

        @Override
        public int available() {
            return bytes.length - at;
        }
    }
}
