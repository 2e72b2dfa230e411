package dev.lastword.kafka;

import dev.lastword.ingest.MirrorBoard.State;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.StreamFence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// A partition that is assigned to us, as the consumer's thread sees it. Made anew whenever one is
/// assigned or prepared again, so that what belongs to an earlier life is told by identity.
///
/// Of what was polled and proven, up to two writes are under way: one is being stored while the
/// next is put in line behind it. They are settled in their order. Where one fails, nothing is sent
/// before those behind it have ended as well, and then it and they are the next again.
final class SourcePartition {
    private static final int UNDER_WAY_MAX = 2;

    private final TopicPartition tp;
    private final String topicId;
    private final @Nullable PartitionLog log;
    private @Nullable PartitionBatch open;
    private final ArrayDeque<PartitionBatch> waiting = new ArrayDeque<>();
    private final ArrayDeque<MirrorWrite> underWay = new ArrayDeque<>();
    private StreamFence fence = new StreamFence();

    private State state;
    private String reason = "";
    private long bytes;
    private long storedTo;
    private long committed = -1;
    private long retryAtNanos;
    private int failures;

    /// One that is being prepared.
    ///
    /// @param failures how often that did not work before
    SourcePartition(TopicPartition tp, int failures) {
        this(tp, "", null, -1, State.PREPARING);
        this.failures = failures;
    }

    private SourcePartition(
            TopicPartition tp,
            String topicId,
            @Nullable PartitionLog log,
            long position,
            State state) {
        this.tp = tp;
        this.topicId = topicId;
        this.log = log;
        this.storedTo = position;
        this.state = state;
    }

    /// One that goes on at a position.
    static SourcePartition at(TopicPartition tp, Preparation.Ready ready) {
        return new SourcePartition(
                tp, ready.topicId(), ready.log(), ready.position(), State.RUNNING);
    }

    TopicPartition tp() {
        return tp;
    }

    /// Of the source topic whose records are taken.
    String topicId() {
        return topicId;
    }

    State state() {
        return state;
    }

    String reason() {
        return reason;
    }

    /// Records are taken from the consumer, and kept while the disk is in the way.
    boolean takes() {
        return log != null && state != State.STOPPED;
    }

    /// Whether it is this log that is written.
    boolean writes(PartitionLog current) {
        return log == current;
    }

    /// Stops it for good; what waits or is under way is let go of, to be polled again after a
    /// decision.
    void stop(String why) {
        state = State.STOPPED;
        reason = why;
        open = null;
        waiting.clear();
        underWay.clear();
        bytes = 0;
    }

    /// Something is in the way.
    ///
    /// @param inMs when to try again
    void stall(String why, long inMs) {
        state = State.STALLED;
        reason = why;
        retryAtNanos = System.nanoTime() + inMs * 1_000_000;
        failures++;
    }

    int failures() {
        return failures;
    }

    boolean isRetryDue() {
        return state == State.STALLED && System.nanoTime() - retryAtNanos >= 0;
    }

    void goOn() {
        state = log == null ? State.PREPARING : State.RUNNING;
        reason = "";
    }

    /// Encodes records that were polled, before they are known to be of the right topic: into the
    /// batch that is open, and others where that is full.
    ///
    /// @param next the consumer's position behind them
    /// @param stopsAtUnusable whether a record that cannot be stored stops the partition
    /// @return the batches begun, which are to be offered in this order
    List<PartitionBatch> polled(
            List<ConsumerRecord<byte[], byte[]>> records,
            long next,
            boolean stopsAtUnusable,
            SpareRecords spare) {
        PartitionLog to = Objects.requireNonNull(log);
        List<PartitionBatch> begun = new ArrayList<>(1);
        PartitionBatch batch = open;
        bytes -= batch == null ? 0 : batch.bytes();
        for (ConsumerRecord<byte[], byte[]> r : records) {
            while (batch == null || !batch.add(r)) {
                bytes += batch == null ? 0 : batch.bytes();
                batch = new PartitionBatch(spare.take(to), stopsAtUnusable);
                begun.add(batch);
            }
        }
        if (batch != null) {
            batch.next(next);
            bytes += batch.bytes();
        }
        open = batch;
        return begun;
    }

    /// What is polled from now on goes into another batch.
    void seal() {
        open = null;
    }

    /// Takes a sealed batch of records of the right topic: into the one that waits last, where it
    /// has room, or behind it.
    ///
    /// @param bytesMax no batch is added to one that has so many then
    void offer(PartitionBatch batch, long bytesMax, SpareRecords spare) {
        PartitionBatch last = waiting.peekLast();
        if (last != null && last.join(batch, bytesMax)) {
            spare.giveBack(batch.records());
        } else {
            waiting.add(batch);
        }
    }

    /// How much was polled and is not stored yet.
    long bytes() {
        return bytes;
    }

    /// What waits longest, as the next write, or null where none waits or it must wait longer.
    @Nullable MirrorWrite next() {
        if (log == null
                || state != State.RUNNING
                || waiting.isEmpty()
                || underWay.size() == UNDER_WAY_MAX
                || underWay.stream().anyMatch(w -> !w.queued().isDone() || hasFailed(w))) {
            return null;
        }
        MirrorWrite write = MirrorWrite.of(log, waiting.removeFirst(), fence);
        underWay.add(write);
        return write;
    }

    private static boolean hasFailed(MirrorWrite write) {
        return write.stored().isCompletedExceptionally();
    }

    /// A write has ended: takes note of what is stored. Where one failed and no other is under way
    /// any more, they are put back.
    ///
    /// @param spare gets what is stored
    /// @return what was in the way of the first of those, or null
    @Nullable Throwable settle(SpareRecords spare) {
        MirrorWrite first = underWay.peekFirst();
        while (first != null && first.stored().isDone() && !hasFailed(first)) {
            underWay.removeFirst();
            bytes -= first.batch().bytes();
            storedTo = first.batch().next();
            spare.giveBack(first.batch().records());
            failures = 0;
            first = underWay.peekFirst();
        }
        if (first == null
                || !hasFailed(first)
                || !underWay.stream().allMatch(w -> w.stored().isDone())) {
            return null; // the last of them to end comes by here
        }
        while (!underWay.isEmpty()) {
            waiting.addFirst(underWay.removeLast().batch());
        }
        fence = new StreamFence();
        return first.stored().exceptionNow();
    }

    /// Whether all that was polled is stored.
    boolean isIdle() {
        return bytes == 0;
    }

    /// All below it is stored.
    long storedTo() {
        return storedTo;
    }

    /// Nothing was polled between here and the position, and all before is stored.
    void skippedTo(long position) {
        storedTo = Math.max(storedTo, position);
    }

    long committed() {
        return committed;
    }

    void committed(long offset) {
        committed = offset;
    }
}
