package dev.lastword.log;

/// What is known of a segment without reading it: what of it is garbage, and what its tombstones
/// wait for, and when its keys expire. Written by one thread at a time (whoever fills the segment,
/// then the partition's appender), read by any.
public final class SegmentFacts {
    /// How many numbers [#toLongs] gives.
    static final int LONGS = 8;

    private final Tally deadRecords = new Tally();
    private final Tally deadBytes = new Tally();
    private final Tally tombstones = new Tally();
    private final Tally unstampedTombstones = new Tally();
    private final Tally earliestHorizonMs = new Tally();
    private final Tally oldestTombstoneMs = new Tally();
    private final Tally cleanedTo = new Tally();
    private final Tally earliestDeadlineMs = new Tally();

    SegmentFacts() {
        earliestDeadlineMs.set(Deadline.NONE);
        earliestHorizonMs.set(Long.MAX_VALUE);
        oldestTombstoneMs.set(Long.MAX_VALUE);
    }

    /// All facts, for a checkpoint.
    long[] toLongs() {
        return new long[] {
            deadRecords.get(),
            deadBytes.get(),
            tombstones.get(),
            unstampedTombstones.get(),
            earliestHorizonMs.get(),
            oldestTombstoneMs.get(),
            cleanedTo.get(),
            earliestDeadlineMs.get()
        };
    }

    /// Takes over what [#toLongs] gave.
    void set(long[] facts) {
        deadRecords.set(facts[0]);
        deadBytes.set(facts[1]);
        tombstones.set(facts[2]);
        unstampedTombstones.set(facts[3]);
        earliestHorizonMs.set(facts[4]);
        oldestTombstoneMs.set(facts[5]);
        cleanedTo.set(facts[6]);
        earliestDeadlineMs.set(facts[7]);
    }

    /// Forgets all.
    void reset() {
        set(new SegmentFacts().toLongs());
    }

    /// Everything here that a record below this offset supersedes is durably gone; 0 where nothing
    /// is known, as after a crash.
    public long cleanedTo() {
        return cleanedTo.get();
    }

    /// Only by who holds the partition's maintenance lock, and only once it is durably so.
    public void cleanedTo(long offset) {
        cleanedTo.set(offset);
    }

    void countDead(long records, long bytes) {
        deadRecords.add(records);
        deadBytes.add(bytes);
    }

    /// @param horizonMs its batch's delete horizon, or -1 where it has none yet
    void countTombstone(long timestamp, long horizonMs) {
        tombstones.add(1);
        oldestTombstoneMs.set(Math.min(oldestTombstoneMs.get(), timestamp));
        if (horizonMs < 0) {
            unstampedTombstones.add(1);
        } else {
            earliestHorizonMs.set(Math.min(earliestHorizonMs.get(), horizonMs));
        }
    }

    /// Tells of a record whose key expires.
    void noteDeadline(long deadlineMs) {
        earliestDeadlineMs.set(Math.min(earliestDeadlineMs.get(), deadlineMs));
    }

    /// No live key whose record is here expires earlier; [Deadline#NONE]: none does.
    long earliestDeadlineMs() {
        return earliestDeadlineMs.get();
    }

    void earliestDeadlineMs(long deadlineMs) {
        earliestDeadlineMs.set(deadlineMs);
    }

    /// Records of which a later one with the same key is known, exactly.
    public long deadRecords() {
        return deadRecords.get();
    }

    /// Their size, estimated.
    public long deadBytes() {
        return deadBytes.get();
    }

    /// Tombstones, superseded ones included.
    public long tombstones() {
        return tombstones.get();
    }

    /// Tombstones without a delete horizon.
    public long unstampedTombstones() {
        return unstampedTombstones.get();
    }

    /// The first moment at which a tombstone may go, or `Long.MAX_VALUE`.
    public long earliestHorizonMs() {
        return earliestHorizonMs.get();
    }

    /// Timestamp of the oldest tombstone, or `Long.MAX_VALUE`.
    public long oldestTombstoneMs() {
        return oldestTombstoneMs.get();
    }
}
