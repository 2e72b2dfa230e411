package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What rolls that failed left in a folder of ours: empty segment files, which were made and never
/// became part of the log. The segment before goes on beyond their base offsets.
///
/// An empty file that is not the last is one of these. The last may be the active segment; it is,
/// if the log noted so ([PartitionLog#ACTIVE_BASE]), and else if no record in the segment before
/// reaches its base offset. The recovery point does not tell: it may have been there before the
/// roll.
final class FailedRolls {
    private FailedRolls() {}

    /// The base offsets of such files; nothing is changed.
    ///
    /// @param segments base offsets of a folder's segments and their `.log` files
    /// @param activeBase base offset of a segment that is known to have been active, or -1
    static List<Long> leftBehind(Disk disk, NavigableMap<Long, Path> segments, long activeBase)
            throws IOException {
        List<Long> left = new ArrayList<>();
        NavigableMap<Long, Path> rest = new TreeMap<>();
        for (Map.Entry<Long, Path> s : segments.entrySet()) {
            if (sizeOf(disk, s.getValue()) == 0 && !s.getKey().equals(segments.lastKey())) {
                left.add(s.getKey());
            } else {
                rest.put(s.getKey(), s.getValue());
            }
        }
        if (rest.size() > 1) {
            Map.Entry<Long, Path> last = rest.lastEntry();
            Map.Entry<Long, Path> before = rest.lowerEntry(last.getKey());
            if (last.getKey() != activeBase
                    && sizeOf(disk, last.getValue()) == 0
                    && reaches(disk, before.getValue(), before.getKey(), last.getKey())) {
                left.add(last.getKey());
            }
        }
        return left;
    }

    /// Whether a segment holds a whole batch with an offset from there on, damaged ones stepped
    /// over.
    private static boolean reaches(Disk disk, Path log, long base, long offset) throws IOException {
        try (DiskFile file = disk.open(log, OpenMode.READ)) {
            BatchWalk walk = new BatchWalk(file, base);
            BatchWalk.Step step = walk.next();
            while (step != BatchWalk.Step.END) {
                if (step == BatchWalk.Step.BATCH && walk.batch().lastOffset() >= offset) {
                    return true;
                }
                step = walk.next();
            }
            return false;
        }
    }

    private static long sizeOf(Disk disk, Path file) throws IOException {
        try (DiskFile f = disk.open(file, OpenMode.READ)) {
            return f.size();
        }
    }
}
