package dev.lastword.cleaner;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// What connects a running pass with the outside: whether it must stop, how far it is. Thread-safe.
final class PassControl {
    /// Thrown by a pass that was asked to stop.
    static final class StoppedException extends Exception {
        private static final long serialVersionUID = 1L;

        StoppedException() {
            super("stopped", null, false, false);
        }
    }

    private static final long PIECE_BYTES = 256 << 10;

    final AtomicLong bytesDone = new AtomicLong();
    final AtomicLong bytesTotal = new AtomicLong();
    final AtomicLong recordsRead = new AtomicLong();
    final AtomicLong recordsKept = new AtomicLong();
    private final BooleanSupplier stop;
    private final Throttle throttle;

    private long bytes;
    private long ioBytes;
    private long read;
    private long kept;

    PassControl(BooleanSupplier stop, Throttle throttle) {
        this.stop = stop;
        this.throttle = throttle;
    }

    /// Called for every batch, by the pass alone.
    ///
    /// @param batchBytes how much further the pass is
    /// @param batchIoBytes about how much it read and wrote for that
    void checkpoint(long batchBytes, long batchIoBytes) throws StoppedException {
        if (stop.getAsBoolean()) {
            throw new StoppedException();
        }
        bytes += batchBytes;
        ioBytes += batchIoBytes;
        if (ioBytes >= PIECE_BYTES) {
            rest();
        }
    }

    /// Counts the records of a batch.
    void counted(int batchRead, int batchKept) {
        read += batchRead;
        kept += batchKept;
    }

    /// Publishes how far the pass is, waits for its turn at the disk, and lets others have the
    /// processor, for virtual threads are not preempted.
    @SuppressWarnings("ThreadPriorityCheck") // nothing is made right by it, only fairer
    void rest() {
        bytesDone.addAndGet(bytes);
        recordsRead.addAndGet(read);
        recordsKept.addAndGet(kept);
        long io = ioBytes;
        bytes = 0;
        ioBytes = 0;
        read = 0;
        kept = 0;
        throttle.take(io, stop);
        Thread.yield();
    }
}
