package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.AbortedTransaction;
import dev.lastword.log.Beside;
import dev.lastword.log.ClosedSegment;
import dev.lastword.log.ClosedSwap;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The second reading of a log: writes what stays, group by group in the order of the log, each
/// group's swap durable before the next is begun. Kafka's rules, batch by batch:
///
/// - a record stays unless it is dead ([Decision]), its transaction was aborted, or it is a
///   tombstone whose batch's delete horizon has passed;
/// - a batch with a tombstone that stays, or with the marker of a transaction that has no data
///   left, gets a delete horizon, now + `delete.retention.ms`, unless it has one;
/// - a marker stays until the transaction has no data left and then until its horizon;
/// - a batch without records goes, unless it shows what its producer did last, or ends the range
///   that is cleaned.
///
/// In addition the last batch of a group stays, empty and with no producer, where without it the
/// new segment would not reach into the last of the old ones: [ClosedSwap] relies on that.
///
/// A segment that would stay as it is is not copied. For one use, not thread-safe.
final class Copy {
    private final Disk disk;
    private final OfflineOptions options;
    private final Decision.Outcome found;
    private final PartitionHome home;
    private final Ticker ticker;
    private final LogReader reader;
    private final TransactionState transactions;
    private final RecordBatch rewritten = new RecordBatch();
    private final BatchWriter writer = new BatchWriter();
    private final BitSet retained = new BitSet();
    private final long end;
    private ByteBuffer scratch = ByteBuffer.allocateDirect(64 * 1024);

    /// Of what was replaced: freeing much space takes long.
    private final Beside deletion = new Beside("delete-replaced");

    private @Nullable ClosedSwap swap;
    private long ordinal;
    private long nextOffset;
    private long groupBytes;
    private long droppedTombstone;

    /// Where the last batch of the group lies that left nothing.
    private @Nullable ClosedSegment leftOutOf;

    private long leftOutAt;
    private int leftOutBytes;

    final Counts counts = new Counts();

    /// What was done.
    static final class Counts {
        int segmentsAfter;
        long bytesAfter;
        long recordsRead;
        long recordsKept;
        long tombstonesDropped;
        long aborted;
        long tombstonesKept;
    }

    /// @param end the offset behind the segments to clean
    Copy(
            Disk disk,
            OfflineOptions options,
            Decision.Outcome found,
            PartitionHome home,
            long end,
            Ticker ticker) {
        this.disk = disk;
        this.options = options;
        this.found = found;
        this.home = home;
        this.end = end;
        this.ticker = ticker;
        this.reader = new LogReader(disk);
        this.transactions = new TransactionState(found.ledger().aborted());
    }

    void run() throws IOException {
        try (deletion) {
            cleanAll();
        }
    }

    private void cleanAll() throws IOException {
        for (List<SegmentPlan> group : Grouping.of(found.plans(), options, end)) {
            if (group.size() == 1 && !needsWork(group.getFirst())) {
                leave(group.getFirst());
            } else if (options.dryRun()) {
                filter(group);
                counts.segmentsAfter++;
                counts.bytesAfter += groupBytes;
            } else {
                replace(group);
            }
        }
    }

    private boolean needsWork(SegmentPlan plan) {
        return plan.hasWork()
                || found.dead().count(plan.firstOrdinal(), plan.firstOrdinal() + plan.records())
                        > 0;
    }

    private void leave(SegmentPlan plan) {
        long to = plan.firstOrdinal() + plan.records();
        counts.segmentsAfter++;
        counts.bytesAfter += plan.segment().sizeBytes();
        counts.recordsRead += plan.records();
        counts.recordsKept += plan.records();
        counts.tombstonesKept += found.tombstones().count(plan.firstOrdinal(), to);
        ticker.advance(plan.segment().sizeBytes());
    }

    private void replace(List<SegmentPlan> group) throws IOException {
        List<ClosedSegment> old = group.stream().map(SegmentPlan::segment).toList();
        home.beforeChange();
        long bytes = old.stream().mapToLong(ClosedSegment::sizeBytes).sum();
        if (disk.usableBytes(old.getFirst().directory()) < bytes) {
            deletion.await(); // the space may be needed
        }
        try (ClosedSwap s = new ClosedSwap(disk, old)) {
            swap = s;
            filter(group);
            if (droppedTombstone >= 0) {
                home.tombstoneDropped(droppedTombstone);
            }
            List<Long> fresh = s.commit();
            counts.segmentsAfter += fresh.size();
            counts.bytesAfter += s.sizeBytes();
            List<Long> gone = new ArrayList<>(old.stream().map(ClosedSegment::baseOffset).toList());
            gone.removeAll(fresh);
            ProducerSnapshots.forget(disk, old.getFirst().directory(), gone);
            deletion.begin(() -> {
                s.deleteOld();
                return null;
            });
        } finally {
            swap = null;
        }
    }

    private void filter(List<SegmentPlan> group) throws IOException {
        groupBytes = 0;
        nextOffset = -1;
        droppedTombstone = -1;
        leftOutOf = null;
        ClosedSegment last = group.getFirst().segment();
        for (int i = 0; i < group.size(); i++) {
            ClosedSegment segment = group.get(i).segment();
            if (segment.sizeBytes() > 0) {
                last = segment;
            }
            ordinal = group.get(i).firstOrdinal();
            reader.read(List.of(segment), 0, 0, new Filter(segment));
        }
        if (leftOutOf != null && (nextOffset <= last.baseOffset() || home.wantsLastOffsets())) {
            placeholder(leftOutOf);
        }
    }

    private final class Filter implements LogReader.Visitor {
        private final ClosedSegment segment;

        Filter(ClosedSegment segment) {
            this.segment = segment;
        }

        @Override
        public boolean visit(RecordBatch batch) throws IOException {
            filter(batch, segment);
            return true;
        }

        @Override
        public void end() throws IOException {
            if (swap != null) {
                swap.endRun();
            }
        }
    }

    private void filter(RecordBatch batch, ClosedSegment segment) throws IOException {
        ticker.advance(batch.sizeInBytes());
        if (batch.isControl()) {
            filterMarker(batch, segment);
        } else {
            filterData(batch, segment);
        }
    }

    private void filterMarker(RecordBatch batch, ClosedSegment segment) throws IOException {
        boolean idle = transactions.isIdle(batch);
        AbortedTransaction aborted = transactions.ended();
        boolean due = batch.hasDeleteHorizon() && batch.deleteHorizonMs() <= options.nowMs();
        if (batch.count() == 0 || (idle && due)) {
            keepEmpty(batch, segment);
        } else if (idle && !batch.hasDeleteHorizon()) {
            retained.clear();
            retained.set(0, batch.count());
            rewrite(batch, horizonMs());
        } else {
            copy(batch);
        }
        if (aborted != null && swap != null) {
            swap.noteAborted(aborted);
        }
    }

    private void filterData(RecordBatch batch, ClosedSegment segment) throws IOException {
        int count = batch.count();
        long first = ordinal;
        ordinal += count;
        counts.recordsRead += count;
        if (transactions.isAborted(batch)) {
            counts.aborted += count;
            keepEmpty(batch, segment);
            return;
        }
        long kept = count - found.dead().count(first, ordinal);
        boolean stamp = false;
        if (kept > 0 && found.tombstones().count(first, ordinal) > 0) {
            boolean due = batch.hasDeleteHorizon() && batch.deleteHorizonMs() <= options.nowMs();
            long live = liveTombstones(first);
            if (due) {
                kept -= live;
                counts.tombstonesDropped += live;
                droppedTombstone = live > 0 ? batch.lastOffset() : droppedTombstone;
                retain(first, count, true);
            } else {
                counts.tombstonesKept += live;
                stamp = live > 0 && !batch.hasDeleteHorizon();
                retain(first, count, false);
            }
        } else if (kept > 0 && kept < count) {
            retain(first, count, false);
        }
        counts.recordsKept += kept;
        if (kept == 0) {
            keepEmpty(batch, segment);
        } else if (kept == count && !stamp) {
            copy(batch);
        } else {
            rewrite(batch, stamp ? horizonMs() : -1);
        }
    }

    private long liveTombstones(long first) {
        long live = 0;
        for (long i = first; i < ordinal; i++) {
            live += found.tombstones().contains(i) && !found.dead().contains(i) ? 1 : 0;
        }
        return live;
    }

    private void retain(long first, int count, boolean withoutTombstones) {
        retained.clear();
        for (int i = 0; i < count; i++) {
            boolean gone =
                    found.dead().contains(first + i)
                            || (withoutTombstones && found.tombstones().contains(first + i));
            if (!gone) {
                retained.set(i);
            }
        }
    }

    private long horizonMs() {
        long ms = options.deleteRetentionMs();
        return ms > Long.MAX_VALUE - options.nowMs() ? Long.MAX_VALUE : options.nowMs() + ms;
    }

    /// Keeps what a batch is without its records, where that matters.
    private void keepEmpty(RecordBatch batch, ClosedSegment segment) throws IOException {
        boolean showsProducer =
                batch.producerId() >= 0
                        && found.ledger()
                                .isLastOfProducer(
                                        batch, options.nowMs() - options.producerIdExpirationMs());
        if (showsProducer || batch.nextOffset() == end) {
            retained.clear();
            rewrite(batch, -1);
        } else {
            leftOutOf = segment;
            leftOutAt = reader.position();
            leftOutBytes = batch.sizeInBytes();
        }
    }

    /// Writes the batch that was left out last as one that is empty and stands for its offsets
    /// alone.
    private void placeholder(ClosedSegment segment) throws IOException {
        ByteBuffer whole = ByteBuffer.allocate(leftOutBytes);
        try (DiskFile file = disk.open(segment.log(), OpenMode.READ)) {
            file.readFully(whole, leftOutAt);
        }
        RecordBatch batch = new RecordBatch().wrap(whole.flip(), 0);
        batch.ensureValid();
        scratch.clear();
        BatchWriter.placeholder(batch, scratch);
        scratch.flip();
        append(rewritten.wrap(scratch, 0), scratch);
    }

    private void rewrite(RecordBatch batch, long horizonMs) throws IOException {
        int bound = BatchWriter.rewriteBound(batch);
        if (scratch.capacity() < bound) {
            scratch = ByteBuffer.allocateDirect(bound);
        }
        scratch.clear();
        writer.rewrite(batch, retained, horizonMs, scratch);
        scratch.flip();
        append(rewritten.wrap(scratch, 0), scratch);
    }

    private void append(RecordBatch batch, ByteBuffer bytes) throws IOException {
        noteKept(batch);
        if (swap != null) {
            swap.append(batch, bytes);
        }
    }

    /// Adds the batch that is being read as it is.
    private void copy(RecordBatch batch) throws IOException {
        noteKept(batch);
        if (swap != null) {
            swap.copy(batch, reader.buffer(), reader.file(), reader.position());
        }
    }

    private void noteKept(RecordBatch batch) {
        nextOffset = batch.nextOffset();
        groupBytes += batch.sizeInBytes();
        leftOutOf = null;
    }
}
