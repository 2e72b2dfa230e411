package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.Checkpoint.Cut;
import dev.lastword.log.Checkpoint.SegmentImage;
import dev.lastword.log.CleaningState.Swap;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Takes up a log where a [Checkpoint] left it, so that only what is behind its cut is read.
///
/// A segment that begins below the cut is *known* if the checkpoint describes it, the file still is
/// that one (size, last batch's CRC), and no swap was going on in its range at the cut or later
/// ([CleaningState]). Known segments are not read; damage in them is found when somebody reads or
/// cleans them. Swapped ones are read, each alone: for their indexes first, and at the end to count
/// what of them is dead by the key index, which by then is as it must be. If anything else does not
/// fit, the checkpoint is not believed.
///
/// *Counts are exact.* Facts of known segments are those at the cut; records behind the cut are
/// learnt as if they were just written, so that each counts what it supersedes once. If the record
/// that superseded first is gone, a later one is there and counts the same; if that one was a
/// tombstone and is gone as well, so is what it superseded.
///
/// *Entries that do not stand.* A key whose tombstone was dropped after the cut may still be in the
/// checkpoint. So if a swap dropped tombstones, an entry that points into a swapped segment stands
/// only if that still has the record; and none stands that points below the first segment.
final class Resumption {
    private static final int BUFFER_BYTES = 1 << 20;

    private final PartitionLog log;
    private final Disk disk;
    private final Recovery recovery;
    private final Cut cut;
    private final Checkpoint checkpoint;
    private final List<Swap> swaps;
    private final Map<Long, SegmentImage> images = new HashMap<>();
    private final List<Segment> swapped = new ArrayList<>();
    private final KeyHash hash = new KeyHash();
    private final @Nullable OffsetList found;
    private @Nullable CheckpointPages pages;

    Resumption(PartitionLog log, Recovery recovery, Checkpoint checkpoint) {
        this.log = log;
        this.disk = log.disk();
        this.recovery = recovery;
        this.checkpoint = checkpoint;
        this.cut = checkpoint.cut();
        this.swaps = log.cleaning().swapsSince(cut.swaps());
        this.found = swaps.stream().anyMatch(Swap::droppedTombstones) ? new OffsetList() : null;
        cut.segments().forEach(s -> images.put(s.baseOffset(), s));
    }

    Cut cut() {
        return cut;
    }

    /// Whether segments were swapped since the cut, or dropped.
    boolean hasChanged(List<Segment> segments) {
        return !swaps.isEmpty() || segments.getFirst().baseOffset() != cut.startOffset();
    }

    /// The source of the key index.
    @Nullable CheckpointPages pages() {
        return pages;
    }

    /// Opens the segments that begin below the cut.
    ///
    /// @param bases of all segments on disk
    /// @param segments takes them
    /// @return whether the checkpoint is of this log; if not, what was opened is still there
    boolean open(List<Long> bases, List<Segment> segments) throws IOException {
        long activeBase = cut.segments().getLast().baseOffset();
        if (bases.isEmpty()
                || bases.getLast() < activeBase
                || cut.versioned() != log.index().isVersioned()
                || cut.hashCheck() != Checkpointing.hashCheck(log.hasher())
                || !log.cleaning().mayKnow(cut.swaps())) {
            return false;
        }
        for (int i = 0; i < bases.size() && bases.get(i) < cut.endOffset(); i++) {
            long nextBase = i + 1 < bases.size() ? bases.get(i + 1) : -1;
            Segment s = open(bases.get(i), nextBase);
            if (s == null) {
                return false;
            }
            boolean follows =
                    segments.isEmpty() || segments.getLast().nextOffset() == s.baseOffset();
            segments.add(s);
            if (!follows || log.state() != PartitionState.ONLINE) {
                return false;
            }
        }
        return segments.isEmpty() || segments.getLast().nextOffset() >= cut.endOffset();
    }

    @SuppressWarnings("ReferenceEquality") // the very image that stands last
    private @Nullable Segment open(long base, long nextBase) throws IOException {
        SegmentImage image = images.get(base);
        boolean active = base == cut.segments().getLast().baseOffset();
        long end = image == null ? nextBase : image.nextOffset();
        if (swaps.stream().anyMatch(s -> s.touches(base, Math.max(end, nextBase)))) {
            return nextBase < 0 ? null : read(base, nextBase);
        }
        if (image == null || !isThere(image, active)) {
            return null;
        }
        if (active) {
            OffsetIndex offsets = OffsetIndex.of(cut.active().offsets());
            TimeIndex times = TimeIndex.of(cut.active().times());
            Segment s = Segment.open(disk, log.directory(), base, offsets, times);
            s.restore(image, cut.active());
            return s;
        }
        OffsetIndex offsets;
        try {
            if (!disk.exists(file(base, SegmentFiles.TIME_INDEX))) {
                return read(base, nextBase);
            }
            offsets = OffsetIndex.map(disk, file(base, SegmentFiles.INDEX), image.sizeBytes());
        } catch (IOException e) {
            return read(base, nextBase); // and its indexes are made anew
        }
        Segment s = Segment.open(disk, log.directory(), base, offsets, new TimeIndex());
        s.restore(image);
        s.sealed();
        return s;
    }

    private boolean isThere(SegmentImage image, boolean active) throws IOException {
        try (DiskFile in = disk.open(file(image.baseOffset(), SegmentFiles.LOG), OpenMode.READ)) {
            long size = in.size();
            if (active ? size < image.sizeBytes() : size != image.sizeBytes()) {
                return false;
            }
            return image.sizeBytes() == 0
                    || (BatchScanner.crcAt(in, image.lastBatchAt()) == image.lastBatchCrc()
                            && (!active || isLastBatchWhole(in, image)));
        }
    }

    /// Whether the batch before the cut is undamaged: what follows is judged by where it ends.
    private static boolean isLastBatchWhole(DiskFile in, SegmentImage image) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Group.BATCH_BYTES);
        BatchScanner last = new BatchScanner(in, image.lastBatchAt(), image.sizeBytes(), buffer);
        try {
            if (!last.next()) {
                return false;
            }
            last.batch().ensureValid();
            return last.batch().nextOffset() == image.nextOffset();
        } catch (CorruptBatchException e) {
            return false; // the log is read, and says what is damaged
        }
    }

    private Path file(long base, String kind) {
        return SegmentFiles.file(log.directory(), base, kind, SegmentFiles.Suffix.LIVE);
    }

    private Segment read(long base, long nextBase) throws IOException {
        Segment s = Segment.open(disk, log.directory(), base, new OffsetIndex(), new TimeIndex());
        boolean ok = false;
        try {
            recovery.scanOf(s, nextBase).runWithoutLearning(found);
            recovery.seal(s);
            ok = true;
        } finally {
            if (!ok) {
                s.release();
            }
        }
        swapped.add(s);
        return s;
    }

    /// Fills the key index up to the cut.
    void restoreIndex(long startOffset) throws IOException {
        boolean all = startOffset == 0 && found == null;
        CheckpointPages source =
                new CheckpointPages(checkpoint, all ? null : o -> o >= startOffset && isThere(o));
        source.restore(log.index());
        pages = source;
    }

    private boolean isThere(long offset) {
        return found == null
                || swaps.stream().noneMatch(s -> s.touches(offset, offset + 1))
                || found.contains(offset);
    }

    /// Learns the records behind the cut in the segments that [#open] opened.
    void learn(List<Segment> segments, List<Long> bases) throws IOException {
        for (int i = 0; i < segments.size(); i++) {
            Segment s = segments.get(i);
            SegmentList upTo = new SegmentList(segments.subList(0, i + 1));
            if (swapped.contains(s)) {
                if (s.nextOffset() > cut.endOffset()) {
                    learnRest(s, upTo);
                }
            } else if (s.baseOffset() == cut.segments().getLast().baseOffset()) {
                long nextBase = i + 1 < bases.size() ? bases.get(i + 1) : -1;
                recovery.scanOf(s, nextBase).run(upTo);
            }
        }
    }

    private void learnRest(Segment segment, SegmentList upTo) throws IOException {
        BatchScanner scanner = segment.scanFrom(cut.endOffset(), buffer(segment));
        while (scanner.next()) {
            RecordBatch batch = scanner.batch();
            RecordCursor cursor = batch.cursor();
            while (!batch.isControl() && cursor.next()) {
                if (cursor.keyLength() >= 0 && cursor.offset() >= cut.endOffset()) {
                    log.hasher()
                            .hash(cursor.buffer(), cursor.keyPosition(), cursor.keyLength(), hash);
                    log.learn(
                            hash,
                            cursor.offset(),
                            cursor.isTombstone(),
                            batch.storedBytes(cursor.recordSize()),
                            cursor.timestamp(),
                            log.config().compactionStrategy().version(cursor),
                            batch.deleteHorizonMs(),
                            segment,
                            upTo);
                    segment.facts().noteDeadline(Deadline.of(cursor));
                }
            }
        }
    }

    /// Counts what is dead in the swapped segments; when all is learnt.
    void count() throws IOException {
        for (Segment s : swapped) {
            s.facts().reset();
            log.noteSuperseded(s);
            BatchScanner scanner = s.scanFrom(s.baseOffset(), buffer(s));
            while (scanner.next()) {
                if (!scanner.batch().isControl()) {
                    count(scanner.batch(), s);
                }
            }
        }
    }

    private void count(RecordBatch batch, Segment segment) throws IOException {
        SegmentFacts facts = segment.facts();
        RecordCursor cursor = batch.cursor();
        while (cursor.next()) {
            if (cursor.keyLength() < 0) {
                continue;
            }
            log.hasher().hash(cursor.buffer(), cursor.keyPosition(), cursor.keyLength(), hash);
            long entry = log.index().get(hash);
            if (entry == KeyIndex.ABSENT || KeyIndex.offset(entry) != cursor.offset()) {
                facts.countDead(1, batch.storedBytes(cursor.recordSize()));
                segment.superseded().add(cursor.offset());
            } else {
                facts.noteDeadline(Deadline.of(cursor));
            }
            if (cursor.isTombstone()) {
                facts.countTombstone(cursor.timestamp(), batch.deleteHorizonMs());
            }
        }
    }

    private static ByteBuffer buffer(Segment segment) {
        return Buffers.direct(segment.sizeBytes(), BUFFER_BYTES);
    }

    /// Bytes that were read because of swaps.
    long swappedBytes() {
        return swapped.stream().mapToLong(Segment::sizeBytes).sum();
    }
}
