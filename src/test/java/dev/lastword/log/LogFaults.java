package dev.lastword.log;

/// States that only a failing disk leads to, for tests that have a real one.
public final class LogFaults {
    private LogFaults() {}

    /// As after a failed flush.
    public static void turnReadOnly(PartitionLog log) {
        log.turnReadOnly("a flush failed: Input/output error");
    }
}
