package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.SegmentFiles.Suffix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// The files of one partition that nothing runs on, whoever wrote them. Stateless.
public final class ClosedPartition {
    private ClosedPartition() {}

    /// Brings the directory from whatever an interrupted cleaning left to the old or the new
    /// segments, durably.
    public static void recover(Disk disk, Path directory) throws IOException {
        disk.syncDirectory(directory); // what a killed process left is seen, perhaps not durable
        SegmentRenames.recover(disk, directory);
    }

    /// Whether [#recover] has a swap to complete or to undo.
    public static boolean isInterrupted(Disk disk, Path directory) throws IOException {
        for (Path p : disk.list(directory)) {
            if (SegmentFiles.has(p, Suffix.CLEANED) || SegmentFiles.has(p, Suffix.SWAP)) {
                return true;
            }
        }
        return false;
    }

    /// The segments, ascending; the last is the active one.
    public static List<ClosedSegment> segments(Disk disk, Path directory) throws IOException {
        List<ClosedSegment> segments = new ArrayList<>();
        for (Path p : disk.list(directory)) {
            OptionalLong base = SegmentFiles.baseOffset(p, SegmentFiles.LOG, Suffix.LIVE);
            if (base.isPresent()) {
                long b = base.getAsLong();
                segments.add(
                        new ClosedSegment(
                                b,
                                directory,
                                sizeOf(disk, p),
                                sizeOf(disk, file(directory, b, SegmentFiles.INDEX)),
                                sizeOf(disk, file(directory, b, SegmentFiles.TIME_INDEX))));
            }
        }
        return segments;
    }

    private static Path file(Path directory, long base, String kind) {
        return SegmentFiles.file(directory, base, kind, Suffix.LIVE);
    }

    private static long sizeOf(Disk disk, Path file) throws IOException {
        if (!disk.exists(file)) {
            return 0;
        }
        try (DiskFile f = disk.open(file, OpenMode.READ)) {
            return f.size();
        }
    }
}
