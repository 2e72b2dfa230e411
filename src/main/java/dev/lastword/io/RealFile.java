package dev.lastword.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A file of the machine's file system. Uses positional reads and writes only; the channel's own
/// position belongs to transfers into this file, which the callers serialise.
final class RealFile implements DiskFile {

    /// The most bytes of a heap buffer handed to the channel at once. The JDK copies a heap buffer
    /// to a direct one of the same size and keeps that for every carrier thread.
    private static final int HEAP_SLICE_BYTES = 256 * 1024;

    private final Path path;
    private final FileChannel channel;

    RealFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        if (!dst.hasRemaining()) {
            return 0;
        }
        int limit = dst.limit();
        dst.limit(sliceEnd(dst));
        try {
            return channel.read(dst, position);
        } finally {
            dst.limit(limit);
        }
    }

    @Override
    public void write(ByteBuffer src, long position) throws IOException {
        int limit = src.limit();
        long at = position;
        try {
            while (src.position() < limit) {
                src.limit(limit);
                src.limit(sliceEnd(src));
                at += channel.write(src, at);
            }
        } catch (IOException e) {
            throw DiskErrors.typed(path, e);
        } finally {
            src.limit(limit);
        }
    }

    private static int sliceEnd(ByteBuffer buffer) {
        return buffer.isDirect()
                ? buffer.limit()
                : buffer.position() + Math.min(buffer.remaining(), HEAP_SLICE_BYTES);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public void sync() throws IOException {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw DiskErrors.typed(path, e);
        }
    }

    @Override
    public long transfer(long position, long count, DiskFile target, long targetPosition)
            throws IOException {
        if (!(target instanceof RealFile to)) {
            throw new IllegalArgumentException("the target is a file of another disk: " + target);
        }
        try {
            to.channel.position(targetPosition);
            long n = channel.transferTo(position, count, to.channel);
            return n == 0 && count > 0 ? -1 : n;
        } catch (IOException e) {
            throw DiskErrors.typed(to.path, e);
        }
    }

    @Override
    public ByteBuffer map() throws IOException {
        long size = channel.size();
        if (size > Integer.MAX_VALUE) {
            throw new IOException(path + " has " + size + " bytes, too many to map at once");
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
