package dev.lastword.kafka;

import dev.lastword.ingest.MirrorBoard.State;
import java.util.ArrayDeque;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// A partition that is assigned to us, as the consumer's thread sees it. Made anew whenever one is
/// assigned or prepared again, so that what belongs to an earlier life is told by identity.
final class SourcePartition {
    /// A partition with so many bytes under way is paused.
    private static final long BYTES_MAX = 8 << 20;

    private final TopicPartition tp;
    private final String topicId;
    private final ArrayDeque<PartitionBatch> waiting = new ArrayDeque<>();

    private State state;
    private String reason = "";
    private @Nullable PartitionBatch underWay;
    private long bytes;
    private long storedTo;
    private long logEnd;
    private long committed = -1;
    private long retryAtNanos;
    private int failures;

    /// One that is being prepared.
    SourcePartition(TopicPartition tp) {
        this(tp, "", -1, State.PREPARING);
    }

    private SourcePartition(TopicPartition tp, String topicId, long position, State state) {
        this.tp = tp;
        this.topicId = topicId;
        this.storedTo = position;
        this.state = state;
    }

    /// One that goes on at a position.
    static SourcePartition at(TopicPartition tp, String topicId, long position) {
        return new SourcePartition(tp, topicId, position, State.RUNNING);
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
        return topicId.length() > 0 && state != State.STOPPED;
    }

    /// Stops it for good; what waits is let go of, to be polled again after a decision.
    void stop(String why) {
        state = State.STOPPED;
        reason = why;
        waiting.clear();
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
        state = topicId.isEmpty() ? State.PREPARING : State.RUNNING;
        reason = "";
    }

    /// Takes note of a batch that was polled, before it is known to be of the right topic.
    void polled(PartitionBatch batch) {
        bytes += batch.bytes();
    }

    void offer(PartitionBatch batch) {
        waiting.add(batch);
    }

    boolean isFull() {
        return bytes > BYTES_MAX;
    }

    boolean hasRoom() {
        return bytes < BYTES_MAX / 2;
    }

    /// All that waits, as the next batch to be stored, or null where one is being stored or none
    /// waits.
    @Nullable PartitionBatch next() {
        if (underWay != null || state != State.RUNNING || waiting.isEmpty()) {
            return null;
        }
        underWay = waiting.size() == 1 ? waiting.getFirst() : PartitionBatch.joined(waiting);
        waiting.clear();
        return underWay;
    }

    /// The batch under way is stored.
    ///
    /// @param newLogEnd where the log ends now
    void stored(PartitionBatch batch, long newLogEnd) {
        underWay = null;
        logEnd = newLogEnd;
        bytes = Math.max(0, bytes - batch.bytes());
        storedTo = batch.next();
        failures = 0;
    }

    /// The batch under way could not be stored; it stays the next.
    void notStored(PartitionBatch batch) {
        underWay = null;
        waiting.addFirst(batch.again());
    }

    /// Where the log ended when a batch was stored last. It may end before [#storedTo], where what
    /// came last was left out; but it must not end before this.
    long logEnd() {
        return logEnd;
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
