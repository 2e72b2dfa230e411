package dev.lastword.log;

import java.util.List;
import java.util.OptionalLong;

/**
 * A partition at one moment.
 *
 * @param startOffset first offset that can be read
 * @param endOffset offset of the next record
 * @param flushedOffset everything below it is on disk
 * @param sizeBytes of all segments' {@code .log} files
 * @param liveKeys keys with a value
 * @param deadRecords records superseded by a later one of their key, tombstones not counted
 * @param deadBytes their size, estimated
 * @param dirtyRatio Kafka's: bytes not yet considered by a cleaning, over all bytes, the active
 *     segment left out
 * @param lastCleanedAtMs end of the last cleaning that went through
 * @param oldestTombstoneAtMs timestamp of the oldest tombstone that is still in the log
 * @param reason why the state is not {@link PartitionState#ONLINE}, else empty
 * @param damages bytes that are damaged, as far as that was found
 */
public record PartitionStats(
        int partition,
        long startOffset,
        long endOffset,
        long flushedOffset,
        long sizeBytes,
        int segments,
        long liveKeys,
        long deadRecords,
        long deadBytes,
        double dirtyRatio,
        OptionalLong lastCleanedAtMs,
        OptionalLong oldestTombstoneAtMs,
        PartitionState state,
        String reason,
        List<Damage> damages) {}
