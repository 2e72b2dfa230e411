package dev.lastword.log;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Those who want to know when a partition's end moves, or that it is closed. Whoever moves the end
/// only starts the telling: a virtual thread tells the listeners one after the other, so that an
/// append costs the same however many listen. Moves that come meanwhile are told of together.
///
/// A listener that is added looks at the end itself afterwards; then it misses no move. It must be
/// quick and must not throw. Thread-safe.
public final class EndListeners {
    private static final int QUIET = 0;
    private static final int TELLING = 1;
    private static final int MOVED = 2;

    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
    private final AtomicInteger state = new AtomicInteger(QUIET);

    EndListeners() {}

    public void add(Runnable listener) {
        listeners.add(listener);
    }

    public void remove(Runnable listener) {
        listeners.remove(listener);
    }

    /// How many listen.
    public int count() {
        return listeners.size();
    }

    void moved() {
        if (!listeners.isEmpty() && state.getAndSet(MOVED) == QUIET) {
            Thread.startVirtualThread(this::tell);
        }
    }

    private void tell() {
        do {
            state.set(TELLING);
            listeners.forEach(Runnable::run);
        } while (!state.compareAndSet(TELLING, QUIET));
    }
}
