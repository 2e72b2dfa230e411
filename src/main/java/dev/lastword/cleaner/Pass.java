package dev.lastword.cleaner;

import dev.lastword.cleaner.PassControl.StoppedException;
import dev.lastword.io.DiskFile;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.LogException;
import dev.lastword.log.OffsetSet;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Segment;
import dev.lastword.log.SegmentSwap;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

/// One ordered pass over the cleanable segments of a partition, oldest first, group by group; each
/// group of chosen ones ([Choice]) is read once and replaced by what is left of it.
///
/// A record stays iff it is the latest of its key. Which ones are not was noted when their
/// successors were learnt ([SegmentSwap#takeSuperseded]); where it was not, the key index is asked.
/// A swap begins with a flush of all that is written, so that no record goes because of one that a
/// crash could still take away (I4).
///
/// How far each segment is clean is known ([dev.lastword.log.SegmentFacts]), and each group's swap
/// is durable before the next group is begun. So
/// - a tombstone's batch gets its delete horizon, now + `delete.retention.ms` (KIP-534: in the
///   batch header, never moved), when all segments before its group are clean past it, so that
///   every older record of its key is durably gone or goes in the same swap;
/// - a tombstone whose horizon has passed goes if that is still so, and nothing it hid comes back
///   (I5). Its key leaves the index after the swap, unless it was written again.
///
/// Which record of a key is the latest may be a matter of versions, so that a record can be
/// superseded by one at a lower offset; why the rule for tombstones holds then too is said at
/// [dev.lastword.log.CompactionStrategy].
///
/// Every batch's CRC is checked before anything of it is copied (I9); a damaged one quarantines the
/// partition.
///
/// For one thread, which holds the partition's maintenance lock.
final class Pass {
    /// Small enough that what was read is still in the processor's cache when it is looked at,
    /// large enough for a [Window] of small records.
    private static final int BUFFER_BYTES = 768 << 10;

    private static final int BUFFER_BYTES_MIN = 4096;
    private static final int FORGET_AT_ONCE = 4096;

    private final PartitionLog log;
    private final PassControl control;
    private final long nowMs;
    private final Window window = new Window();

    /// Of the batch at work, whose record 0 is number 0.
    private final BitSet retained = new BitSet();

    private final RecordBatch rewritten = new RecordBatch();
    private final BatchWriter writer = new BatchWriter();
    private ByteBuffer input = ByteBuffer.allocateDirect(0);
    private ByteBuffer scratch = ByteBuffer.allocateDirect(0);

    /// All segments before the group at work are durably clean up to this offset.
    private long cleanBefore = Long.MAX_VALUE;

    private long bytesRead;
    private long bytesWritten;
    private long tombstonesDropped;
    private long deadDropped;
    private long highestTombstoneDropped;
    private long tombstonesForgotten;

    Pass(PartitionLog log, PassControl control, long nowMs) {
        this.log = log;
        this.control = control;
        this.nowMs = nowMs;
    }

    /// Cleans these segments, which are the log's first ones.
    ///
    /// @throws StoppedException if the partition is not online, or the topic not compacted
    PassResult run(List<Segment> segments, Choice choice) throws IOException, StoppedException {
        checkOpen();
        long before = 0;
        for (Segment s : segments) {
            before += s.sizeBytes();
        }
        input = ByteBuffer.allocateDirect(Math.clamp(before, BUFFER_BYTES_MIN, BUFFER_BYTES));
        long after = 0;
        for (List<Segment> group : Grouping.of(segments, log.config().segmentBytes(), choice)) {
            long size = 0;
            boolean work = group.size() > 1;
            for (Segment s : group) {
                size += s.sizeBytes();
                work |= choice.takes(s);
            }
            if (work) {
                after += rewrite(group);
            } else {
                cleanBefore = Math.min(cleanBefore, cleanedTo(group.getFirst()));
                after += size;
                control.bytesDone.addAndGet(size);
            }
            checkOpen();
        }
        long upTo = segments.isEmpty() ? log.startOffset() : segments.getLast().nextOffset();
        log.cleaning().cleaned(upTo, nowMs);
        return new PassResult(
                upTo,
                before,
                after,
                bytesRead,
                bytesWritten,
                control.recordsRead.get(),
                control.recordsKept.get(),
                tombstonesDropped);
    }

    /// Up to where a segment that is not rewritten is clean: one without garbage is so as far as
    /// anything is flushed.
    private long cleanedTo(Segment s) {
        long flushed = log.flushedOffset(); // before the count, which by then has all below it
        if (s.facts().deadRecords() == 0) {
            s.facts().cleanedTo(Math.max(flushed, s.facts().cleanedTo()));
        }
        return s.facts().cleanedTo();
    }

    private void checkOpen() throws StoppedException {
        if (log.state() != PartitionState.ONLINE || !log.config().compacts()) {
            throw new StoppedException();
        }
    }

    /// Replaces a group; returns the size of what is left.
    private long rewrite(List<Segment> group) throws IOException, StoppedException {
        int held = 0;
        try {
            for (Segment s : group) {
                if (!s.tryRetain()) {
                    throw new StoppedException(); // the log was closed
                }
                held++;
            }
            long cleanTo = log.flushedOffset();
            deadDropped = 0;
            highestTombstoneDropped = -1;
            tombstonesForgotten = 0;
            long droppedBefore = tombstonesDropped;
            long size;
            try (SegmentSwap swap = log.beginSwap(group)) {
                for (Segment s : group) {
                    filter(s, s == group.getLast(), swap);
                }
                control.rest();
                checkOpen();
                size = swap.sizeBytes();
                boolean forget = highestTombstoneDropped >= 0;
                swap.commit(
                        deadDropped,
                        highestTombstoneDropped,
                        cleanTo,
                        () -> {
                            if (forget) {
                                forgetTombstones(group);
                                long dropped = tombstonesDropped - droppedBefore;
                                swap.uncountDead(dropped - tombstonesForgotten);
                            }
                        });
                cleanBefore = Math.min(cleanBefore, cleanTo);
            }
            bytesWritten += size;
            return size;
        } catch (LogException.Closed e) {
            throw new StoppedException();
        } finally {
            for (int i = 0; i < held; i++) {
                group.get(i).release();
            }
        }
    }

    private void filter(Segment segment, boolean lastOfGroup, SegmentSwap swap)
            throws IOException, StoppedException {
        OffsetSet superseded = swap.takeSuperseded(segment);
        BatchScanner scanner = segment.scanFrom(segment.baseOffset(), input);
        try {
            if (superseded == null) {
                filterByIndex(segment, scanner, lastOfGroup, swap);
            } else {
                filterByNotes(segment, superseded, scanner, lastOfGroup, swap);
            }
        } catch (CorruptBatchException e) {
            log.quarantine(segment, scanner.position(), e);
            throw e;
        } finally {
            input = scanner.buffer();
        }
    }

    private void filterByIndex(
            Segment segment, BatchScanner scanner, boolean lastOfGroup, SegmentSwap swap)
            throws IOException, StoppedException {
        long end = segment.sizeBytes();
        window.clear();
        while (scanner.next()) {
            scanner.batch().ensureValid();
            window.add(scanner, log.hasher());
            if (window.isFull() || !scanner.nextIsBuffered()) {
                window.lookUp(log.index());
                long until = scanner.position() + scanner.batch().sizeInBytes();
                filterWindow(segment.file(), lastOfGroup && until >= end, swap);
                window.clear();
            }
        }
    }

    /// Batch by batch. Of one of which nothing goes, or all, the records are not looked at.
    private void filterByNotes(
            Segment segment,
            OffsetSet superseded,
            BatchScanner scanner,
            boolean lastOfGroup,
            SegmentSwap swap)
            throws IOException, StoppedException {
        long end = segment.sizeBytes();
        boolean tombstones = segment.facts().tombstones() > 0;
        while (scanner.next()) {
            RecordBatch batch = scanner.batch();
            batch.ensureValid();
            int size = batch.sizeInBytes();
            int count = batch.count();
            int dead = superseded.count(batch.baseOffset(), batch.nextOffset());
            boolean last = lastOfGroup && scanner.position() + size >= end;
            if (dead == 0 && count > 0 && !tombstones && !batch.isControl()) {
                control.counted(count, count);
                swap.copy(batch, batch.buffer(), segment.file(), scanner.position());
                bytesRead += size;
                control.checkpoint(size, 2L * size);
            } else if (dead == batch.nextOffset() - batch.baseOffset() && dead == count && !last) {
                control.counted(count, 0);
                deadDropped += count;
                bytesRead += size;
                control.checkpoint(size, 2L * size);
            } else {
                window.clear();
                window.add(scanner, superseded, tombstones);
                filterWindow(segment.file(), last, swap);
            }
        }
    }

    private void filterWindow(DiskFile file, boolean lastOfGroup, SegmentSwap swap)
            throws IOException, StoppedException {
        int batches = window.batchCount();
        for (int b = 0; b < batches; b++) {
            filter(b, file, lastOfGroup && b == batches - 1, swap);
            int size = window.batch(b).sizeInBytes();
            bytesRead += size;
            control.checkpoint(size, 2L * size);
        }
    }

    private void filter(int b, DiskFile file, boolean last, SegmentSwap swap) throws IOException {
        RecordBatch batch = window.batch(b);
        if (batch.isControl()) {
            swap.copy(batch, batch.buffer(), file, window.position(b));
            return;
        }
        int first = window.first(b);
        int count = window.count(b);
        long horizonMs = decide(batch, first, count);
        int kept = retained.cardinality();
        control.counted(count, kept);
        if (kept == 0 && !last) {
            return;
        }
        if (kept == count && horizonMs == batch.deleteHorizonMs()) {
            swap.copy(batch, batch.buffer(), file, window.position(b));
        } else {
            rewrite(batch, kept, horizonMs);
            swap.append(rewritten.wrap(scratch, 0), scratch);
        }
        for (int i = retained.nextSetBit(0); i >= 0; i = retained.nextSetBit(i + 1)) {
            if (window.isTombstone(first + i)) {
                swap.noteTombstone(window.timestamp(first + i), horizonMs);
            }
        }
    }

    /// Leaves what stays of a batch in [#scratch].
    private void rewrite(RecordBatch batch, int kept, long horizonMs) throws CorruptBatchException {
        int bound = BatchWriter.rewriteBound(batch);
        if (scratch.capacity() < bound) {
            scratch = ByteBuffer.allocateDirect(bound);
        }
        scratch.clear();
        if (kept == 0) {
            BatchWriter.placeholder(batch, scratch);
        } else {
            writer.rewrite(batch, retained, horizonMs, scratch);
        }
        scratch.flip();
    }

    /// Fills [#retained]; returns the delete horizon that the batch has afterwards, or -1.
    private long decide(RecordBatch batch, int first, int count) {
        long horizonMs = batch.deleteHorizonMs();
        boolean due = batch.hasDeleteHorizon() && horizonMs <= nowMs;
        boolean stamp = false;
        retained.clear();
        for (int i = 0; i < count; i++) {
            int record = first + i;
            if (window.isSuperseded(record)) {
                deadDropped++;
                continue;
            }
            if (window.isTombstone(record)) {
                long offset = window.offset(record);
                if (due && offset < cleanBefore) {
                    tombstonesDropped++;
                    highestTombstoneDropped = Math.max(highestTombstoneDropped, offset);
                    continue;
                }
                stamp |= !batch.hasDeleteHorizon();
            }
            retained.set(i);
        }
        if (stamp && batch.lastOffset() < cleanBefore) {
            long retentionMs = log.config().deleteRetentionMs();
            return retentionMs > Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + retentionMs;
        }
        return retained.isEmpty() ? -1 : horizonMs;
    }

    private void forgetTombstones(List<Segment> group) throws IOException {
        for (Segment s : group) {
            forgetTombstones(s);
        }
    }

    /// Takes the dropped tombstones' keys out of the index. They are found by reading the old file
    /// once more, batches with a horizon only, instead of remembering them: there may be many.
    private void forgetTombstones(Segment segment) throws IOException {
        long[] forgetHi = new long[FORGET_AT_ONCE];
        long[] forgetLo = new long[FORGET_AT_ONCE];
        long[] forgetOffsets = new long[FORGET_AT_ONCE];
        int n = 0;
        BatchScanner scanner = segment.scanFrom(segment.baseOffset(), input);
        while (scanner.next()) {
            RecordBatch batch = scanner.batch();
            if (batch.isControl() || !batch.hasDeleteHorizon() || batch.deleteHorizonMs() > nowMs) {
                continue;
            }
            window.clear();
            window.add(scanner, log.hasher());
            for (int i = 0; i < window.count(0); i++) {
                if (!window.isTombstone(i) || window.offset(i) >= cleanBefore) {
                    continue;
                }
                forgetHi[n] = window.hi(i);
                forgetLo[n] = window.lo(i);
                forgetOffsets[n] = window.offset(i);
                if (++n == FORGET_AT_ONCE) {
                    tombstonesForgotten += log.forget(forgetHi, forgetLo, forgetOffsets, n).join();
                    n = 0;
                }
            }
        }
        input = scanner.buffer();
        if (n > 0) {
            tombstonesForgotten += log.forget(forgetHi, forgetLo, forgetOffsets, n).join();
        }
    }
}
