package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Reads small bodies whole: each up to its limit and within `lastword.http.body-timeout`, and all
/// that arrive at the same time within `lastword.http.max-body-memory`. So neither many clients nor
/// slow ones take more memory than that. Thread-safe.
@Singleton
public final class Bodies {
    private final Vertx vertx;
    private final long memoryBytesMax;
    private final Duration timeMax;
    private final AtomicLong held = new AtomicLong();

    Bodies(LastwordConfig config, Vertx vertx, MeterRegistry registry) {
        this.vertx = vertx;
        this.memoryBytesMax = config.bodyMemoryBytesMax();
        this.timeMax = config.bodyTimeMax();
        Gauge.builder("lastword.http.body.bytes", held, AtomicLong::get)
                .description("Memory held by bodies that are being read")
                .register(registry);
    }

    /// The body of a request that nobody has begun to read. To be subscribed on the request's event
    /// loop.
    ///
    /// Fails with a [ProblemException]: 413 as soon as it is known to be longer than `bytesMax`,
    /// 408 where it takes too long, 503 where there is no memory for it.
    Uni<byte[]> read(HttpServerRequest request, int bytesMax) {
        return Uni.createFrom().emitter(e -> new BoundedBody(this, request, bytesMax, e).start());
    }

    /// Takes memory for some of a body; false where there is none. One that is larger than all goes
    /// alone.
    boolean tryTake(long bytes) {
        long before = held.getAndUpdate(n -> isRoom(n, bytes) ? n + bytes : n);
        return isRoom(before, bytes);
    }

    private boolean isRoom(long taken, long bytes) {
        return taken == 0 || taken + bytes <= memoryBytesMax;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    Vertx vertx() {
        return vertx;
    }

    Duration timeMax() {
        return timeMax;
    }

    long memoryBytesMax() {
        return memoryBytesMax;
    }
}
