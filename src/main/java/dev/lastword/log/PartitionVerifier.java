package dev.lastword.log;

import dev.lastword.index.KeyHasher;
import dev.lastword.io.Disk;
import dev.lastword.log.Finding.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Checks a partition's folder: what a crash left in it, each segment ([SegmentVerifier]), and that
/// the segments follow one another. Where a start would complete or undo a swap of segments, the
/// segments that it would leave are the ones checked.
///
/// Not thread-safe.
final class PartitionVerifier {
    private final Disk disk;
    private final VerifyCounts counts;
    private final Path folder;
    private final @Nullable Own own;
    private final @Nullable KeyHistory keys;
    private long endOffset;
    private long activeBytes;

    /// What our own files say of a partition.
    ///
    /// @param hasher the hash of its keys
    /// @param recoveryPoint everything below was flushed
    /// @param activeBase base offset of a segment that was active, or -1
    /// @param cleanEnd where an orderly stop left it, null without one
    /// @param config its topic's settings
    record Own(
            KeyHasher hasher,
            long recoveryPoint,
            long activeBase,
            Recovery.@Nullable CleanEnd cleanEnd,
            TopicConfig config) {}

    /// @param own null for a folder that is not ours
    PartitionVerifier(Disk disk, VerifyCounts counts, Path folder, @Nullable Own own) {
        this.disk = disk;
        this.counts = counts;
        this.folder = folder;
        this.own = own;
        this.keys =
                own == null
                        ? null
                        : new KeyHistory(own.hasher(), own.config().compactionStrategy());
    }

    void run() throws IOException {
        counts.partition();
        Leftovers leftovers = Leftovers.of(disk, folder);
        tell(leftovers);
        List<Long> leftBehind =
                own == null
                        ? List.of()
                        : FailedRolls.leftBehind(disk, leftovers.segments(), own.activeBase());
        List<Map.Entry<Long, Path>> segments = new ArrayList<>();
        for (Map.Entry<Long, Path> log : leftovers.segments().entrySet()) {
            if (leftBehind.contains(log.getKey())) {
                counts.tell(
                        Finding.note(
                                log.getValue(),
                                "is left of a roll that failed; the next start deletes it"));
            } else {
                segments.add(log);
            }
        }
        for (int i = 0; i < segments.size(); i++) {
            long base = segments.get(i).getKey();
            long nextBase = i + 1 < segments.size() ? segments.get(i + 1).getKey() : -1;
            segment(segments.get(i).getValue(), base, nextBase, i == 0);
        }
    }

    /// Behind the last record.
    long endOffset() {
        return endOffset;
    }

    /// Size of the last segment's file.
    long activeBytes() {
        return activeBytes;
    }

    /// The keys, where they were to be checked.
    @Nullable KeyHistory keys() {
        return keys;
    }

    private void tell(Leftovers leftovers) throws IOException {
        long replaced = 0;
        for (Path p : leftovers.removed()) {
            if (SegmentFiles.has(p, SegmentFiles.Suffix.DELETED)) {
                replaced++;
            } else {
                counts.tell(
                        Finding.note(
                                p,
                                "is left of a cleaning that stopped; the next start deletes it"));
            }
        }
        if (replaced > 0) {
            counts.tell(
                    Finding.note(
                            folder,
                            replaced
                                    + " files of replaced segments are left; the next start"
                                    + " deletes them"));
        }
        for (Path p : leftovers.completed()) {
            counts.tell(
                    Finding.note(p, "is of a finished cleaning; the next start puts it in place"));
        }
        for (Path p : disk.list(folder)) {
            for (String kind : List.of(SegmentFiles.INDEX, SegmentFiles.TIME_INDEX)) {
                var base = SegmentFiles.baseOffset(p, kind, SegmentFiles.Suffix.LIVE);
                if (base.isPresent()
                        && !leftovers.segments().containsKey(base.getAsLong())
                        && !leftovers.removed().contains(p)) {
                    counts.tell(Finding.note(p, "is the index of no segment"));
                }
            }
            if (own != null && SegmentFiles.baseOffset(p).isEmpty()) {
                counts.tell(Finding.note(p, "is no file of a log"));
            }
        }
    }

    private void segment(Path file, long base, long nextBase, boolean first) throws IOException {
        SegmentVerifier segment = new SegmentVerifier(disk, counts, file, base, nextBase, keys);
        segment.run(nextBase < 0 ? tornTail() : null);
        activeBytes = segment.sizeBytes();
        if (activeBytes == 0 && nextBase >= 0) {
            counts.tell(Finding.note(file, "is empty"));
            return;
        }
        if (own != null
                && !first
                && base > endOffset
                && base - endOffset < MirroredRecords.SPAN_MAX) {
            counts.tell(
                    new Finding(
                            Severity.PROBLEM,
                            file,
                            -1,
                            endOffset,
                            "begins at offset "
                                    + base
                                    + ", but the segment before ends at "
                                    + endOffset
                                    + ": one is missing"));
        }
        endOffset = segment.nextOffset();
    }

    private SegmentVerifier.@Nullable TornTail tornTail() {
        if (own == null || own.cleanEnd() != null) {
            return null;
        }
        return new SegmentVerifier.TornTail(
                own.recoveryPoint(), SegmentScan.unflushedBytesMax(own.config()));
    }
}
