package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.SegmentFiles.Suffix;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/// The files of segments that left a log: they are unlinked after the topic's
/// `file.delete.delay.ms`. What a crash leaves of them recovery removes.
///
/// Thread-safe.
final class DoomedFiles {
    private static final long STEP_BYTES = 2 << 20;

    private record Doomed(Segment segment, Path file, long dueMs) {}

    private final Disk disk;
    private final ReentrantLock lock = new ReentrantLock();
    private final ConcurrentLinkedQueue<Doomed> files = new ConcurrentLinkedQueue<>();
    private boolean closed;

    DoomedFiles(Disk disk) {
        this.disk = disk;
    }

    /// Takes over the files of a segment that bear the name [Suffix#DELETED]. Never waits, for the
    /// appender calls it too.
    void add(Segment gone, long dueMs) {
        for (String kind : SegmentFiles.KINDS) {
            files.add(new Doomed(gone, gone.path(kind, Suffix.DELETED), dueMs));
        }
    }

    /// To be called before segments are renamed to [Suffix#DELETED]: a file of that name that still
    /// waits to be unlinked goes with the renaming, and what has its name then must not be touched
    /// in its place.
    void spare(List<Segment> about) {
        lock.lock();
        try {
            for (Segment s : about) {
                for (String kind : SegmentFiles.KINDS) {
                    Path name = s.path(kind, Suffix.DELETED);
                    files.removeIf(d -> d.file.equals(name));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Unlinks a piece of what is due; false when nothing is left to do. A large file goes bit by
    /// bit: the file system frees the space of one in one go, and for so long all other writes
    /// stand still. A file that a reader still holds is unlinked at once, and freed when the reader
    /// lets go.
    boolean unlinkSome(long nowMs) throws IOException {
        lock.lock();
        try {
            for (Doomed d : files) {
                if (closed || d.dueMs > nowMs) {
                    continue;
                }
                if (d.segment.isReleased() && shorten(d.file)) {
                    return true;
                }
                files.remove(d);
                try {
                    disk.delete(d.file);
                } catch (NoSuchFileException e) {
                    // its folder went as a whole
                }
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// Cuts a step off a file that is to go; false if it is small.
    private boolean shorten(Path file) throws IOException {
        try (DiskFile f = disk.open(file, OpenMode.READ_WRITE)) {
            long size = f.size();
            if (size <= STEP_BYTES) {
                return false;
            }
            f.truncate(size - STEP_BYTES);
            return true;
        } catch (NoSuchFileException e) {
            return false; // its folder went as a whole
        }
    }

    /// Waits for a step that is under way. Nothing is unlinked afterwards.
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }
}
