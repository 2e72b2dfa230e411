package dev.lastword.http;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Work that waits for the disk, moved off the event loop.
final class Blocking {
    private static final Logger LOG = Logger.getLogger(Blocking.class);

    private Blocking() {}

    /// Runs it on a virtual thread of its own, once subscribed to.
    static <T extends @Nullable Object> Uni<T> call(Supplier<T> work) {
        return Uni.createFrom()
                .emitter(emitter -> {
                    AtomicBoolean left = new AtomicBoolean();
                    emitter.onTermination(() -> left.set(true));
                    Thread.startVirtualThread(() -> {
                        T result;
                        try {
                            result = work.get();
                        } catch (Throwable e) {
                            fail(emitter, e, left.get());
                            return;
                        }
                        emitter.complete(result);
                    });
                });
    }

    /// A client that has left hears of no failure. One that was refused what it sent is no error of
    /// the service, which an emitter that nobody listens to would log as one.
    private static void fail(UniEmitter<?> emitter, Throwable failure, boolean hasLeft) {
        if (hasLeft && failure instanceof ProblemException) {
            LOG.debugf(failure, "A client left before it was refused");
        } else {
            emitter.fail(failure);
        }
    }
}
