package dev.lastword.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Keeps the checkpoints of a store's partitions young: one virtual thread that writes one after
/// the other for those that ask for it ([#due]). Before the first it loads what the key indexes
/// have not loaded yet. A failure is told, and tried again later and later; writes never notice.
///
/// Thread-safe.
final class CheckpointKeeper implements AutoCloseable {
    private static final long BACKOFF_MS_MIN = 1_000;
    private static final long BACKOFF_MS_MAX = 300_000;

    /// What is to be tried again.
    private record Retry(PartitionLog log, long atNanos, long backoffMs) {}

    /// Ends the wait of the thread; null cannot be queued.
    private record Wish(@Nullable PartitionLog log) {}

    private final LinkedBlockingQueue<Wish> wishes = new LinkedBlockingQueue<>();
    private final PriorityQueue<Retry> retries =
            new PriorityQueue<>(Comparator.comparingLong(Retry::atNanos));
    private final Set<PartitionLog> retrying = new HashSet<>();
    private @Nullable Thread thread;
    private volatile boolean closing;

    /// Begins work.
    ///
    /// @param logs those that were opened
    void start(List<PartitionLog> logs) {
        List<PartitionLog> loading = new ArrayList<>(logs);
        thread = Thread.ofVirtual().name("checkpoints").start(() -> run(loading));
    }

    /// Asks for a checkpoint of a partition. Never waits.
    void due(PartitionLog log) {
        wishes.add(new Wish(log));
    }

    private void run(List<PartitionLog> loading) {
        for (PartitionLog log : loading) {
            load(log);
        }
        while (!closing) {
            try {
                Retry first = retries.peek();
                Wish wish =
                        first == null
                                ? wishes.take()
                                : wishes.poll(
                                        first.atNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (wish != null && wish.log != null && !retrying.contains(wish.log)) {
                    write(wish.log, BACKOFF_MS_MIN);
                } else if (first != null && first.atNanos - System.nanoTime() <= 0) {
                    retries.remove(first);
                    retrying.remove(first.log);
                    write(first.log, Math.min(2 * first.backoffMs, BACKOFF_MS_MAX));
                }
            } catch (InterruptedException e) {
                return; // nobody does that
            }
        }
    }

    private void load(PartitionLog log) {
        try {
            log.index().loadAll(() -> closing);
        } catch (RuntimeException | VirtualMachineError e) {
            log.emit(
                    new LogEvent.UpkeepFailed(
                            log.topic(), log.partition(), "loading its key index: " + e));
        }
    }

    private void write(PartitionLog log, long backoffMs) {
        try {
            log.checkpoints().write(() -> closing);
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            if (!closing && log.state() != PartitionState.CLOSED) {
                log.emit(
                        new LogEvent.UpkeepFailed(
                                log.topic(), log.partition(), "writing a checkpoint: " + e));
                long atNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoffMs);
                retries.add(new Retry(log, atNanos, backoffMs));
                retrying.add(log);
            }
        }
    }

    /// Stops, in the middle of a checkpoint if need be, and waits until that is done.
    @Override
    public void close() {
        closing = true;
        wishes.add(new Wish(null));
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
