package dev.lastword.log;

/// What is known of a segment without reading it: what of it is garbage, and what its tombstones
/// wait for. Written by one thread at a time (whoever fills the segment, then the partition's
/// appender), read by any.
public final class SegmentFacts {
    private final Tally deadRecords = new Tally();
    private final Tally deadBytes = new Tally();
    private final Tally tombstones = new Tally();
    private final Tally unstampedTombstones = new Tally();
    private final Tally earliestHorizonMs = new Tally();
    private final Tally oldestTombstoneMs = new Tally();

    SegmentFacts() {
        earliestHorizonMs.set(Long.MAX_VALUE);
        oldestTombstoneMs.set(Long.MAX_VALUE);
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
