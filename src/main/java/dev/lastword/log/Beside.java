package dev.lastword.log;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Work on the disk that goes on beside the thread that asked for it, one piece at a time. Its
/// failure is that of who asked, so it must be waited for.
///
/// Not thread-safe.
public final class Beside implements AutoCloseable {
    private final String name;
    private @Nullable FutureTask<@Nullable Void> task;

    /// @param name of the thread
    public Beside(String name) {
        this.name = name;
    }

    /// Waits for the piece before, and begins another.
    ///
    /// @throws IOException if the one before failed; the other is not begun then
    public void begin(Callable<@Nullable Void> work) throws IOException {
        await();
        FutureTask<@Nullable Void> next = new FutureTask<>(work);
        Thread.ofVirtual().name(name).start(next);
        task = next;
    }

    /// Waits until nothing goes on any more.
    ///
    /// @throws IOException if the last piece failed; told once
    public void await() throws IOException {
        FutureTask<@Nullable Void> last = task;
        if (last == null) {
            return;
        }
        task = null;
        try {
            last.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(name + " failed", e);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a cleaning", e);
        }
    }

    /// As [#await].
    @Override
    public void close() throws IOException {
        await();
    }
}
