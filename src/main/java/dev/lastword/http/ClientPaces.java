package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;

/// The pace that is asked of clients that take an answer as a stream, and how many were cut off for
/// being slower. Thread-safe.
@Singleton
final class ClientPaces {
    private final LastwordConfig config;
    private final Counter tooSlow;

    ClientPaces(LastwordConfig config, MeterRegistry registry) {
        this.config = config;
        this.tooSlow = registry.counter("lastword.problems", "problem", "client-too-slow");
    }

    /// For one answer.
    ClientPace begin() {
        return new ClientPace(
                config.streamIdleMax(), config.clientBytesPerSecondMin(), tooSlow::increment);
    }
}
