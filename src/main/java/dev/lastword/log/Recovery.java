package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import dev.lastword.record.UnsupportedCompressionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Turns a partition's folder into segments after any kind of end, and fills the key index from
/// them.
///
/// First an interrupted swap is completed or undone ([SegmentSwap#recover]). Then every batch is
/// read and its CRC checked. What a damaged batch means depends on where it is:
/// - in the last segment, above the recovery point, with no valid batch further behind it than one
///   group commit reaches: a write that a crash tore, never acknowledged. The tail is cut there.
/// - anywhere else: corruption. Nothing is cut or deleted; the partition is quarantined, goes on
///   behind the damage, and takes writes in a new segment.
///
/// What is accepted is flushed before it counts as flushed, for it may so far be only in the
/// system's cache.
final class Recovery {
    private static final int SCAN_BYTES = 1 << 20;

    /// What an orderly stop left word of: where the log ended, and how long its last file was.
    ///
    /// @param activeBytes size of the last segment
    record CleanEnd(long endOffset, long activeBytes) {}

    private final PartitionLog log;
    private final Disk disk;
    private final Path directory;
    private final long recoveryPoint;
    private final @Nullable CleanEnd cleanEnd;
    private final List<Segment> segments = new ArrayList<>();
    private final KeyHash hash = new KeyHash();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(SCAN_BYTES);
    private boolean damagedAtEnd;

    Recovery(PartitionLog log, long recoveryPoint, @Nullable CleanEnd cleanEnd) {
        this.log = log;
        this.disk = log.disk();
        this.directory = log.directory();
        this.recoveryPoint = recoveryPoint;
        this.cleanEnd = cleanEnd;
    }

    /// Recovers the partition and starts it.
    void run() throws IOException {
        long startMs = log.nowMs();
        boolean ok = false;
        try {
            disk.createDirectories(directory);
            SegmentSwap.recover(disk, directory);
            List<Long> bases = liveSegments();
            if (!restore(bases)) {
                for (int i = 0; i < bases.size(); i++) {
                    load(bases.get(i), i + 1 < bases.size() ? bases.get(i + 1) : -1);
                }
            }
            finishTail();
            // names that a killed process left are seen, but perhaps not durable yet
            disk.syncDirectory(directory);
            ok = true;
        } finally {
            if (!ok) {
                segments.forEach(Segment::release);
            }
        }
        log.start(segments);
        log.emit(
                new LogEvent.PartitionOpened(
                        log.topic(),
                        log.partition(),
                        log.endOffset(),
                        log.index().keys(),
                        isClean(),
                        log.nowMs() - startMs));
    }

    private boolean isClean() {
        return cleanEnd != null && cleanEnd.endOffset == log.endOffset();
    }

    /// The base offsets of the segments to load; those below the log's start are removed.
    private List<Long> liveSegments() throws IOException {
        TreeSet<Long> bases = new TreeSet<>();
        for (Path p : disk.list(directory)) {
            OptionalLong base =
                    SegmentFiles.baseOffset(p, SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
            if (base.isPresent()) {
                bases.add(base.getAsLong());
            }
        }
        boolean removed = removeOrphans(bases);
        while (bases.size() > 1 && secondOf(bases) <= log.cleaning().startOffset()) {
            remove(bases.removeFirst());
            removed = true;
        }
        List<Long> kept = new ArrayList<>();
        for (long base : bases) {
            Path file =
                    SegmentFiles.file(directory, base, SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
            if (base != bases.last() && sizeOf(file) == 0) {
                remove(base); // left behind by a roll that failed
                removed = true;
            } else {
                kept.add(base);
            }
        }
        if (removed) {
            disk.syncDirectory(directory);
        }
        return kept;
    }

    /// Deletes index files whose segment is gone: a crash came between the renames of its files.
    private boolean removeOrphans(NavigableSet<Long> bases) throws IOException {
        boolean removed = false;
        for (Path p : disk.list(directory)) {
            for (String kind : List.of(SegmentFiles.INDEX, SegmentFiles.TIME_INDEX)) {
                OptionalLong base = SegmentFiles.baseOffset(p, kind, SegmentFiles.Suffix.LIVE);
                if (base.isPresent() && !bases.contains(base.getAsLong())) {
                    disk.delete(p);
                    removed = true;
                }
            }
        }
        return removed;
    }

    private static long secondOf(NavigableSet<Long> bases) {
        Long second = bases.higher(bases.first());
        return second == null ? Long.MAX_VALUE : second;
    }

    private long sizeOf(Path file) throws IOException {
        try (DiskFile f = disk.open(file, OpenMode.READ)) {
            return f.size();
        }
    }

    private void remove(long base) throws IOException {
        for (String kind : SegmentFiles.KINDS) {
            disk.deleteRecursively(
                    SegmentFiles.file(directory, base, kind, SegmentFiles.Suffix.LIVE));
        }
    }

    /// Takes everything from the checkpoint of an orderly stop, so that nothing needs to be read.
    /// False, with nothing changed, where there is none that fits.
    private boolean restore(List<Long> bases) throws IOException {
        if (cleanEnd == null || !disk.exists(log.checkpointFile())) {
            return false;
        }
        try (DiskFile in = disk.open(log.checkpointFile(), OpenMode.READ)) {
            Checkpoint checkpoint = Checkpoint.read(in, cleanEnd.endOffset);
            if (checkpoint == null || !describes(checkpoint, bases)) {
                return false;
            }
            List<Segment> restored = new ArrayList<>();
            for (Checkpoint.SegmentImage image : checkpoint.segments()) {
                Segment s = restore(image, restored.size() == bases.size() - 1);
                if (s == null) {
                    restored.forEach(Segment::release);
                    return false;
                }
                restored.add(s);
            }
            segments.addAll(restored);
            checkpoint.fill(log.index());
            return true;
        }
    }

    private boolean describes(Checkpoint checkpoint, List<Long> bases) throws IOException {
        List<Checkpoint.SegmentImage> images = checkpoint.segments();
        if (images.size() != bases.size()) {
            return false;
        }
        for (int i = 0; i < bases.size(); i++) {
            Path file =
                    SegmentFiles.file(
                            directory, bases.get(i), SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
            if (images.get(i).baseOffset() != bases.get(i)
                    || images.get(i).sizeBytes() != sizeOf(file)) {
                return false;
            }
        }
        return true;
    }

    /// A segment as the checkpoint tells it, or null if one of its index files is not there or not
    /// right.
    private @Nullable Segment restore(Checkpoint.SegmentImage image, boolean active)
            throws IOException {
        long base = image.baseOffset();
        OffsetIndex offsets;
        TimeIndex times;
        try {
            if (active) {
                offsets = OffsetIndex.load(disk, indexFile(base), image.sizeBytes());
                times = TimeIndex.load(disk, timeIndexFile(base));
            } else {
                offsets = OffsetIndex.map(disk, indexFile(base), image.sizeBytes());
                times = new TimeIndex();
            }
        } catch (IOException e) {
            return null; // the log is read instead, and the index built from it
        }
        Segment s = Segment.open(disk, directory, base, offsets, times);
        s.restore(image);
        return s;
    }

    private Path timeIndexFile(long base) {
        return SegmentFiles.file(
                directory, base, SegmentFiles.TIME_INDEX, SegmentFiles.Suffix.LIVE);
    }

    /// Reads one segment from end to end.
    ///
    /// @param nextBase base offset of the next segment, -1 for the last
    private void load(long base, long nextBase) throws IOException {
        Segment previous = segments.isEmpty() ? null : segments.getLast();
        Path logFile =
                SegmentFiles.file(directory, base, SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
        long size = sizeOf(logFile);
        if (previous != null && base < previous.nextOffset()) {
            if (size == 0) {
                remove(base); // left behind by a roll that failed, after which the one before went
                // on
                disk.syncDirectory(directory);
                return;
            }
            log.quarantine(logFile + " begins below the end of the segment before it, " + previous);
        }
        OffsetIndex index = nextBase >= 0 ? readIndex(base, size) : null;
        Segment segment =
                Segment.open(
                        disk,
                        directory,
                        base,
                        index == null ? new OffsetIndex() : index,
                        new TimeIndex());
        segments.add(segment);
        SegmentList soFar = new SegmentList(segments);
        BatchScanner scanner = new BatchScanner(segment.file(), 0, size, buffer);
        while (true) {
            try {
                if (!scanner.next()) {
                    break;
                }
                learn(scanner.batch(), segment, soFar, index != null);
            } catch (CorruptBatchException | UnsupportedCompressionException e) {
                if (!stepOver(segment, scanner, size, nextBase, e)) {
                    break;
                }
            }
        }
        buffer = scanner.buffer();
        if (index == null && nextBase >= 0 && !damagedAtEnd) {
            segment.writeIndexes(disk, SegmentFiles.Suffix.LIVE);
            segment.offsetIndex().switchToMap(disk, indexFile(base));
        }
    }

    private Path indexFile(long base) {
        return SegmentFiles.file(directory, base, SegmentFiles.INDEX, SegmentFiles.Suffix.LIVE);
    }

    private @Nullable OffsetIndex readIndex(long base, long size) {
        try {
            if (!disk.exists(timeIndexFile(base))) {
                return null; // both or none
            }
            return OffsetIndex.map(disk, indexFile(base), size);
        } catch (IOException e) {
            return null; // missing or damaged: it is built again from the segment
        }
    }

    private void learn(RecordBatch batch, Segment segment, SegmentList soFar, boolean indexed)
            throws IOException {
        batch.ensureValid();
        if (batch.baseOffset() < segment.nextOffset()) {
            throw new CorruptBatchException(
                    batch.baseOffset(), "follows offset " + (segment.nextOffset() - 1));
        }
        if (!batch.isControl()) {
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                if (cursor.keyLength() >= 0 && cursor.offset() >= log.cleaning().startOffset()) {
                    log.hasher()
                            .hash(cursor.buffer(), cursor.keyPosition(), cursor.keyLength(), hash);
                    log.learn(
                            hash,
                            cursor.offset(),
                            cursor.isTombstone(),
                            cursor.recordSize(),
                            cursor.timestamp(),
                            batch.deleteHorizonMs(),
                            segment,
                            soFar);
                }
            }
        }
        if (indexed) {
            segment.noteIndexed(batch.lastOffset(), batch.maxTimestamp(), batch.sizeInBytes());
        } else {
            segment.note(batch.lastOffset(), batch.maxTimestamp(), batch.sizeInBytes());
        }
    }

    /// Decides what a damaged batch means. False: the segment ends before it.
    private boolean stepOver(
            Segment segment, BatchScanner scanner, long size, long nextBase, IOException damage)
            throws IOException {
        long at = scanner.position();
        long offset = segment.nextOffset();
        boolean openEnd = nextBase < 0 || offset >= nextBase;
        boolean orderly = cleanEnd != null && cleanEnd.activeBytes == size;
        if (openEnd && offset >= recoveryPoint && !orderly) {
            long reach =
                    Math.max(Appender.GROUP_BYTES_MAX, log.config().maxMessageBytes())
                            + 2L * Group.BATCH_BYTES;
            if (new BatchSearch(segment.file(), size, offset).from(at + reach) < 0) {
                segment.writableFile().truncate(at);
                log.emit(new LogEvent.TailCut(log.topic(), log.partition(), offset, size - at));
                return false;
            }
        }
        log.quarantine(
                "segment "
                        + segment.baseOffset()
                        + " is damaged at byte "
                        + at
                        + ", offset "
                        + offset
                        + ": "
                        + damage.getMessage());
        long resume = new BatchSearch(segment.file(), size, offset).from(at + 1);
        if (resume < 0) {
            segment.skipDamage(size - at);
            damagedAtEnd = nextBase < 0;
            return false;
        }
        segment.skipDamage(resume - at);
        scanner.resumeAt(resume);
        return true;
    }

    /// Makes sure of an active segment that can take writes, and flushes what was accepted.
    private void finishTail() throws IOException {
        long end = recoveryPoint;
        if (cleanEnd != null) {
            end = Math.max(end, cleanEnd.endOffset);
        }
        end = Math.max(end, log.cleaning().startOffset());
        if (!segments.isEmpty()) {
            Segment last = segments.getLast();
            last.writableFile().sync();
            if (last.isEmpty() || log.state() == PartitionState.ONLINE) {
                if (last.nextOffset() < end) {
                    log.quarantine(
                            "the log ends at offset "
                                    + last.nextOffset()
                                    + ", though it was flushed up to "
                                    + end);
                } else {
                    if (!last.isEmpty()) {
                        last.filledSince(Math.max(0, Math.min(last.firstTimestamp(), log.nowMs())));
                    }
                    return;
                }
            }
            end = Math.max(end, last.nextOffset());
            last.writeIndexes(disk, SegmentFiles.Suffix.LIVE);
        } else if (end > log.cleaning().startOffset()) {
            log.quarantine("its files are missing, though it was flushed up to offset " + end);
        }
        if (!segments.isEmpty() && segments.getLast().baseOffset() == end) {
            return;
        }
        segments.add(Segment.create(disk, directory, end, SegmentFiles.Suffix.LIVE));
        disk.syncDirectory(directory);
    }
}
