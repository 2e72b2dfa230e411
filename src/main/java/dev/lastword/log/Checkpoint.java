package dev.lastword.log;

import dev.lastword.index.IndexChanges;
import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.index.PageHead;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What a partition knows of its log up to an offset, the *cut*: the key index, and each segment's
/// facts. Written now and then and at an orderly stop ([CheckpointWriter]); the next start reads
/// only what of the log is behind the cut ([Resumption]).
///
/// ```
/// header   magic int64 | version int32 | byte order int32 | table position int64
///          | table bytes int64 | table CRC int32 | CRC of the header int32
/// then, mixed: pages of the index, raw, in the byte order named    (see index/IndexPage)
///          changes made to pages before them, four int64 each      (see index/IndexChanges)
/// table    cut int64 | swaps int64 | start int64 | versioned int32
///          | segments int32, and of each
///            base, size, next offset, first and largest timestamp, position of the last batch,
///            its CRC, and the facts                                (all int64)
///          | of the last one: bytes since its last index entry int64, relative offset of its
///            largest timestamp int32
///            | offset index entries int32, each int64 | time index bytes int32, these bytes
///          | pages int32, and of each
///            prefix, depth, buckets, used, present, tombstones, CRC int32 | position int64
///          | blocks of changes int32, and of each
///            changes, CRC int32 | position int64                   (big endian but for the pages)
/// ```
///
/// Invariant: everything it tells of was flushed before it was written, and the recovery point is
/// at the cut or beyond. All CRCs are CRC-32C; header, table and changes are checked before
/// anything is used, each page when it is loaded. The file has its name only once it is durable.
final class Checkpoint implements Closeable {
    static final long MAGIC = 0x4c57_4348_4b50_5433L;
    static final int VERSION = 2;
    static final int HEADER_BYTES = 40;
    static final int SEGMENT_LONGS = 7 + SegmentFacts.LONGS;

    private static final int PAGE_BYTES = 7 * Integer.BYTES + Long.BYTES;
    private static final int BLOCK_BYTES = 2 * Integer.BYTES + Long.BYTES;
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int CHANGE_BYTES = IndexChanges.LONGS * Long.BYTES;

    /// A segment at the cut.
    ///
    /// @param lastBatchAt where its last batch begins; with that one's CRC its identity
    record SegmentImage(
            long baseOffset,
            long sizeBytes,
            long nextOffset,
            long firstTimestamp,
            long largestTimestamp,
            long lastBatchAt,
            int lastBatchCrc,
            long[] facts) {}

    /// The log at the cut.
    ///
    /// @param hashCheck the hash of something known: hashes of another secret mean nothing here
    /// @param endOffset the cut
    /// @param swaps so many swaps of segments were over ([CleaningState#swapsEnded])
    /// @param startOffset first offset there was
    /// @param active the indexes of the last segment
    record Cut(
            long hashCheck,
            long endOffset,
            long swaps,
            long startOffset,
            boolean versioned,
            List<SegmentImage> segments,
            ActiveIndexes active) {}

    /// The indexes of a segment that takes writes, which are not on disk.
    record ActiveIndexes(
            long bytesSinceEntry,
            int largestTimestampOffset,
            long[] offsets,
            int offsetCount,
            byte[] times) {}

    /// A page's bytes.
    record PageAt(PageHead head, int crc, long position) {}

    /// A run of changes.
    record Block(int changes, int crc, long position) {}

    private final DiskFile file;
    private final long sizeBytes;
    private final Cut cut;
    private final List<PageAt> pages;
    private final List<Block> blocks;

    private Checkpoint(
            DiskFile file, long sizeBytes, Cut cut, List<PageAt> pages, List<Block> blocks) {
        this.file = file;
        this.sizeBytes = sizeBytes;
        this.cut = cut;
        this.pages = pages;
        this.blocks = blocks;
    }

    /// Opens a checkpoint; null where there is none, or it is damaged, or of another format or
    /// machine.
    static @Nullable Checkpoint open(Disk disk, Path path) throws IOException {
        if (!disk.exists(path)) {
            return null;
        }
        DiskFile file = disk.open(path, OpenMode.READ);
        boolean ok = false;
        try {
            Checkpoint checkpoint = read(file);
            ok = checkpoint != null && checkpoint.areChangesWhole();
            return ok ? checkpoint : null;
        } catch (BufferUnderflowException e) {
            return null; // the checksum holds, but not of what we know
        } finally {
            if (!ok) {
                file.close();
            }
        }
    }

    private static @Nullable Checkpoint read(DiskFile file) throws IOException {
        long size = file.size();
        if (size < HEADER_BYTES) {
            return null;
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        file.readFully(header, 0);
        header.flip();
        boolean known =
                header.getInt(HEADER_BYTES - Integer.BYTES)
                                == crc(header.duplicate().limit(HEADER_BYTES - Integer.BYTES))
                        && header.getLong() == MAGIC
                        && header.getInt() == VERSION
                        && header.getInt() == nativeOrder();
        long tableAt = known ? header.getLong() : 0;
        long tableBytes = known ? header.getLong() : 0;
        if (!known
                || tableBytes < 0
                || tableBytes > Integer.MAX_VALUE - 8
                || tableAt < HEADER_BYTES
                || tableAt + tableBytes != size) {
            return null;
        }
        ByteBuffer table = ByteBuffer.allocate((int) tableBytes);
        file.readFully(table, tableAt);
        table.flip();
        return header.getInt() == crc(table.duplicate()) ? parse(file, size, table, tableAt) : null;
    }

    private static @Nullable Checkpoint parse(DiskFile file, long size, ByteBuffer in, long end) {
        long hashCheck = in.getLong();
        long endOffset = in.getLong();
        long swaps = in.getLong();
        long startOffset = in.getLong();
        boolean versioned = in.getInt() != 0;
        List<SegmentImage> segments = new ArrayList<>();
        for (int n = count(in, SEGMENT_LONGS * Long.BYTES); n > 0; n--) {
            segments.add(segment(in));
        }
        long bytesSinceEntry = in.getLong();
        int largestTimestampOffset = in.getInt();
        long[] offsets = longs(in, count(in, Long.BYTES));
        byte[] times = new byte[count(in, 1)];
        in.get(times);
        List<PageAt> pages = new ArrayList<>();
        for (int n = count(in, PAGE_BYTES); n > 0; n--) {
            pages.add(page(in));
        }
        List<Block> blocks = new ArrayList<>();
        for (int n = count(in, BLOCK_BYTES); n > 0; n--) {
            blocks.add(new Block(in.getInt(), in.getInt(), in.getLong()));
        }
        ActiveIndexes active =
                new ActiveIndexes(
                        bytesSinceEntry, largestTimestampOffset, offsets, offsets.length, times);
        Cut cut = new Cut(hashCheck, endOffset, swaps, startOffset, versioned, segments, active);
        boolean believable =
                !segments.isEmpty()
                        && PageHead.cover(pages.stream().map(PageAt::head).toList())
                        && pages.stream().allMatch(p -> p.position + p.head.bytes(versioned) <= end)
                        && blocks.stream()
                                .allMatch(b -> b.position + (long) b.changes * CHANGE_BYTES <= end);
        return believable ? new Checkpoint(file, size, cut, pages, blocks) : null;
    }

    private static int count(ByteBuffer in, int elementBytes) {
        int count = in.getInt();
        if (count < 0 || (long) count * elementBytes > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return count;
    }

    private static SegmentImage segment(ByteBuffer in) {
        return new SegmentImage(
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                (int) in.getLong(),
                longs(in, SegmentFacts.LONGS));
    }

    private static PageAt page(ByteBuffer in) {
        PageHead head =
                new PageHead(
                        in.getInt(),
                        in.getInt(),
                        in.getInt(),
                        in.getInt(),
                        in.getInt(),
                        in.getInt());
        return new PageAt(head, in.getInt(), in.getLong());
    }

    private static long[] longs(ByteBuffer in, int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.getLong();
        }
        return values;
    }

    static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    static int nativeOrder() {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? 0 : 1;
    }

    Cut cut() {
        return cut;
    }

    List<PageAt> pages() {
        return pages;
    }

    /// Size of the file.
    long sizeBytes() {
        return sizeBytes;
    }

    /// Reads a page; whether it is whole.
    boolean read(PageAt page, ByteBuffer target) throws IOException {
        file.readFully(target, page.position);
        return crc(target.flip()) == page.crc;
    }

    private boolean areChangesWhole() throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (Block b : blocks) {
            CRC32C crc = new CRC32C();
            long end = b.position + (long) b.changes * CHANGE_BYTES;
            for (long at = b.position; at < end; at += piece.limit()) {
                piece.clear().limit((int) Math.min(PIECE_BYTES, end - at));
                file.readFully(piece, at);
                crc.update(piece.flip());
            }
            if ((int) crc.getValue() != b.crc) {
                return false;
            }
        }
        return true;
    }

    /// Makes the changes in an index that was restored from the pages.
    ///
    /// @param source says which entries still stand
    void applyChanges(KeyIndex index, CheckpointPages source) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES / CHANGE_BYTES * CHANGE_BYTES);
        KeyHash hash = new KeyHash();
        for (Block b : blocks) {
            long end = b.position + (long) b.changes * CHANGE_BYTES;
            for (long at = b.position; at < end; at += piece.limit()) {
                piece.clear().limit((int) Math.min(piece.capacity(), end - at));
                file.readFully(piece, at);
                piece.flip();
                while (piece.hasRemaining()) {
                    hash.hi = piece.getLong();
                    hash.lo = piece.getLong();
                    apply(index, hash, piece.getLong(), piece.getLong(), source);
                }
                piece.flip();
            }
        }
    }

    private static void apply(
            KeyIndex index, KeyHash hash, long entry, long version, CheckpointPages source) {
        if (entry == KeyIndex.ABSENT) {
            index.removeIfOffset(hash, version);
            return;
        }
        long offset = KeyIndex.offset(entry);
        index.put(
                hash,
                offset,
                KeyIndex.isTombstone(entry),
                KeyIndex.approximateBytes(entry),
                version);
        if (!source.keeps(offset)) {
            index.removeIfOffset(hash, offset);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
