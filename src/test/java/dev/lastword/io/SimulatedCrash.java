package dev.lastword.io;

/// Thrown by every call to a [SimulatedDisk] that has stopped, and to its files. An error, so that
/// no code takes it for a failed operation and carries on: nothing runs after a crash.
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    SimulatedCrash(long operations) {
        super("the simulated machine stopped after " + operations + " disk operations");
    }
}
