package dev.lastword.log;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Ties the writes of one stream together: once one of them failed, none that waits behind it is
/// stored, so that a stream ends in a prefix and not in a sieve. Those are refused with the reason
/// of the first. Thread-safe.
public final class StreamFence {
    private final AtomicReference<@Nullable LogException> cause = new AtomicReference<>();

    /// From now on no further write of the stream is stored. The first cause stays.
    public void breakStream(LogException why) {
        cause.compareAndSet(null, why);
    }

    /// Why the stream is broken, or null while it is not.
    public @Nullable LogException cause() {
        return cause.get();
    }
}
