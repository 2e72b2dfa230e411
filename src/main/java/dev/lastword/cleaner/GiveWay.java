package dev.lastword.cleaner;

import dev.lastword.log.FlushTimes;

/// Chooses how fast the cleaner may read and write, so that writers do not feel it: as fast as it
/// goes while nobody writes; else slowly at first, faster while flushes take no longer than they
/// did without a cleaning, and half as fast as soon as they do (additive increase, multiplicative
/// decrease, as TCP).
///
/// It never goes below [#FLOOR], nor below four times of what is written meanwhile: else garbage
/// would come faster than it goes.
///
/// Not thread-safe.
final class GiveWay {
    static final long FLOOR = 8L << 20;
    static final long START = 32L << 20;
    static final long CEILING = 256L << 20;
    private static final long STEP = 4L << 20;
    private static final int WRITTEN_TIMES = 4;

    private static final long WINDOW_NANOS = 200_000_000L;

    /// After so long without a call no cleaning ran, and after so long without a flush nobody
    /// writes.
    private static final long IDLE_NANOS = 1_000_000_000L;

    /// Fewer flushes say nothing of how long they take.
    private static final long FLUSHES_MIN = 50;

    /// Of the flushes that are slow with nothing else going on, one in so many.
    private static final int SLOW_ONE_IN = 100;

    /// Before anything is known.
    private static final int USUAL_SLOW_BUCKET = FlushTimes.bucket(8_000_000);

    private final FlushTimes flushes;
    private long[] idleFrom;
    private long[] windowFrom;
    private long windowBytes;
    private long windowAt;
    private long lastFlushAt;
    private int slowBucket = USUAL_SLOW_BUCKET;
    private long rate = START;

    GiveWay(FlushTimes flushes, long nowNanos) {
        this.flushes = flushes;
        this.idleFrom = flushes.snapshot();
        this.windowFrom = idleFrom;
        this.windowAt = nowNanos - IDLE_NANOS;
        this.lastFlushAt = nowNanos - IDLE_NANOS;
    }

    /// What may be read and written in a second from now on; 0: no limit. To be asked again and
    /// again while a cleaning runs.
    long bytesPerSecond(long nowNanos) {
        long sinceNanos = nowNanos - windowAt;
        if (sinceNanos < WINDOW_NANOS) {
            return nowNanos - lastFlushAt >= IDLE_NANOS ? 0 : rate;
        }
        long[] now = flushes.snapshot();
        long bytes = flushes.bytes();
        if (count(windowFrom, now, 0) > 0) {
            lastFlushAt = nowNanos;
        }
        if (sinceNanos >= IDLE_NANOS) {
            learn(now);
            rate = START;
        } else {
            adapt(now, (bytes - windowBytes) * 1_000_000_000L / sinceNanos);
        }
        idleFrom = now;
        windowFrom = now;
        windowBytes = bytes;
        windowAt = nowNanos;
        return nowNanos - lastFlushAt >= IDLE_NANOS ? 0 : rate;
    }

    /// Takes from the time without a cleaning what slow means.
    private void learn(long[] now) {
        long total = count(idleFrom, now, 0);
        if (total < FLUSHES_MIN) {
            return;
        }
        int bucket = FlushTimes.BUCKETS - 1;
        while (bucket > 0 && count(idleFrom, now, bucket) * SLOW_ONE_IN <= total) {
            bucket--;
        }
        slowBucket = bucket;
    }

    private void adapt(long[] now, long writtenPerSecond) {
        long floor = Math.max(FLOOR, Math.min(CEILING, WRITTEN_TIMES * writtenPerSecond));
        long slow = count(windowFrom, now, slowBucket + 1);
        if (slow * SLOW_ONE_IN > count(windowFrom, now, 0)) {
            rate /= 2;
        } else {
            rate += STEP;
        }
        rate = Math.clamp(rate, floor, CEILING);
    }

    private static long count(long[] from, long[] to, int firstBucket) {
        long n = 0;
        for (int i = firstBucket; i < from.length; i++) {
            n += to[i] - from[i];
        }
        return n;
    }
}
