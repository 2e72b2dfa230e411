package dev.lastword.log;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// How long writes took to become durable, over all partitions of a store since it was opened: a
/// histogram with four buckets to the octave. Whoever wants to know about a span of time subtracts
/// two snapshots.
///
/// Thread-safe; nobody waits.
public final class FlushTimes {
    /// Of a snapshot.
    public static final int BUCKETS = 128;

    private static final int BUCKETS_PER_OCTAVE = 4;
    private static final int SMALLEST_LOG2 = 12;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final LongAdder bytes = new LongAdder();

    /// A group was written and flushed.
    ///
    /// @param nanos how long that took
    /// @param groupBytes its size on disk
    public void record(long nanos, long groupBytes) {
        counts.getAndIncrement(bucket(nanos));
        bytes.add(groupBytes);
    }

    /// The bucket of a time: its octave from 4 µs on, and the quarter of that octave.
    public static int bucket(long nanos) {
        int log2 = 63 - Long.numberOfLeadingZeros(Math.max(nanos, 1));
        if (log2 < SMALLEST_LOG2) {
            return 0;
        }
        int quarter = (int) (nanos >>> (log2 - 2)) & (BUCKETS_PER_OCTAVE - 1);
        return Math.min(BUCKETS - 1, (log2 - SMALLEST_LOG2) * BUCKETS_PER_OCTAVE + quarter);
    }

    /// How many flushes there were in each bucket so far.
    public long[] snapshot() {
        long[] copy = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            copy[i] = counts.get(i);
        }
        return copy;
    }

    /// Bytes that they made durable so far.
    public long bytes() {
        return bytes.sum();
    }
}
