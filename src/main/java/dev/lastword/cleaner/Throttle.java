package dev.lastword.cleaner;

import dev.lastword.log.FlushTimes;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Spreads the cleaner's reading and writing over time: all threads together stay below a rate,
/// which can be changed at any moment. Thread-safe.
final class Throttle {
    /// So much may be done at once after a pause.
    private static final long BURST_NANOS = 10_000_000L;

    /// No single wait is longer, so that a new rate or a request to stop is seen soon.
    private static final long WAIT_NANOS_MAX = 100_000_000L;

    private final GiveWay giveWay;
    private volatile long bytesPerSecond;
    private long freeAtNanos = System.nanoTime();

    /// @param bytesPerSecond 0: no limit; [CleanerOptions#AUTO]: as fast as the writers allow
    Throttle(long bytesPerSecond, FlushTimes flushes) {
        this.bytesPerSecond = bytesPerSecond;
        this.giveWay = new GiveWay(flushes, System.nanoTime());
    }

    /// Takes effect at once: what was owed at the old rate is forgotten.
    void setBytesPerSecond(long rate) {
        synchronized (this) {
            bytesPerSecond = rate;
            freeAtNanos = System.nanoTime();
        }
    }

    /// Waits until so many bytes more have become free, or until asked to stop.
    void take(long bytes, BooleanSupplier stop) {
        if (bytesPerSecond == 0) {
            return;
        }
        synchronized (this) {
            long rate = bytesPerSecond;
            if (rate == CleanerOptions.AUTO) {
                rate = giveWay.bytesPerSecond(System.nanoTime());
            }
            if (rate == 0) {
                return;
            }
            freeAtNanos = Math.max(freeAtNanos, System.nanoTime() - BURST_NANOS);
            freeAtNanos += (long) (bytes * 1e9 / rate);
        }
        while (!stop.getAsBoolean()) {
            long wait;
            synchronized (this) {
                wait = freeAtNanos - System.nanoTime();
            }
            if (wait <= 0) {
                return;
            }
            LockSupport.parkNanos(Math.min(wait, WAIT_NANOS_MAX));
        }
    }
}
