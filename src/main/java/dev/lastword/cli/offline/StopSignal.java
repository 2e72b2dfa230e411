package dev.lastword.cli.offline;

import java.util.concurrent.CountDownLatch;

/// Lets a work that was told to end (Ctrl-C, SIGTERM) come to a good place first. The work asks at
/// places where it can stop, and the process waits until it has.
final class StopSignal implements AutoCloseable {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "stop");
    private volatile boolean stopping;

    StopSignal() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stop() {
        stopping = true;
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever ends the JVM harder has a reason
        }
    }

    /// @throws StoppedException if the work is to end
    void check() {
        if (stopping) {
            throw new StoppedException();
        }
    }

    /// The work has ended.
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // it runs, and ends now
        }
    }

    /// The work was told to end.
    static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
