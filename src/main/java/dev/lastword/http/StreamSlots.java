package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/// Bounds the streams that run at once, in and out, and with them their buffers. Thread-safe.
@Singleton
public class StreamSlots {
    private final Semaphore free;
    private final int max;

    StreamSlots(LastwordConfig config, MeterRegistry registry) {
        this.max = config.streamsMax();
        this.free = new Semaphore(max);
        Gauge.builder("lastword.http.streams", this, s -> s.max - s.free.availablePermits())
                .description("Bulk writes, snapshots and pages that are under way")
                .register(registry);
    }

    /// A stream's right to run, until it is closed. Closing twice is harmless.
    interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /// Does not block.
    ///
    /// @throws ProblemException 503 where all are taken
    Slot take() {
        if (!free.tryAcquire()) {
            throw new ProblemException(
                            503,
                            "too-many-streams",
                            "So many streams run already as may at once ("
                                    + max
                                    + ", lastword.http.max-streams). Try again later.")
                    .retryAfter(1);
        }
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (closed.compareAndSet(false, true)) {
                free.release();
            }
        };
    }
}
