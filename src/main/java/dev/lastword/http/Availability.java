package dev.lastword.http;

import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/// Whether the logs are open. Until they are, and once they close, every REST call is answered 503
/// before anything that needs them is built. Thread-safe.
@Singleton
public class Availability {
    private volatile @Nullable String unavailable = "The logs are being opened.";

    /// From now on requests are served.
    public void open() {
        unavailable = null;
    }

    /// @param reason one sentence
    public void close(String reason) {
        unavailable = reason;
    }

    /// Why requests are not served, or null when they are.
    public @Nullable String unavailable() {
        return unavailable;
    }

    /// Refuses requests that come too early or too late.
    static final class Filter {
        private final Availability availability;

        Filter(Availability availability) {
            this.availability = availability;
        }

        @ServerRequestFilter(preMatching = true)
        public @Nullable Response refuse() {
            String reason = availability.unavailable;
            return reason == null
                    ? null
                    : Problems.response(
                            new ProblemException(503, "not-ready", reason + " Try again soon.")
                                    .retryAfter(1));
        }
    }
}
