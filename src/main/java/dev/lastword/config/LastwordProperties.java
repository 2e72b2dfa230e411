package dev.lastword.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.util.Map;
import java.util.Optional;

/// `lastword.*` as it is written. All of it is text, so that a wrong value is refused by
/// [ConfigReader], in one line that names the remedy, and not by a converter's stack trace.
@ConfigMapping(prefix = "lastword")
public interface LastwordProperties {

    /// Where the logs are.
    @WithDefault("data")
    String dataDir();

    /// How long to wait at the start for another process to let go of the data directory.
    @WithName("data-dir.lock-wait")
    @WithDefault("0s")
    String dataDirLockWait();

    /// Whether the first write to a topic makes it.
    @WithDefault("true")
    String autoCreateTopics();

    Cleaner cleaner();

    Http http();

    Read read();

    Queue queue();

    @WithName("cloudevents")
    CloudEvents cloudEvents();

    Security security();

    Kafka kafka();

    Compact compact();

    /// Settings of topics whose creator says nothing else, by Kafka's names.
    Map<String, String> topicDefaults();

    /// The background cleaning.
    interface Cleaner {
        /// How many partitions are cleaned at the same time.
        @WithDefault("1")
        String threads();

        /// Pause between two looks for something to clean.
        @WithDefault("15s")
        String backoff();

        /// What cleaning may read and write in a second; `auto`: as much as the writers do not
        /// notice; 0: no limit.
        @WithDefault("auto")
        String ioMaxBytesPerSecond();
    }

    /// Kafka as a source.
    interface Kafka {
        /// Names of topics to mirror, with commas between them.
        Optional<String> topics();

        /// A regular expression: topics whose whole name matches are mirrored as they appear.
        Optional<String> topicsPattern();

        /// The consumer group whose members share the partitions.
        @WithDefault("lastword")
        String groupId();

        /// What becomes of a record without a key, or too large for the topic: `skip`, `fail` or
        /// `dead-letter`.
        @WithDefault("skip")
        String onUnusable();

        /// Where such records go with `dead-letter`.
        @WithDefault("lastword-dead-letters")
        String deadLetterTopic();

        /// When records may have been missed: `rebuild` or `continue`.
        @WithDefault("rebuild")
        String onGap();
    }

    /// The HTTP edge.
    interface Http {
        /// How many long-running bodies (snapshots, bulk writes) may run at once.
        @WithDefault("64")
        String maxStreams();

        /// How many clients may follow changes or wait for a key at once.
        @WithDefault("10000")
        String maxSubscribers();

        /// How often a client that follows changes hears something, at least.
        @WithDefault("15s")
        String heartbeat();

        /// A body packed with gzip may grow by this factor.
        @WithDefault("200")
        String maxExpansion();

        /// How long a client may neither send nor take anything in the middle of a stream.
        @WithDefault("60s")
        String idleTimeout();

        /// What a client of a snapshot or another stream must take in a second, in the mean over
        /// the idle time-out; 0: any pace will do.
        @WithDefault("8K")
        String minBytesPerSecond();

        /// How long the head of a request may take to arrive.
        @WithDefault("30s")
        String headTimeout();

        /// What bodies that are read whole may hold in memory, all that arrive at the same time.
        @WithDefault("256M")
        String maxBodyMemory();

        /// How long such a body may take to arrive.
        @WithDefault("60s")
        String bodyTimeout();
    }

    /// Reads by key.
    interface Read {
        /// What may be kept in memory of the values that were read of late; 0: nothing.
        @WithDefault("16M")
        String cacheBytes();
    }

    /// Writes that wait for the disk.
    interface Queue {
        /// How many bytes may wait in all.
        @WithDefault("64M")
        String maxBytes();

        /// How many for one partition.
        @WithDefault("16M")
        String maxPartitionBytes();
    }

    /// CloudEvents.
    interface CloudEvents {
        /// Types of events that delete their key, with commas between.
        Optional<String> tombstoneTypes();
    }

    /// `POST /compact`.
    interface Compact {
        /// How many may run at once.
        @WithDefault("2")
        String maxConcurrent();

        /// How large an input may be, unpacked.
        @WithDefault("10G")
        String maxBytes();

        /// How many keys an input may have; each takes some 30 bytes of memory.
        @WithDefault("10000000")
        String maxKeys();
    }

    /// Who may call.
    interface Security {
        /// Whether to serve anyone on other hosts than loopback.
        @WithDefault("false")
        String allowAnonymous();

        /// A file of users with bcrypt hashes and grants.
        Optional<String> usersFile();

        /// Whether to ask for certificates.
        @WithDefault("none")
        String clientCertificates();
    }
}
