package dev.lastword.cleaner.offline;

/// What a cleaning read, kept and dropped; of a dry run, what it would have. Control batches count
/// in bytes only.
///
/// @param fromOffset the first offset that was considered
/// @param toOffset exclusive end: everything between is clean now
/// @param segmentsBefore segments in that range before
/// @param segmentsAfter segments in that range after
/// @param bytesBefore size of the `.log` files in that range before
/// @param bytesAfter their size after
/// @param recordsRead records in that range
/// @param recordsKept those that are still there
/// @param droppedSuperseded dropped for a later record of the same key
/// @param droppedTombstones dropped because their delete horizon had passed
/// @param droppedAborted dropped because their transaction was aborted
/// @param droppedWithoutKey dropped because a compacted log holds no records without key
/// @param tombstonesKept tombstones that stay for now
/// @param keys distinct keys met
/// @param decideNanos time to read the segments and find out what is superseded
/// @param copyNanos time to write what stays, flushes included
public record OfflineResult(
        long fromOffset,
        long toOffset,
        int segmentsBefore,
        int segmentsAfter,
        long bytesBefore,
        long bytesAfter,
        long recordsRead,
        long recordsKept,
        long droppedSuperseded,
        long droppedTombstones,
        long droppedAborted,
        long droppedWithoutKey,
        long tombstonesKept,
        long keys,
        long decideNanos,
        long copyNanos) {}
