package dev.lastword.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Path;

/// An open file of a [SimulatedDisk], under whose monitor everything here happens.
final class SimulatedHandle implements DiskFile {

    private final SimulatedDisk disk;
    private final SimulatedFile file;
    private final Path path;
    private final boolean writable;
    private boolean closed;

    SimulatedHandle(SimulatedDisk disk, SimulatedFile file, Path path, boolean writable) {
        this.disk = disk;
        this.file = file;
        this.path = path;
        this.writable = writable;
        file.handles++;
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        synchronized (disk) {
            ensureOpen();
            disk.ensureRunning();
            ensureNotNegative(position);
            if (!dst.hasRemaining()) {
                return 0;
            }
            disk.read(path);
            if (position >= file.size()) {
                return -1;
            }
            byte[] bytes = file.read(position, disk.shortRead(position, dst.remaining()));
            dst.put(bytes);
            return bytes.length;
        }
    }

    @Override
    public void write(ByteBuffer src, long position) throws IOException {
        synchronized (disk) {
            ensureWritable();
            ensureNotNegative(position);
            byte[] bytes = new byte[src.remaining()];
            src.get(bytes);
            disk.write(file, path, bytes, position);
        }
    }

    @Override
    public long size() throws IOException {
        synchronized (disk) {
            ensureOpen();
            disk.ensureRunning();
            return file.size();
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        synchronized (disk) {
            ensureWritable();
            ensureNotNegative(size);
            disk.truncate(file, path, size);
        }
    }

    @Override
    public void sync() throws IOException {
        synchronized (disk) {
            ensureOpen();
            disk.sync(file, path);
        }
    }

    @Override
    public long transfer(long position, long count, DiskFile target, long targetPosition)
            throws IOException {
        synchronized (disk) {
            ensureOpen();
            ensureNotNegative(position);
            ensureNotNegative(targetPosition);
            if (!(target instanceof SimulatedHandle to) || to.disk != disk) {
                throw new IllegalArgumentException("the target is a file of another disk");
            }
            to.ensureWritable();
            int there = (int) Math.min(count, Math.max(0, file.size() - position));
            int length = there == 0 ? 0 : disk.shortRead(position, there);
            disk.transfer(path, to.file, to.path, file.read(position, length), targetPosition);
            return length == 0 && count > 0 ? -1 : length;
        }
    }

    @Override
    public ByteBuffer map() throws IOException {
        synchronized (disk) {
            ensureOpen();
            disk.ensureRunning();
            disk.read(path);
            ByteBuffer copy = ByteBuffer.allocateDirect(file.size());
            copy.put(file.read(0, file.size())).flip();
            return copy.asReadOnlyBuffer();
        }
    }

    @Override
    public void close() {
        synchronized (disk) {
            if (!closed) {
                closed = true;
                file.handles--;
                disk.releaseSpace(file);
            }
        }
    }

    private void ensureOpen() throws IOException {
        if (closed && !disk.hasCrashed()) {
            throw new ClosedChannelException();
        }
    }

    private void ensureWritable() throws IOException {
        ensureOpen();
        if (!writable) {
            throw new NonWritableChannelException();
        }
    }

    private static void ensureNotNegative(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("negative position " + position);
        }
    }
}
