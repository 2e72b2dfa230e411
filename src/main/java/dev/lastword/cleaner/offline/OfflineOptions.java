package dev.lastword.cleaner.offline;

/// How a closed partition is cleaned. Times are milliseconds, sizes bytes; the names are those of
/// Kafka's topic settings.
///
/// @param nowMs the time that counts as now, since 1970
/// @param minCompactionLagMs segments with a younger record are not touched; 0: no such bound
/// @param deleteRetentionMs how long a tombstone stays after it was first met by a cleaning
/// @param segmentBytes neighbouring segments are joined up to this size
/// @param indexBytesMax neighbours are joined as long as their offset and time indexes are not
///   larger together (Kafka's `segment.index.bytes`)
/// @param producerIdExpirationMs a producer that wrote nothing for so long holds no batch back
///   (Kafka's `producer.id.expiration.ms`)
/// @param dryRun only read and count; nothing is written, but for lock files
public record OfflineOptions(
        long nowMs,
        long minCompactionLagMs,
        long deleteRetentionMs,
        long segmentBytes,
        long indexBytesMax,
        long producerIdExpirationMs,
        boolean dryRun) {
    private static final long DAY_MS = 86_400_000L;

    public OfflineOptions {
        ensureNotNegative("nowMs", nowMs);
        ensureNotNegative("minCompactionLagMs", minCompactionLagMs);
        ensureNotNegative("deleteRetentionMs", deleteRetentionMs);
        ensureNotNegative("segmentBytes", segmentBytes);
        ensureNotNegative("indexBytesMax", indexBytesMax);
        ensureNotNegative("producerIdExpirationMs", producerIdExpirationMs);
    }

    private static void ensureNotNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " is " + value);
        }
    }

    /// Kafka's defaults: no lag, tombstones for a day, segments of 1 GiB.
    public static OfflineOptions defaults(long nowMs) {
        return new OfflineOptions(nowMs, 0, DAY_MS, 1 << 30, 10 << 20, DAY_MS, false);
    }

    public OfflineOptions withMinCompactionLagMs(long ms) {
        return new OfflineOptions(
                nowMs,
                ms,
                deleteRetentionMs,
                segmentBytes,
                indexBytesMax,
                producerIdExpirationMs,
                dryRun);
    }

    public OfflineOptions withDeleteRetentionMs(long ms) {
        return new OfflineOptions(
                nowMs,
                minCompactionLagMs,
                ms,
                segmentBytes,
                indexBytesMax,
                producerIdExpirationMs,
                dryRun);
    }

    public OfflineOptions withSegmentBytes(long bytes) {
        return new OfflineOptions(
                nowMs,
                minCompactionLagMs,
                deleteRetentionMs,
                bytes,
                indexBytesMax,
                producerIdExpirationMs,
                dryRun);
    }

    public OfflineOptions withDryRun(boolean dry) {
        return new OfflineOptions(
                nowMs,
                minCompactionLagMs,
                deleteRetentionMs,
                segmentBytes,
                indexBytesMax,
                producerIdExpirationMs,
                dry);
    }
}
