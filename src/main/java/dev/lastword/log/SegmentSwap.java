package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.SegmentFiles.Suffix;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Replaces a run of closed segments (a group) by what a cleaning left of them, so that a crash at
/// any moment leaves the old ones or the new ones and never a mix. This is the one class that
/// renames segment files. The phases of [#commit], with a sync of the directory after each:
///
/// | crash during | files seen on start | [#recover] |
/// |---|---|---|
/// | writing the new files | old, `.cleaned` | deletes `.cleaned`: old |
/// | 1. `.cleaned` → `.swap` | old, some `.cleaned`, some `.swap` | deletes those `.swap` and `.cleaned`: old |
/// | 2. old → `.deleted` | `.swap`, old and `.deleted` | deletes old within the range of the `.swap`, renames: new |
/// | 3. `.swap` → plain | plain, `.swap`, `.deleted` | renames the rest: new |
/// | later | plain, `.deleted` | deletes `.deleted`: new |
///
/// (Kafka's order, except that it has no sync between 2 and 3 and so trusts that a directory's
/// renames become durable in order.) Recovery only repeats or completes steps, so a crash in the
/// middle of it is no new case. One group per partition is in a swap at a time.
///
/// Not thread-safe.
public final class SegmentSwap implements AutoCloseable {
    private static final int WRITE_BYTES = 1 << 20;
    private static final int SYNC_BYTES = 8 << 20;

    private final PartitionLog log;
    private final Disk disk;
    private final List<Segment> old;
    private final List<Segment> fresh = new ArrayList<>();
    private final ByteBuffer out;
    private Segment target;
    private long written;
    private long synced;
    private boolean done;

    SegmentSwap(PartitionLog log, Disk disk, List<Segment> old) throws IOException {
        this.log = log;
        this.disk = disk;
        this.old = List.copyOf(old);
        this.out = Buffers.direct(old.stream().mapToLong(Segment::sizeBytes).sum(), WRITE_BYTES);
        this.target = newTarget(old.getFirst().baseOffset());
    }

    private Segment newTarget(long baseOffset) throws IOException {
        Segment s = Segment.create(disk, log.directory(), baseOffset, Suffix.CLEANED);
        fresh.add(s);
        written = 0;
        synced = 0;
        return s;
    }

    /// Adds one batch, as it is to be on disk, behind the ones before.
    ///
    /// @param bytes holds the batch from `batch.position()` on; not changed
    public void append(RecordBatch batch, ByteBuffer bytes) throws IOException {
        int size = batch.sizeInBytes();
        if (target.sizeBytes() + size > Integer.MAX_VALUE
                || batch.lastOffset() - target.baseOffset() > Integer.MAX_VALUE) {
            finishTarget();
            target = newTarget(batch.baseOffset());
        }
        ByteBuffer source =
                bytes.duplicate().limit(batch.position() + size).position(batch.position());
        if (size > out.remaining()) {
            drain();
        }
        if (size > out.remaining()) {
            target.writableFile().write(source, written);
            written += size;
        } else {
            out.put(source);
        }
        target.note(batch.lastOffset(), batch.maxTimestamp(), size);
    }

    /// Tells of a tombstone in the batch just added.
    ///
    /// @param horizonMs its batch's delete horizon, or -1
    public void noteTombstone(long timestamp, long horizonMs) {
        target.facts().countTombstone(timestamp, horizonMs);
    }

    /// Bytes of all new segments so far.
    public long sizeBytes() {
        long size = 0;
        for (Segment s : fresh) {
            size += s.sizeBytes();
        }
        return size;
    }

    private void drain() throws IOException {
        out.flip();
        int count = out.remaining();
        if (count > 0) {
            target.writableFile().write(out, written);
            written += count;
        }
        out.clear();
        if (written - synced >= SYNC_BYTES) {
            target.writableFile().sync(); // one large flush would delay everybody's
            synced = written;
        }
    }

    private void finishTarget() throws IOException {
        drain();
        target.writeIndexes(disk, Suffix.CLEANED);
        target.writableFile().sync();
    }

    /// Makes the new segments take the old ones' place, on disk and then for readers. If this fails
    /// before the first step is durable, the log is as before; later than that the partition is
    /// quarantined, and the next start completes it.
    ///
    /// @param deadDropped how many superseded records were left out
    /// @param droppedTombstone the highest offset of a tombstone that was left out, or -1
    public void commit(long deadDropped, long droppedTombstone) throws IOException {
        finishTarget();
        if (droppedTombstone >= 0) {
            log.cleaning().tombstoneDropped(droppedTombstone);
        }
        if (fresh.size() > 1) {
            disk.syncDirectory(log.directory()); // recovery must see all of them or none
        }
        for (int i = fresh.size() - 1; i >= 0; i--) {
            rename(fresh.get(i), Suffix.CLEANED, Suffix.SWAP);
        }
        disk.syncDirectory(log.directory());
        done = true;
        try {
            for (Segment s : old) {
                rename(s, Suffix.LIVE, Suffix.DELETED);
            }
            disk.syncDirectory(log.directory());
            for (Segment s : fresh) {
                rename(s, Suffix.SWAP, Suffix.LIVE);
                s.seal(disk);
            }
            disk.syncDirectory(log.directory());
            log.publishSwap(old, fresh, deadDropped).join();
        } catch (IOException | RuntimeException e) {
            log.quarantine(
                    "a swap of segments stopped in the middle ("
                            + e.getMessage()
                            + "); a restart completes it");
            throw e;
        }
        old.forEach(log::discard);
    }

    /// After [#commit]: so many of the records left out were superseded meanwhile, and counted in
    /// the segment that does not hold them. Where there are several, too much stays counted, which
    /// costs a pass and loses nothing.
    public void uncountDead(long records) {
        if (records > 0 && fresh.size() == 1) {
            log.uncountDead(fresh.getFirst(), records).join();
        }
    }

    /// Gives up what is not committed and removes its files.
    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        done = true;
        try {
            for (Segment s : fresh) {
                s.release();
                deleteFiles(disk, s, Suffix.SWAP);
            }
            disk.syncDirectory(log.directory()); // as in recover
            for (Segment s : fresh) {
                deleteFiles(disk, s, Suffix.CLEANED);
            }
            disk.syncDirectory(log.directory());
        } catch (IOException e) {
            log.quarantine("the files of a failed cleaning cannot be removed: " + e.getMessage());
            throw e;
        }
    }

    /// Takes a segment's name away durably, for retention.
    static void retire(Disk disk, Segment s) throws IOException {
        rename(disk, s, Suffix.LIVE, Suffix.DELETED);
        disk.syncDirectory(s.directory());
    }

    private void rename(Segment s, Suffix from, Suffix to) throws IOException {
        rename(disk, s, from, to);
    }

    private static void rename(Disk disk, Segment s, Suffix from, Suffix to) throws IOException {
        for (String kind : SegmentFiles.KINDS) {
            Path source = s.path(kind, from);
            if (kind.equals(SegmentFiles.LOG) || disk.exists(source)) {
                disk.rename(source, s.path(kind, to));
            }
        }
    }

    private static void deleteFiles(Disk disk, Segment s, Suffix suffix) throws IOException {
        for (String kind : SegmentFiles.KINDS) {
            try {
                disk.delete(s.path(kind, suffix));
            } catch (NoSuchFileException e) {
                // there may be none of this kind or in this state
            }
        }
    }

    /// Brings a partition's folder from whatever a crash left to the old or the new segments,
    /// durably.
    static void recover(Disk disk, Path directory) throws IOException {
        boolean changed = false;
        long smallestCleaned = Long.MAX_VALUE;
        List<Path> cleaned = new ArrayList<>();
        for (Path p : disk.list(directory)) {
            if (SegmentFiles.has(p, Suffix.DELETED)) {
                disk.delete(p);
                changed = true;
            } else if (SegmentFiles.has(p, Suffix.CLEANED)) {
                cleaned.add(p);
                for (String kind : SegmentFiles.KINDS) {
                    OptionalLong base = SegmentFiles.baseOffset(p, kind, Suffix.CLEANED);
                    if (base.isPresent()) {
                        smallestCleaned = Math.min(smallestCleaned, base.getAsLong());
                    }
                }
            }
        }
        if (!cleaned.isEmpty()) {
            // the .swap files go first: after a crash between the two they must not be taken for
            // finished
            for (Path p : disk.list(directory)) {
                for (String kind : SegmentFiles.KINDS) {
                    OptionalLong base = SegmentFiles.baseOffset(p, kind, Suffix.SWAP);
                    if (base.isPresent() && base.getAsLong() >= smallestCleaned) {
                        disk.delete(p);
                    }
                }
            }
            disk.syncDirectory(directory);
            for (Path p : cleaned) {
                disk.delete(p);
            }
            changed = true;
        }
        changed |= completeSwap(disk, directory);
        if (changed) {
            disk.syncDirectory(directory);
        }
    }

    private static boolean completeSwap(Disk disk, Path directory) throws IOException {
        long from = Long.MAX_VALUE;
        long to = -1;
        List<Path> files = disk.list(directory);
        for (Path p : files) {
            OptionalLong base = SegmentFiles.baseOffset(p, SegmentFiles.LOG, Suffix.SWAP);
            if (base.isPresent()) {
                from = Math.min(from, base.getAsLong());
                to = Math.max(to, endOf(disk, p));
            }
        }
        boolean changed = false;
        for (Path p : files) {
            for (String kind : SegmentFiles.KINDS) {
                OptionalLong live = SegmentFiles.baseOffset(p, kind, Suffix.LIVE);
                if (live.isPresent() && live.getAsLong() >= from && live.getAsLong() < to) {
                    disk.delete(p);
                    changed = true;
                }
            }
        }
        if (changed) {
            disk.syncDirectory(directory);
        }
        // An index without its log is not completed: the log's name was lost, or is in place
        // already.
        for (Path p : files) {
            for (String kind : SegmentFiles.KINDS) {
                OptionalLong base = SegmentFiles.baseOffset(p, kind, Suffix.SWAP);
                if (base.isEmpty()) {
                    continue;
                }
                if (files.contains(
                        SegmentFiles.file(
                                directory, base.getAsLong(), SegmentFiles.LOG, Suffix.SWAP))) {
                    disk.rename(
                            p, SegmentFiles.file(directory, base.getAsLong(), kind, Suffix.LIVE));
                } else {
                    disk.delete(p);
                }
                changed = true;
            }
        }
        return changed;
    }

    /// The offset behind the last batch of a file.
    private static long endOf(Disk disk, Path file) throws IOException {
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            BatchScanner scanner =
                    new BatchScanner(in, 0, in.size(), ByteBuffer.allocate(64 * 1024));
            long end = -1;
            while (scanner.next()) {
                end = scanner.batch().nextOffset();
            }
            return end;
        }
    }
}
