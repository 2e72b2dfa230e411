package dev.lastword.log;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets the keys of a store's partitions expire in time: one virtual thread that does for one after
/// the other what is due ([Expiry]). While any key has a deadline it looks at the clock at least
/// once a second, for that can be set; without deadlines it sleeps. A failure is told, and tried
/// again later and later.
///
/// Thread-safe.
final class ExpiryKeeper implements AutoCloseable {
    private static final long LOOK_EVERY_MS = 1_000;
    private static final long BACKOFF_MS_MIN = 1_000;
    private static final long BACKOFF_MS_MAX = 300_000;

    /// What is to be tried again.
    private record Retry(long atNanos, long backoffMs) {}

    private final Semaphore wakes = new Semaphore(0);
    private final Map<PartitionLog, Retry> retries = new HashMap<>();
    private @Nullable Thread thread;
    private volatile boolean closing;

    /// Begins work.
    ///
    /// @param logs those that are open at the time
    void start(Supplier<List<PartitionLog>> logs) {
        thread = Thread.ofVirtual().name("expiry").start(() -> run(logs));
    }

    /// Something is due earlier than was known.
    void wake() {
        wakes.release();
    }

    private void run(Supplier<List<PartitionLog>> logs) {
        try {
            while (!closing) {
                wakes.drainPermits();
                long waitMs = look(logs.get());
                if (closing) {
                    return;
                }
                if (waitMs == Deadline.NONE) {
                    wakes.acquire();
                } else {
                    var _ = wakes.tryAcquire(waitMs, TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
        }
    }

    /// Does what is due everywhere; for how long there is nothing to do then, or [Deadline#NONE].
    private long look(List<PartitionLog> logs) {
        retries.keySet().retainAll(logs);
        long waitMs = Deadline.NONE;
        for (PartitionLog log : logs) {
            if (log.state() == PartitionState.READ_ONLY || log.state() == PartitionState.CLOSED) {
                continue; // put back into service it is another one
            }
            if (log.expiry().nextMs() <= log.nowMs() && !closing) {
                runDue(log);
            }
            long nextMs = log.expiry().nextMs();
            if (nextMs < Deadline.NONE) {
                long untilMs = Math.clamp(nextMs - log.nowMs(), 1, LOOK_EVERY_MS);
                waitMs = Math.min(waitMs, retries.containsKey(log) ? LOOK_EVERY_MS : untilMs);
            }
        }
        return waitMs;
    }

    private void runDue(PartitionLog log) {
        Retry failed = retries.get(log);
        if (failed != null && failed.atNanos - System.nanoTime() > 0) {
            return;
        }
        try {
            long expired = log.expiry().run(() -> closing);
            retries.remove(log);
            if (expired > 0) {
                log.emit(new LogEvent.Expired(log.topic(), log.partition(), expired));
            }
        } catch (LogException | IOException e) {
            if (closing || log.state() == PartitionState.CLOSED) {
                return;
            }
            log.emit(
                    new LogEvent.UpkeepFailed(
                            log.topic(), log.partition(), "letting keys expire: " + e));
            long backoffMs =
                    failed == null
                            ? BACKOFF_MS_MIN
                            : Math.min(2 * failed.backoffMs, BACKOFF_MS_MAX);
            long atNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoffMs);
            retries.put(log, new Retry(atNanos, backoffMs));
        }
    }

    /// Stops, and waits until what is under way is done.
    @Override
    public void close() {
        closing = true;
        wakes.release();
        Thread t = thread;
        if (t != null) {
            try {
                t.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while closing", e);
            }
        }
    }
}
