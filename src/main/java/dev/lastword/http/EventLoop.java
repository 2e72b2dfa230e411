package dev.lastword.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.concurrent.Executor;

/// The way back to the event loop.
final class EventLoop {
    private EventLoop() {}

    /// Runs tasks on the event loop of the request that is being handled.
    static Executor current() {
        Context context = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
        return task -> context.runOnContext(v -> task.run());
    }
}
