package dev.lastword.cleaner;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// How far a requested compaction is, or how it ended.
///
/// @param startedAtMs when it was asked for
/// @param bytesDone of bytesTotal considered so far
/// @param recordsRead in segments that were rewritten
/// @param recordsKept of those
/// @param bytesBefore size of the topic's closed segments before; known for the partitions done
/// @param bytesAfter the same after
/// @param error why it failed, if it did
public record CompactionReport(
        String id,
        String topic,
        State state,
        long startedAtMs,
        OptionalLong finishedAtMs,
        long bytesDone,
        long bytesTotal,
        long recordsRead,
        long recordsKept,
        long bytesBefore,
        long bytesAfter,
        @Nullable String error) {
    /// Of a compaction.
    public enum State {
        QUEUED,
        RUNNING,
        DONE,
        CANCELLED,
        FAILED
    }
}
