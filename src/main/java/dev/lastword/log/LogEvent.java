package dev.lastword.log;

import java.util.List;

/// Everything worth telling that happens to a log. Log lines and metrics are made of these. Events
/// of a partition come from its appender's thread or from whoever opens it; a listener must be
/// quick and must not throw.
public sealed interface LogEvent {
    /// The name of the topic concerned.
    String topic();

    /// A topic came into being.
    record TopicCreated(String topic, int partitions) implements LogEvent {}

    /// A mirrored topic has got more partitions.
    ///
    /// @param before how many it had
    /// @param now how many it has
    record PartitionsAdded(String topic, int before, int now) implements LogEvent {}

    /// A topic and its data are gone.
    record TopicDeleted(String topic, int partitions) implements LogEvent {}

    /// A partition is ready.
    ///
    /// @param clean it was closed cleanly, so that its tail was not searched for damage
    /// @param tookMs time spent, milliseconds
    record PartitionOpened(
            String topic, int partition, long endOffset, long keys, boolean clean, long tookMs)
            implements LogEvent {}

    /// A group of writes is stored.
    ///
    /// @param bytes on disk
    /// @param flushNanos time of the flush, 0 where none was due
    record GroupAppended(
            String topic, int partition, int requests, int records, long bytes, long flushNanos)
            implements LogEvent {}

    /// A group of writes was refused by the disk and taken back.
    record AppendFailed(String topic, int partition, int requests, String reason)
            implements LogEvent {}

    /// Keys expired: tombstones of theirs were appended.
    record Expired(String topic, int partition, long keys) implements LogEvent {}

    /// A segment was closed and a new one takes the writes.
    record SegmentRolled(String topic, int partition, long newBaseOffset) implements LogEvent {}

    /// The partition takes no more writes.
    record TurnedReadOnly(String topic, int partition, String reason) implements LogEvent {}

    /// Recovery cut an incomplete last group off.
    record TailCut(String topic, int partition, long offset, long bytes) implements LogEvent {}

    /// Damage was found; the partition is not cleaned from now on.
    record Quarantined(String topic, int partition, String reason) implements LogEvent {}

    /// Somebody took the partition back into service: after a failed flush, or out of quarantine.
    ///
    /// @param endOffset where it ends now
    /// @param moved damaged bytes that were moved aside
    record Reopened(String topic, int partition, long endOffset, List<Salvage.Moved> moved)
            implements LogEvent {
        public Reopened {
            moved = List.copyOf(moved);
        }
    }

    /// Somebody asked for that, and the partition is still out of service.
    record NotReopened(String topic, int partition, String reason) implements LogEvent {}

    /// A checkpoint is durable: a start after a crash reads the log from its offset on.
    ///
    /// @param bytes size of the file
    /// @param tookMs time spent, milliseconds
    record CheckpointWritten(String topic, int partition, long offset, long bytes, long tookMs)
            implements LogEvent {}

    /// Something that is not needed for a write to be safe, but should not fail, did.
    record UpkeepFailed(String topic, int partition, String reason) implements LogEvent {}
}
