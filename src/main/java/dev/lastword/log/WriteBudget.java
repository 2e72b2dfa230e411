package dev.lastword.log;

import java.util.concurrent.Semaphore;

/// Bounds the bytes that wait to be written: for each partition, and for all of a store.
/// Thread-safe.
final class WriteBudget {
    private final Semaphore store;
    private final Semaphore partition;
    private final int partitionBytes;

    /// @param store shared by all partitions, with at least `partitionBytes` permits
    WriteBudget(Semaphore store, int partitionBytes) {
        this.store = store;
        this.partitionBytes = partitionBytes;
        this.partition = new Semaphore(partitionBytes, true);
    }

    /// What a write of this size takes; a single one larger than the whole budget goes alone.
    private int permits(int bytes) {
        return Math.min(Math.max(1, bytes), partitionBytes);
    }

    boolean tryTake(int bytes) {
        int permits = permits(bytes);
        if (!partition.tryAcquire(permits)) {
            return false;
        }
        if (!store.tryAcquire(permits)) {
            partition.release(permits);
            return false;
        }
        return true;
    }

    /// Waits for room.
    void take(int bytes) {
        int permits = permits(bytes);
        partition.acquireUninterruptibly(permits);
        store.acquireUninterruptibly(permits);
    }

    void giveBack(int bytes) {
        int permits = permits(bytes);
        store.release(permits);
        partition.release(permits);
    }
}
