package dev.lastword.http;

import io.smallrye.mutiny.Uni;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Work that waits for the disk, moved off the event loop.
final class Blocking {
    private Blocking() {}

    /// Runs it on a virtual thread of its own, once subscribed to.
    static <T extends @Nullable Object> Uni<T> call(Supplier<T> work) {
        return Uni.createFrom()
                .emitter(emitter ->
                        Thread.startVirtualThread(() -> {
                            T result;
                            try {
                                result = work.get();
                            } catch (Throwable e) {
                                emitter.fail(e);
                                return;
                            }
                            emitter.complete(result);
                        }));
    }
}
