package dev.lastword.cleaner.offline;

import dev.lastword.cleaner.offline.OfflineProgress.Phase;
import dev.lastword.cleaner.offline.RefusedException.Reason;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.ClosedPartition;
import dev.lastword.log.ClosedSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// Cleans one closed partition directory, written by Lastword or by a Kafka broker, in two readings
/// with one thread: [Decision] finds out what is superseded, [Copy] writes what stays.
///
/// Cleaned are the segments from the one that holds the log start offset on, up to the first that
/// is active, holds an offset that is not final (an open transaction, the high watermark), or has a
/// record younger than `min.compaction.lag.ms`. Segments wholly below the log start offset stay as
/// they are: the broker removes them.
///
/// All that is to be cleaned is read and checked before anything is changed. A crash at any moment
/// leaves each group of segments as it was or cleaned; the next run completes an interrupted swap
/// and cleans the rest.
///
/// Stateless.
public final class OfflineCleaner {
    private static final int BUFFER_BYTES = 256 * 1024;

    private OfflineCleaner() {}

    /// Cleans the directory of one partition, `<log directory>/<topic>-<partition>`.
    ///
    /// @throws RefusedException if it is in use, was not closed in order, or holds what cannot be
    ///   read; nothing has changed
    /// @throws IOException if the disk fails; the same call again finishes the work
    public static OfflineResult clean(
            Disk disk, Path partitionDirectory, OfflineOptions options, OfflineProgress progress)
            throws IOException {
        PartitionName name = PartitionName.of(partitionDirectory);
        if (name == null || !disk.isDirectory(partitionDirectory)) {
            throw new RefusedException(
                    Reason.NOT_A_PARTITION,
                    partitionDirectory + " is not a directory named <topic>-<partition>.");
        }
        try (PartitionHome home = PartitionHome.open(disk, partitionDirectory, name)) {
            if (!options.dryRun()) {
                ClosedPartition.recover(disk, partitionDirectory);
            } else if (ClosedPartition.isInterrupted(disk, partitionDirectory)) {
                throw new RefusedException(
                        Reason.NOT_CLOSED_CLEANLY,
                        partitionDirectory
                                + " holds the rest of an interrupted cleaning. Clean it once without"
                                + " dry run.");
            }
            List<ClosedSegment> segments = ClosedPartition.segments(disk, partitionDirectory);
            if (segments.isEmpty()) {
                throw new RefusedException(
                        Reason.NOT_A_PARTITION, partitionDirectory + " holds no segment.");
            }
            return clean(disk, segments, home, options, progress);
        }
    }

    private static OfflineResult clean(
            Disk disk,
            List<ClosedSegment> segments,
            PartitionHome home,
            OfflineOptions options,
            OfflineProgress progress)
            throws IOException {
        int from = holding(segments, home.logStartOffset());
        int limit = limit(disk, segments, from, home.highWatermark(), options);
        long start = System.nanoTime();
        Ticker reading = new Ticker(progress, Phase.DECIDE, bytes(segments.subList(from, limit)));
        Decision.Outcome found = new Decision(disk, segments, from, limit, options, reading).run();
        reading.finish();
        long decided = System.nanoTime();

        int end = from + found.plans().size();
        long endOffset = segments.get(end).baseOffset();
        long bytesBefore = bytes(segments.subList(from, end));
        Ticker writing = new Ticker(progress, Phase.COPY, bytesBefore);
        Copy copy = new Copy(disk, options, found, home, endOffset, writing);
        copy.run();
        if (!options.dryRun() && end > from) {
            home.cleaned(endOffset, options.nowMs());
        }
        writing.finish();
        return new OfflineResult(
                segments.get(from).baseOffset(),
                endOffset,
                end - from,
                copy.counts.segmentsAfter,
                bytesBefore,
                copy.counts.bytesAfter,
                copy.counts.recordsRead,
                copy.counts.recordsKept,
                found.superseded(),
                copy.counts.tombstonesDropped,
                copy.counts.aborted,
                found.withoutKey(),
                copy.counts.tombstonesKept,
                found.keys(),
                decided - start,
                System.nanoTime() - decided);
    }

    private static long bytes(List<ClosedSegment> segments) {
        return segments.stream().mapToLong(ClosedSegment::sizeBytes).sum();
    }

    /// The segment whose range the offset falls into, or the first.
    private static int holding(List<ClosedSegment> segments, long offset) {
        int i = 0;
        while (i + 1 < segments.size() && segments.get(i + 1).baseOffset() <= offset) {
            i++;
        }
        return i;
    }

    /// Behind the last segment that may be cleaned, as far as can be said without looking at
    /// transactions.
    private static int limit(
            Disk disk,
            List<ClosedSegment> segments,
            int from,
            long highWatermark,
            OfflineOptions options)
            throws IOException {
        int limit = Math.max(from, Math.min(segments.size() - 1, holding(segments, highWatermark)));
        if (options.minCompactionLagMs() > 0) {
            long youngest = options.nowMs() - options.minCompactionLagMs();
            for (int i = from; i < limit; i++) {
                if (largestTimestamp(disk, segments.get(i)) > youngest) {
                    return i;
                }
            }
        }
        return limit;
    }

    private static long largestTimestamp(Disk disk, ClosedSegment segment) throws IOException {
        long largest = -1;
        try (DiskFile file = disk.open(segment.log(), OpenMode.READ)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            BatchScanner scanner = new BatchScanner(file, 0, segment.sizeBytes(), buffer);
            while (scanner.next()) {
                largest = Math.max(largest, scanner.batch().maxTimestamp());
            }
        }
        return largest;
    }
}
