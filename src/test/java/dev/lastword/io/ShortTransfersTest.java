package dev.lastword.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The operating system may do less than it is asked to.
class ShortTransfersTest {
    private static final int MOST = 7;

    @TempDir Path tmp;

    private RealFile open(String name) throws IOException {
        Path path = tmp.resolve(name);
        return new RealFile(
                path,
                new ShortChannel(
                        FileChannel.open(
                                path,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE)));
    }

    @Test
    void a_short_write_is_continued() throws IOException {
        byte[] content = DiskContract.random(1000);
        for (ByteBuffer src :
                new ByteBuffer[] {
                    ByteBuffer.wrap(content), ByteBuffer.allocateDirect(1000).put(content).flip()
                }) {
            try (RealFile file = open("a")) {
                file.write(src, 3);
                assertEquals(0, src.remaining());
                assertEquals(1003, file.size());
            }
            byte[] found = Files.readAllBytes(tmp.resolve("a"));
            assertArrayEquals(content, java.util.Arrays.copyOfRange(found, 3, 1003));
        }
    }

    @Test
    void a_short_read_is_continued() throws IOException {
        byte[] content = DiskContract.random(1000);
        Files.write(tmp.resolve("a"), content);
        try (RealFile file = open("a")) {
            ByteBuffer dst = ByteBuffer.allocate(900);
            file.readFully(dst, 100);
            assertArrayEquals(java.util.Arrays.copyOfRange(content, 100, 1000), dst.array());
        }
    }

    @Test
    void a_short_transfer_is_continued() throws IOException {
        byte[] content = DiskContract.random(1000);
        Files.write(tmp.resolve("a"), content);
        try (RealFile from = open("a");
                RealFile to = open("b")) {
            assertEquals(900, from.transferTo(50, 900, to, 0));
            assertThrows(EOFException.class, () -> from.transferTo(900, 200, to, 0));
        }
        byte[] found = Files.readAllBytes(tmp.resolve("b"));
        assertArrayEquals(
                java.util.Arrays.copyOfRange(content, 150, 950),
                java.util.Arrays.copyOfRange(found, 100, 900));
    }

    /// Reads, writes and transfers a few bytes at a time.
    private static final class ShortChannel extends FileChannel {
        private final FileChannel channel;

        ShortChannel(FileChannel channel) {
            this.channel = channel;
        }

        private static ByteBuffer piece(ByteBuffer buffer) {
            return buffer.slice(buffer.position(), Math.min(MOST, buffer.remaining()));
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            int n = channel.read(piece(dst), position);
            dst.position(dst.position() + Math.max(0, n));
            return n;
        }

        @Override
        public int write(ByteBuffer src, long position) throws IOException {
            int n = channel.write(piece(src), position);
            src.position(src.position() + n);
            return n;
        }

        @Override
        public int write(ByteBuffer src) throws IOException {
            int n = channel.write(piece(src));
            src.position(src.position() + n);
            return n;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target)
                throws IOException {
            WritableByteChannel to = target instanceof ShortChannel s ? s.channel : target;
            return channel.transferTo(position, Math.min(MOST, count), to);
        }

        @Override
        public FileChannel position(long newPosition) throws IOException {
            channel.position(newPosition);
            return this;
        }

        @Override
        public long position() throws IOException {
            return channel.position();
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            channel.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            channel.force(metaData);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            channel.close();
        }

        @Override
        public int read(ByteBuffer dst) {
            throw new UnsupportedOperationException("only positional reads are used");
        }

        @Override
        public long read(ByteBuffer[] dsts, int offset, int length) {
            throw new UnsupportedOperationException("only positional reads are used");
        }

        @Override
        public long write(ByteBuffer[] srcs, int offset, int length) {
            throw new UnsupportedOperationException("only positional writes are used");
        }

        @Override
        public long transferFrom(ReadableByteChannel src, long position, long count) {
            throw new UnsupportedOperationException("transferTo is used");
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
            return channel.map(mode, position, size);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return channel.lock(position, size, shared);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return channel.tryLock(position, size, shared);
        }
    }
}
