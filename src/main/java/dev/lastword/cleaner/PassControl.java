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

    final AtomicLong bytesDone = new AtomicLong();
    final AtomicLong bytesTotal = new AtomicLong();
    final AtomicLong recordsRead = new AtomicLong();
    final AtomicLong recordsKept = new AtomicLong();
    private final BooleanSupplier stop;
    private final Throttle throttle;

    PassControl(BooleanSupplier stop, Throttle throttle) {
        this.stop = stop;
        this.throttle = throttle;
    }

    /// Called for every batch. Virtual threads are not preempted, so it also lets others have the
    /// processor.
    @SuppressWarnings("ThreadPriorityCheck") // nothing is made right by it, only fairer
    void checkpoint(long bytes) throws StoppedException {
        if (stop.getAsBoolean()) {
            throw new StoppedException();
        }
        throttle.take(bytes, stop);
        Thread.yield();
    }
}
