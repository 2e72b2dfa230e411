package dev.lastword.http;

import java.io.IOException;
import java.time.Duration;

/// Judges whether a client takes its answer fast enough: something within each period, and so many
/// bytes a second in the mean of each period. A period lasts for so much time in which the client
/// was waited for; what the service itself needs is not counted against it.
///
/// For one answer; not thread-safe.
final class ClientPace {
    private final Duration period;
    private final long periodNanos;
    private final long periodBytesMin;
    private final Runnable whenTooSlow;

    private long nothingNanos;
    private long waitedNanos;
    private long takenBytes;

    /// @param period how long the client may take nothing, and over which its pace is the mean
    /// @param bytesPerSecondMin 0: any pace will do
    /// @param whenTooSlow run before it is told by an exception
    ClientPace(Duration period, long bytesPerSecondMin, Runnable whenTooSlow) {
        this.period = period;
        this.periodNanos = period.toNanos();
        this.periodBytesMin = (long) (bytesPerSecondMin * (periodNanos / 1e9));
        this.whenTooSlow = whenTooSlow;
    }

    /// How long to wait for the client until it is to be judged.
    long patienceNanos() {
        return periodNanos - Math.max(nothingNanos, waitedNanos);
    }

    /// The client was waited for.
    ///
    /// @param bytes what it has taken since this was called last
    void waited(long nanos, long bytes) {
        nothingNanos = bytes > 0 ? 0 : nothingNanos + nanos;
        waitedNanos += nanos;
        takenBytes += bytes;
    }

    /// Judges, where the client still has to be waited for.
    ///
    /// @throws IOException if it is too slow
    void check() throws IOException {
        if (nothingNanos >= periodNanos) {
            throw tooSlow("nothing");
        }
        if (waitedNanos >= periodNanos) {
            if (takenBytes < periodBytesMin) {
                throw tooSlow(takenBytes + " bytes, not " + periodBytesMin + ",");
            }
            waitedNanos = 0;
            takenBytes = 0;
        }
    }

    private IOException tooSlow(String taken) {
        whenTooSlow.run();
        return new IOException("the client took " + taken + " within " + period);
    }
}
