package dev.lastword.cleaner;

import java.util.concurrent.locks.LockSupport;

/// Spreads the cleaner's reading and writing over time: all threads together stay below a rate,
/// which can be changed at any moment. Thread-safe.
final class Throttle {
    /// So much may be done at once after a pause.
    private static final long BURST_NANOS = 100_000_000L;

    /// No single wait is longer, so that a new rate or a request to stop is seen soon.
    private static final long WAIT_NANOS_MAX = 100_000_000L;

    private volatile long bytesPerSecond;
    private long freeAtNanos = System.nanoTime();

    Throttle(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    void setBytesPerSecond(long rate) {
        bytesPerSecond = rate;
    }

    /// Waits until so many bytes more may be read or written; a part of the wait if it is long.
    void take(long bytes) {
        long rate = bytesPerSecond;
        if (rate == 0) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            freeAtNanos = Math.max(freeAtNanos, now - BURST_NANOS);
            freeAtNanos += (long) (bytes * 1e9 / rate);
            wait = freeAtNanos - now;
        }
        if (wait > 0) {
            LockSupport.parkNanos(Math.min(wait, WAIT_NANOS_MAX));
        }
    }
}
