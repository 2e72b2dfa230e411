package dev.lastword.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Counts the bytes that are read from some files of another disk.
public final class CountingDisk implements Disk {
    private final Disk disk;
    private final Predicate<Path> counted;
    private final AtomicLong bytesRead = new AtomicLong();

    public CountingDisk(Disk disk, Predicate<Path> counted) {
        this.disk = disk;
        this.counted = counted;
    }

    /// Bytes read so far.
    public long bytesRead() {
        return bytesRead.get();
    }

    private final class Counting implements DiskFile {
        private final DiskFile file;

        Counting(DiskFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            int n = file.read(dst, position);
            bytesRead.addAndGet(Math.max(0, n));
            return n;
        }

        @Override
        public void write(ByteBuffer src, long position) throws IOException {
            file.write(src, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public long transfer(long position, long count, DiskFile target, long targetPosition)
                throws IOException {
            bytesRead.addAndGet(count);
            DiskFile to = target instanceof Counting c ? c.file : target;
            return file.transfer(position, count, to, targetPosition);
        }

        @Override
        public ByteBuffer map() throws IOException {
            bytesRead.addAndGet(file.size());
            return file.map();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @Override
    public DiskFile open(Path file, OpenMode mode) throws IOException {
        DiskFile opened = disk.open(file, mode);
        return counted.test(file) ? new Counting(opened) : opened;
    }

    @Override
    public void createDirectories(Path dir) throws IOException {
        disk.createDirectories(dir);
    }

    @Override
    public boolean exists(Path path) throws IOException {
        return disk.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) throws IOException {
        return disk.isDirectory(path);
    }

    @Override
    public List<Path> list(Path dir) throws IOException {
        return disk.list(dir);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void syncDirectory(Path dir) throws IOException {
        disk.syncDirectory(dir);
    }

    @Override
    public long usableBytes(Path dir) throws IOException {
        return disk.usableBytes(dir);
    }

    @Override
    public @Nullable DiskLock tryLock(Path file) throws IOException {
        return disk.tryLock(file);
    }
}
