package dev.lastword.log;

import java.util.concurrent.atomic.AtomicLong;

/// A counter with one writing thread and any number of readers; cheaper than an atomic addition.
final class Tally {
    private final AtomicLong value = new AtomicLong();

    long get() {
        return value.getAcquire();
    }

    /// Only the writing thread may call this.
    void add(long amount) {
        value.setRelease(value.getPlain() + amount);
    }

    /// Only the writing thread may call this.
    void set(long newValue) {
        value.setRelease(newValue);
    }
}
