package dev.lastword.config;

import dev.lastword.log.TopicConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// The checked settings of this instance. Immutable.
///
/// @param dataDir where the logs are
/// @param lockWait how long to wait at the start for another process to let go of the data
///   directory
/// @param autoCreateTopics whether the first write to a topic makes it
/// @param cleanerThreads how many partitions are cleaned at the same time, 1 to 64
/// @param cleanerBackoff pause between two looks for something to clean
/// @param cleanerIoBytesPerSecondMax what cleaning may read and write in a second; 0: no limit;
///   [dev.lastword.cleaner.CleanerOptions#AUTO]: as much as the writers do not notice
/// @param streamsMax how many long-running bodies (snapshots, bulk writes) may run at once
/// @param subscribersMax how many clients may follow changes or wait for a key at once
/// @param heartbeat how often a client that follows changes hears something, at least
/// @param expansionMax a packed body may grow by this factor
/// @param streamIdleMax how long a client may neither send nor take anything within a stream
/// @param clientBytesPerSecondMin what a client of a stream must take, in the mean over
///   `streamIdleMax`; 0: any pace will do
/// @param headTimeMax how long the head of a request may take to arrive
/// @param bodyMemoryBytesMax what bodies that are read whole may hold, all at once
/// @param bodyTimeMax how long such a body may take to arrive
/// @param readCacheBytesMax what may be kept in memory of the values that were read of late
/// @param queueBytesMax what may wait to be written, of all partitions
/// @param partitionQueueBytesMax the same of one partition
/// @param tombstoneTypes types of CloudEvents that delete their key
/// @param allowAnonymous whether to serve callers nobody has authenticated on other hosts than
///   loopback
/// @param usersFile who may call, where callers are authenticated
/// @param clientCertificates whether callers are known by the certificate of their connection
/// @param kafka what is mirrored from Kafka
/// @param compact what one-shot compactions may take
/// @param topicDefaults what a topic is set to where its creator says nothing else
public record LastwordConfig(
        Path dataDir,
        Duration lockWait,
        boolean autoCreateTopics,
        int cleanerThreads,
        Duration cleanerBackoff,
        long cleanerIoBytesPerSecondMax,
        int streamsMax,
        int subscribersMax,
        Duration heartbeat,
        int expansionMax,
        Duration streamIdleMax,
        long clientBytesPerSecondMin,
        Duration headTimeMax,
        long bodyMemoryBytesMax,
        Duration bodyTimeMax,
        long readCacheBytesMax,
        int queueBytesMax,
        int partitionQueueBytesMax,
        Set<String> tombstoneTypes,
        boolean allowAnonymous,
        Optional<Path> usersFile,
        ClientCertificates clientCertificates,
        KafkaSettings kafka,
        CompactSettings compact,
        TopicConfig topicDefaults) {}
