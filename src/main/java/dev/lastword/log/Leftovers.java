package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.SegmentFiles.Suffix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// What [SegmentRenames#recover] will make of the files that a crash left in a partition's folder,
/// found out without touching them.
///
/// @param segments the segments there will be: base offset and the name that its `.log` has now
/// @param removed files that will be deleted, in the folder's order
/// @param completed files that will get their plain name
record Leftovers(NavigableMap<Long, Path> segments, List<Path> removed, List<Path> completed) {

    static Leftovers of(Disk disk, Path folder) throws IOException {
        List<Path> files = disk.list(folder);
        Set<Path> removed = new HashSet<>();
        long smallestCleaned = Long.MAX_VALUE;
        for (Path p : files) {
            if (SegmentFiles.has(p, Suffix.DELETED) || SegmentFiles.has(p, Suffix.CLEANED)) {
                removed.add(p);
            }
            smallestCleaned = Math.min(smallestCleaned, base(p, Suffix.CLEANED));
        }
        List<Path> swaps = new ArrayList<>();
        for (Path p : files) {
            long base = base(p, Suffix.SWAP);
            if (base == Long.MAX_VALUE) {
                continue;
            }
            boolean whole =
                    files.contains(SegmentFiles.file(folder, base, SegmentFiles.LOG, Suffix.SWAP));
            if (base >= smallestCleaned || !whole) {
                removed.add(p);
            } else {
                swaps.add(p);
            }
        }
        NavigableMap<Long, Path> segments = new TreeMap<>();
        removeReplaced(disk, files, swaps, removed);
        for (Path p : files) {
            OptionalLong base = SegmentFiles.baseOffset(p, SegmentFiles.LOG, Suffix.LIVE);
            if (base.isPresent() && !removed.contains(p)) {
                segments.put(base.getAsLong(), p);
            }
        }
        for (Path p : swaps) {
            OptionalLong base = SegmentFiles.baseOffset(p, SegmentFiles.LOG, Suffix.SWAP);
            if (base.isPresent()) {
                segments.put(base.getAsLong(), p);
            }
        }
        return new Leftovers(segments, files.stream().filter(removed::contains).toList(), swaps);
    }

    /// The segments that the swapped ones stand for.
    private static void removeReplaced(
            Disk disk, List<Path> files, List<Path> swaps, Set<Path> removed) throws IOException {
        long from = Long.MAX_VALUE;
        long to = -1;
        for (Path p : swaps) {
            OptionalLong base = SegmentFiles.baseOffset(p, SegmentFiles.LOG, Suffix.SWAP);
            if (base.isPresent()) {
                from = Math.min(from, base.getAsLong());
                to = Math.max(to, endOf(disk, p, base.getAsLong()));
            }
        }
        for (Path p : files) {
            long base = base(p, Suffix.LIVE);
            if (base >= from && base < to) {
                removed.add(p);
            }
        }
    }

    private static long endOf(Disk disk, Path file, long base) throws IOException {
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            BatchScanner scanner =
                    new BatchScanner(in, 0, in.size(), ByteBuffer.allocate(64 * 1024));
            long end = -1;
            while (scanner.next()) {
                end = scanner.batch().nextOffset();
            }
            return end;
        } catch (dev.lastword.record.CorruptBatchException e) {
            return base; // told when the file itself is read
        }
    }

    /// The base offset of a file of any kind in this state, or `Long.MAX_VALUE`.
    private static long base(Path file, Suffix suffix) {
        for (String kind : SegmentFiles.KINDS) {
            OptionalLong base = SegmentFiles.baseOffset(file, kind, suffix);
            if (base.isPresent()) {
                return base.getAsLong();
            }
        }
        return Long.MAX_VALUE;
    }
}
