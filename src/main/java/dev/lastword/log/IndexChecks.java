package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.Finding.Severity;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Holds a segment's two index files against its batches, which are given one after another: both
/// are read once, in step with the log.
///
/// - `.index`: an entry (offset, position) has a batch at that position, and no batch before it
///   reaches the offset. (Kafka may name the last offset of several batches written at once.)
/// - `.timeindex`: an entry (timestamp, offset) has no batch later than the timestamp up to the
///   offset.
/// - Both ascend. A run of zeros at the end is room taken in advance, as a broker leaves it when
///   killed; it is no entry.
///
/// Only notes are made of the files of a segment that was still active without an orderly stop:
/// they may be half written, and the next start does not look at them.
///
/// Not thread-safe.
final class IndexChecks {
    private final VerifyCounts counts;
    private final Severity severity;
    private final long baseOffset;
    private final Path offsetFile;
    private final Path timeFile;
    private final ByteBuffer offsets;
    private final ByteBuffer times;
    private int offsetAt;
    private int timeAt;
    private long lastOffset;
    private long largestTimestamp = Long.MIN_VALUE;

    private IndexChecks(
            VerifyCounts counts,
            Severity severity,
            long baseOffset,
            Path offsetFile,
            ByteBuffer offsets,
            Path timeFile,
            ByteBuffer times) {
        this.counts = counts;
        this.severity = severity;
        this.baseOffset = baseOffset;
        this.offsetFile = offsetFile;
        this.offsets = offsets;
        this.timeFile = timeFile;
        this.times = times;
        this.lastOffset = baseOffset - 1;
    }

    /// Opens the two files; one that is missing has no entries to check.
    ///
    /// @param closed whether they should be there
    /// @param torn whether they may be half written
    static IndexChecks open(
            Disk disk, VerifyCounts counts, long baseOffset, Path log, boolean closed, boolean torn)
            throws IOException {
        Severity severity = torn ? Severity.NOTE : Severity.PROBLEM;
        Path offsetFile = beside(log, SegmentFiles.INDEX);
        Path timeFile = beside(log, SegmentFiles.TIME_INDEX);
        return new IndexChecks(
                counts,
                severity,
                baseOffset,
                offsetFile,
                entries(disk, counts, severity, offsetFile, OffsetIndex.ENTRY_BYTES, closed),
                timeFile,
                entries(disk, counts, severity, timeFile, TimeIndex.ENTRY_BYTES, closed));
    }

    private static Path beside(Path log, String kind) {
        String name = String.valueOf(log.getFileName());
        return log.resolveSibling(
                name.substring(0, 20) + kind + name.substring(20 + SegmentFiles.LOG.length()));
    }

    private static ByteBuffer entries(
            Disk disk,
            VerifyCounts counts,
            Severity severity,
            Path file,
            int entryBytes,
            boolean closed)
            throws IOException {
        if (!disk.exists(file)) {
            if (closed) {
                counts.tell(Finding.note(file, "is missing; the next start makes it again"));
            }
            return ByteBuffer.allocate(0);
        }
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            ByteBuffer map = in.map();
            int size = map.capacity();
            if (size % entryBytes != 0) {
                counts.tell(
                        new Finding(
                                severity,
                                file,
                                -1,
                                -1,
                                "has " + size + " bytes, which is no multiple of " + entryBytes));
            }
            int entries = size / entryBytes;
            while (entries > 1 && isZero(map, (entries - 1) * entryBytes, entryBytes)) {
                entries--;
            }
            if (entries == 1 && size > entryBytes && isZero(map, 0, entryBytes)) {
                entries = 0;
            }
            return map.slice(0, entries * entryBytes);
        }
    }

    private static boolean isZero(ByteBuffer map, int at, int length) {
        for (int i = at; i < at + length; i++) {
            if (map.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /// The next batch of the log.
    void batch(long position, RecordBatch batch) {
        while (hasOffset() && entryPosition() <= position) {
            if (entryPosition() < position) {
                problem("points at byte %d, where no batch begins", entryPosition());
            } else if (entryOffset() <= lastOffset) {
                problem("offset %d lies before the batch it points at", entryOffset());
            }
            nextOffsetEntry();
        }
        while (hasTime() && timeOffset() < batch.lastOffset()) {
            checkTime();
        }
        lastOffset = batch.lastOffset();
        largestTimestamp = Math.max(largestTimestamp, batch.maxTimestamp());
    }

    /// Bytes of the log that are no batch: what points into them cannot be judged.
    void damage(long end) {
        while (hasOffset() && entryPosition() < end) {
            nextOffsetEntry();
        }
    }

    /// The log is at its end.
    void end() {
        while (hasOffset()) {
            problem("points at byte %d, where no batch begins", entryPosition());
            nextOffsetEntry();
        }
        while (hasTime()) {
            checkTime();
        }
    }

    private void nextOffsetEntry() {
        int position = entryPosition();
        long offset = entryOffset();
        offsetAt += OffsetIndex.ENTRY_BYTES;
        if (hasOffset() && (entryPosition() <= position || entryOffset() <= offset)) {
            problem("does not ascend after offset %d", offset);
            offsetAt = offsets.capacity(); // the rest would only repeat it
        }
    }

    private void checkTime() {
        long timestamp = times.getLong(timeAt);
        long offset = timeOffset();
        if (largestTimestamp > timestamp) {
            tell(
                    timeFile,
                    timeAt,
                    "says that nothing up to offset "
                            + offset
                            + " is later than "
                            + timestamp
                            + ", but there is "
                            + largestTimestamp);
        }
        timeAt += TimeIndex.ENTRY_BYTES;
        if (hasTime() && (times.getLong(timeAt) <= timestamp || timeOffset() < offset)) {
            tell(timeFile, timeAt, "does not ascend after timestamp " + timestamp);
            timeAt = times.capacity();
        }
    }

    private boolean hasOffset() {
        return offsetAt < offsets.capacity();
    }

    private int entryPosition() {
        return offsets.getInt(offsetAt + Integer.BYTES);
    }

    private long entryOffset() {
        return baseOffset + offsets.getInt(offsetAt);
    }

    private boolean hasTime() {
        return timeAt < times.capacity();
    }

    private long timeOffset() {
        return baseOffset + times.getInt(timeAt + Long.BYTES);
    }

    private void problem(String what, long number) {
        tell(offsetFile, offsetAt, String.format(java.util.Locale.ROOT, what, number));
    }

    private void tell(Path file, int at, String what) {
        counts.tell(new Finding(severity, file, at, -1, what));
    }
}
