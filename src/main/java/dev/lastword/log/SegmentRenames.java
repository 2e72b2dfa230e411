package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.SegmentFiles.Suffix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Replaces a run of segments by others, so that a crash at any moment leaves the old ones or the
/// new ones and never a mix. This is the one class that renames segment files. The new ones are
/// written as `.cleaned`; then [#promote] and [#replace] take these steps, with a sync of the
/// directory after each:
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
/// middle of it is no new case. One group per partition is in a swap at a time. The range of a
/// `.swap` ends with its last batch: that must reach into the last of the old segments.
///
/// Segments are named by their base offsets. Stateless.
final class SegmentRenames {
    private SegmentRenames() {}

    /// Step 1, which decides: from its end on recovery leads to the new segments. Their files must
    /// be durable.
    static void promote(Disk disk, Path directory, List<Long> fresh) throws IOException {
        if (fresh.size() > 1) {
            disk.syncDirectory(directory); // recovery must see all of them or none
        }
        for (long base : fresh.reversed()) {
            rename(disk, directory, base, Suffix.CLEANED, Suffix.SWAP);
        }
        disk.syncDirectory(directory);
    }

    /// Steps 2 and 3. After a failure it may be called again, and goes on where it stopped: which
    /// step that was, the first new file's name tells. (A directory whose sync failed holds names,
    /// not pages that the system might drop: either a later sync makes them durable, or it fails
    /// too.)
    static void replace(Disk disk, Path directory, List<Long> old, List<Long> fresh)
            throws IOException {
        Path first = SegmentFiles.file(directory, fresh.getFirst(), SegmentFiles.LOG, Suffix.SWAP);
        if (disk.exists(first)) { // else step 3 was begun, and plain names are those of new files
            for (long base : old) {
                rename(disk, directory, base, Suffix.LIVE, Suffix.DELETED);
            }
            disk.syncDirectory(directory);
        }
        for (long base : fresh) {
            rename(disk, directory, base, Suffix.SWAP, Suffix.LIVE);
        }
        disk.syncDirectory(directory);
    }

    /// Removes new segments that are not going to replace anything, whether or not [#promote] was
    /// begun; not after it ended.
    static void giveUp(Disk disk, Path directory, List<Long> fresh) throws IOException {
        for (long base : fresh) {
            deleteFiles(disk, directory, base, Suffix.SWAP);
        }
        disk.syncDirectory(directory); // as in recover
        for (long base : fresh) {
            deleteFiles(disk, directory, base, Suffix.CLEANED);
        }
        disk.syncDirectory(directory);
    }

    /// Takes a segment's name away durably, for retention.
    static void retire(Disk disk, Path directory, long base) throws IOException {
        rename(disk, directory, base, Suffix.LIVE, Suffix.DELETED);
        disk.syncDirectory(directory);
    }

    /// Removes for good what [#replace] or [#retire] took the name of.
    static void deleteRetired(Disk disk, Path directory, List<Long> old) throws IOException {
        for (long base : old) {
            deleteFiles(disk, directory, base, Suffix.DELETED);
        }
        disk.syncDirectory(directory);
    }

    private static void rename(Disk disk, Path directory, long base, Suffix from, Suffix to)
            throws IOException {
        for (String kind : SegmentFiles.KINDS) {
            Path source = SegmentFiles.file(directory, base, kind, from);
            Path target = SegmentFiles.file(directory, base, kind, to);
            boolean expected = kind.equals(SegmentFiles.LOG) && !disk.exists(target);
            if (expected || disk.exists(source)) {
                disk.rename(source, target);
            }
        }
    }

    private static void deleteFiles(Disk disk, Path directory, long base, Suffix suffix)
            throws IOException {
        for (String kind : SegmentFiles.KINDS) {
            try {
                disk.delete(SegmentFiles.file(directory, base, kind, suffix));
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
