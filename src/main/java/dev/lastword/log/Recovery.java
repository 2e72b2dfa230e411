package dev.lastword.log;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Turns a partition's folder into segments after any kind of end, and fills the key index from
/// them.
///
/// First an interrupted swap is completed or undone ([SegmentRenames#recover]). Where there is a
/// [Checkpoint] only what it does not tell of is read ([Resumption]): nothing after an orderly
/// stop, the tail after a crash. Without one it is every batch ([SegmentScan], which says what is a
/// torn write and what is corruption).
///
/// What is accepted is written again and flushed before it counts as flushed, for it may so far be
/// only in the system's cache; the same goes for the names in the folder.
final class Recovery {
    /// What an orderly stop left word of: where the log ended, and how long its last file was.
    ///
    /// @param activeBytes size of the last segment
    record CleanEnd(long endOffset, long activeBytes) {}

    private static final int TAIL_PIECE_BYTES = 1 << 20;

    private final PartitionLog log;
    private final Disk disk;
    private final Path directory;
    private final long recoveryPoint;
    private final long activeBase;
    private final @Nullable CleanEnd cleanEnd;

    /// Nothing was read, for an orderly stop left it like this.
    private boolean orderly;

    /// The checkpoint tells all there is.
    private boolean untouched;

    /// Where the key index loads its pages from, if there was a checkpoint.
    private @Nullable CheckpointPages pages;

    /// Bytes that no checkpoint tells of.
    private long tailBytes;

    private final List<Segment> segments = new ArrayList<>();

    /// @param recoveryPoint everything below this offset was flushed
    /// @param activeBase base offset of a segment that is known to have been active, or -1
    Recovery(PartitionLog log, long recoveryPoint, long activeBase, @Nullable CleanEnd cleanEnd) {
        this.log = log;
        this.disk = log.disk();
        this.directory = log.directory();
        this.recoveryPoint = recoveryPoint;
        this.activeBase = activeBase;
        this.cleanEnd = cleanEnd;
    }

    /// Recovers the partition and starts it.
    void run() throws IOException {
        long startMs = log.nowMs();
        boolean ok = false;
        try {
            disk.createDirectories(directory);
            disk.syncDirectory(
                    directory); // what a killed process left is seen, but may not be durable
            SegmentRenames.recover(disk, directory);
            List<Long> bases = liveSegments();
            if (!resume(bases)) {
                for (int i = 0; i < bases.size(); i++) {
                    load(bases.get(i), i + 1 < bases.size() ? bases.get(i + 1) : -1);
                    tailBytes += segments.getLast().sizeBytes();
                }
            }
            finishTail();
            disk.syncDirectory(directory);
            ok = true;
        } finally {
            if (!ok) {
                segments.forEach(Segment::release);
            }
        }
        if (pages != null) {
            pages.rebuildWith((index, wanted) -> {
                IndexRebuild.run(log, index, wanted);
                log.checkpoints().isDamaged();
            });
        }
        log.start(segments, tailBytes, untouched);
        log.cleaning().logEndsAt(log.endOffset());
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

    /// The base offsets of the segments to load.
    private List<Long> liveSegments() throws IOException {
        TreeMap<Long, Path> logs = new TreeMap<>();
        for (Path p : disk.list(directory)) {
            OptionalLong base =
                    SegmentFiles.baseOffset(p, SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
            if (base.isPresent()) {
                logs.put(base.getAsLong(), p);
            }
        }
        boolean removed = removeOrphans(logs.keySet());
        for (long base : FailedRolls.leftBehind(disk, logs, activeBase)) {
            remove(base);
            logs.remove(base);
            removed = true;
        }
        if (removed) {
            disk.syncDirectory(directory);
        }
        return List.copyOf(logs.keySet());
    }

    /// Deletes index files whose segment is gone: a crash came between the renames of its files.
    private boolean removeOrphans(Set<Long> bases) throws IOException {
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

    private void remove(long base) throws IOException {
        for (String kind : SegmentFiles.KINDS) {
            disk.deleteRecursively(
                    SegmentFiles.file(directory, base, kind, SegmentFiles.Suffix.LIVE));
        }
    }

    /// Takes what it can from the checkpoint, so that only the rest is read. False, with nothing
    /// changed, where there is none of this log.
    private boolean resume(List<Long> bases) throws IOException {
        Checkpoint checkpoint = null;
        boolean ok = false;
        try {
            checkpoint = Checkpoint.open(disk, log.checkpoints().file());
            if (checkpoint == null) {
                return false;
            }
            Resumption resumption = new Resumption(log, this, checkpoint);
            ok = resumption.open(bases, segments) && resume(resumption, bases);
            log.checkpoints().found(checkpoint.sizeBytes());
        } catch (IOException | CheckpointPages.DamagedException e) {
            log.emit(
                    new LogEvent.UpkeepFailed(
                            log.topic(),
                            log.partition(),
                            "the checkpoint: " + e + "; the log is read"));
        } finally {
            if (!ok) {
                segments.forEach(Segment::release);
                segments.clear();
                log.index().clear();
                pages = null;
                if (checkpoint != null) {
                    checkpoint.close();
                }
            }
        }
        return ok;
    }

    private boolean resume(Resumption resumption, List<Long> bases) throws IOException {
        resumption.restoreIndex(bases.getFirst());
        pages = resumption.pages();
        int opened = segments.size();
        long known = 0;
        for (Segment s : segments) {
            known += s.sizeBytes();
        }
        resumption.learn(List.copyOf(segments), bases);
        for (int i = opened; i < bases.size(); i++) {
            load(bases.get(i), i + 1 < bases.size() ? bases.get(i + 1) : -1);
        }
        resumption.count();
        tailBytes = resumption.swappedBytes() - known;
        for (Segment s : segments) {
            tailBytes += s.sizeBytes();
        }
        boolean atEnd = segments.getLast().nextOffset() == resumption.cut().endOffset();
        untouched = atEnd && !resumption.hasChanged(segments);
        orderly =
                atEnd
                        && cleanEnd != null
                        && cleanEnd.endOffset == resumption.cut().endOffset()
                        && cleanEnd.activeBytes == segments.getLast().sizeBytes();
        return true;
    }

    /// Reads one segment from end to end.
    ///
    /// @param nextBase base offset of the next segment, -1 for the last
    private void load(long base, long nextBase) throws IOException {
        Segment previous = segments.isEmpty() ? null : segments.getLast();
        if (previous != null
                && base != previous.nextOffset()
                && base - previous.nextOffset() < MirroredRecords.SPAN_MAX) {
            log.quarantine(
                    "the segment after "
                            + previous
                            + " begins at "
                            + base
                            + ": one is missing or too many");
        }
        if (previous != null) {
            seal(previous);
        }
        Segment segment = Segment.open(disk, directory, base, new OffsetIndex(), new TimeIndex());
        segments.add(segment);
        log.noteSuperseded(segment);
        scanOf(segment, nextBase).run(new SegmentList(segments));
    }

    /// What reads of a segment what it does not know yet.
    ///
    /// @param nextBase base offset of the next segment, -1 for the last
    SegmentScan scanOf(Segment segment, long nextBase) {
        return new SegmentScan(log, segment, nextBase, recoveryPoint, cleanEnd);
    }

    /// Writes the index files of a closed segment unless they are there and right. They take the
    /// place of others by renaming: a crash leaves none that is half written, and a log that is
    /// being reopened keeps the ones it has mapped.
    void seal(Segment segment) throws IOException {
        if (segment.isSealed()) {
            return;
        }
        if (!segment.hasIndexFiles(disk)) {
            segment.writeIndexes(disk, SegmentFiles.Suffix.CLEANED);
            for (String kind : List.of(SegmentFiles.INDEX, SegmentFiles.TIME_INDEX)) {
                disk.rename(
                        segment.path(kind, SegmentFiles.Suffix.CLEANED),
                        segment.path(kind, SegmentFiles.Suffix.LIVE));
            }
        }
        segment.seal(disk);
    }

    /// Writes what is above the recovery point once more, byte for byte. After a failed flush the
    /// system may go on serving pages that it never wrote, and take them for clean; only written
    /// again are they flushed.
    private void writeTailAgain(Segment last) throws IOException {
        long relative = Math.clamp(recoveryPoint - last.baseOffset(), 0, Integer.MAX_VALUE);
        long at = last.offsetIndex().floorPosition((int) relative);
        ByteBuffer piece = Buffers.direct(last.sizeBytes() - at, TAIL_PIECE_BYTES);
        while (at < last.sizeBytes()) {
            piece.clear().limit((int) Math.min(piece.capacity(), last.sizeBytes() - at));
            last.file().readFully(piece, at);
            int count = piece.flip().remaining();
            last.writableFile().write(piece, at);
            at += count;
        }
    }

    /// Makes sure of an active segment that can take writes, and flushes what was accepted.
    private void finishTail() throws IOException {
        long end = recoveryPoint;
        if (cleanEnd != null) {
            end = Math.max(end, cleanEnd.endOffset);
        }
        if (!segments.isEmpty()) {
            Segment last = segments.getLast();
            if (!orderly) {
                writeTailAgain(last);
            }
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
            seal(last);
        } else if (end > 0) {
            log.quarantine("its files are missing, though it was flushed up to offset " + end);
        }
        if (!segments.isEmpty() && segments.getLast().baseOffset() == end) {
            return;
        }
        Segment fresh = Segment.create(disk, directory, end, SegmentFiles.Suffix.LIVE);
        segments.add(fresh);
        log.noteSuperseded(fresh);
        disk.syncDirectory(directory);
    }
}
