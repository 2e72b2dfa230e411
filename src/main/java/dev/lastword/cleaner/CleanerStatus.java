package dev.lastword.cleaner;

import dev.lastword.log.Damage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the cleaner is doing.
///
/// @param threads how many there are, and how many of them are at work on what
/// @param waiting requested compactions that wait for a thread
public record CleanerStatus(
        int threads,
        List<Running> running,
        List<CompactionReport> waiting,
        List<PartitionStatus> partitions) {
    public CleanerStatus {
        running = List.copyOf(running);
        waiting = List.copyOf(waiting);
        partitions = List.copyOf(partitions);
    }

    /// A pass at work.
    ///
    /// @param thread its name
    /// @param virtualThread whether that is a virtual one
    public record Running(
            String topic,
            int partition,
            String thread,
            boolean virtualThread,
            long startedAtMs,
            long bytesDone,
            long bytesTotal) {}

    /// Why a partition is, or is not, going to be cleaned.
    ///
    /// @param overdue a deadline has passed
    /// @param deadBytes what a cleaning would win, estimated
    /// @param failures failed attempts in a row
    /// @param lastError of the last failed attempt
    /// @param retryAtMs no attempt before this time; 0 where none failed
    /// @param damages what of it is damaged, so that it is not cleaned
    public record PartitionStatus(
            String topic,
            int partition,
            boolean eligible,
            boolean overdue,
            long deadBytes,
            String reason,
            int failures,
            @Nullable String lastError,
            long retryAtMs,
            List<Damage> damages) {}
}
