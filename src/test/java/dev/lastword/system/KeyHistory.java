package dev.lastword.system;

import java.util.ArrayList;
import java.util.List;

/// What one key may hold: the last write that was acknowledged, or any sent after it whose outcome
/// is not known. Values are JSON texts, `null` where the key is absent or deleted. One thread
/// writes a key, so that the order of its writes is known. Thread-safe.
final class KeyHistory {
    static final String ABSENT = "null";

    /// The first is acknowledged, the others are not.
    private final List<String> possible = new ArrayList<>(List.of(ABSENT));

    synchronized void sent(String value) {
        possible.add(value);
    }

    /// All that was sent is stored.
    synchronized void acknowledged() {
        possible.subList(0, possible.size() - 1).clear();
    }

    synchronized boolean allows(String value) {
        return possible.contains(value);
    }

    /// What was read after a restart holds from now on. The unacknowledged rest is to be sent
    /// again.
    synchronized void found(String value) {
        possible.set(0, value);
    }

    synchronized List<String> unacknowledged() {
        return List.copyOf(possible.subList(1, possible.size()));
    }

    @Override
    public synchronized String toString() {
        return possible.toString();
    }
}
