package dev.lastword.log;

import java.time.Duration;

/// How a store behaves.
///
/// @param lockWait how long to wait for a data directory that is in use
/// @param storeQueueBytes how many bytes may wait to be written in all
/// @param partitionQueueBytes how many of them for one partition
/// @param topicDefaults settings of topics that say nothing else
public record LogStoreOptions(
        Duration lockWait,
        int storeQueueBytes,
        int partitionQueueBytes,
        TopicConfig topicDefaults) {
    public LogStoreOptions {
        if (partitionQueueBytes < 1 || storeQueueBytes < partitionQueueBytes) {
            throw new IllegalArgumentException(
                    "queue bounds " + partitionQueueBytes + " of " + storeQueueBytes);
        }
    }

    /// 64 MiB for all, 16 MiB for one partition, no waiting for the lock.
    public static LogStoreOptions defaults() {
        return new LogStoreOptions(
                Duration.ZERO, 64 << 20, 16 << 20, TopicConfig.parse(java.util.Map.of()));
    }
}
