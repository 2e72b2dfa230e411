package dev.lastword.cleaner.offline;

/// Hears how far a cleaning is, some times a second, in the cleaning's own thread.
@FunctionalInterface
public interface OfflineProgress {
    /// What a cleaning is doing.
    enum Phase {
        /// Reading all, to find out which records are superseded.
        DECIDE,
        /// Writing what stays.
        COPY
    }

    /// @param bytesDone of this phase
    /// @param bytesTotal of this phase
    void at(Phase phase, long bytesDone, long bytesTotal);
}
