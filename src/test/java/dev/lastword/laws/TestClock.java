package dev.lastword.laws;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that stands still until it is told otherwise.
public final class TestClock implements InstantSource {
    private final AtomicLong nowMs;

    public TestClock(long nowMs) {
        this.nowMs = new AtomicLong(nowMs);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(nowMs.get());
    }

    @Override
    public long millis() {
        return nowMs.get();
    }

    /// Moves it, also back.
    public void step(long ms) {
        nowMs.addAndGet(ms);
    }
}
