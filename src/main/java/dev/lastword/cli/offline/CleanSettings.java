package dev.lastword.cli.offline;

import dev.lastword.cleaner.offline.OfflineOptions;
import dev.lastword.cli.offline.OfflineCommand.UsageException;
import dev.lastword.log.LogException;
import dev.lastword.log.TopicConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The topic settings, under Kafka's names, that mean something to a cleaning offline: those that a
/// topic has, where it is known, and above them those given on the command line.
///
/// @param given by the command line, checked
/// @param nowMs the time that counts as now
/// @param dryRun whether nothing is to be changed
record CleanSettings(Map<String, String> given, long nowMs, boolean dryRun) {
    private static final String POLICY = "cleanup.policy";
    private static final String LAG = "min.compaction.lag.ms";
    private static final String RETENTION = "delete.retention.ms";
    private static final String SEGMENT_BYTES = "segment.bytes";
    private static final String INDEX_BYTES = "segment.index.bytes";
    private static final String PRODUCER_EXPIRATION = "producer.id.expiration.ms";

    /// Those that [TopicConfig] knows.
    private static final List<String> OF_TOPICS = List.of(POLICY, LAG, RETENTION, SEGMENT_BYTES);

    /// Those of a broker alone, which have their defaults in [OfflineOptions].
    private static final List<String> OF_BROKERS = List.of(INDEX_BYTES, PRODUCER_EXPIRATION);

    CleanSettings {
        for (Map.Entry<String, String> e : new TreeMap<>(given).entrySet()) {
            check(e.getKey(), e.getValue());
        }
    }

    private static void check(String name, String value) {
        if (OF_TOPICS.contains(name)) {
            try {
                TopicConfig.parse(Map.of(name, value));
            } catch (LogException.InvalidConfig e) {
                throw new UsageException(String.valueOf(e.getMessage()));
            }
        } else if (OF_BROKERS.contains(name)) {
            number(name, value);
        } else {
            throw new UsageException(
                    "'"
                            + name
                            + "' is no setting of a cleaning; there are "
                            + String.join(", ", OF_TOPICS)
                            + ", "
                            + String.join(", ", OF_BROKERS)
                            + ".");
        }
    }

    private static long number(String name, String value) {
        try {
            long n = Long.parseLong(value.strip());
            if (n >= 1) {
                return n;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new UsageException(
                "'"
                        + value
                        + "' is no value for "
                        + name
                        + ", which takes a whole number of at"
                        + " least 1.");
    }

    /// Whether a topic is to be compacted at all.
    ///
    /// @param topic the settings that the topic has, as far as they are known
    boolean compacts(Map<String, String> topic) {
        return config(topic).compacts();
    }

    /// How the partitions of a topic are to be cleaned.
    OfflineOptions options(Map<String, String> topic) {
        TopicConfig config = config(topic);
        OfflineOptions defaults = OfflineOptions.defaults(nowMs);
        return new OfflineOptions(
                nowMs,
                config.minCompactionLagMs(),
                config.deleteRetentionMs(),
                config.segmentBytes(),
                longOf(INDEX_BYTES, defaults.indexBytesMax()),
                longOf(PRODUCER_EXPIRATION, defaults.producerIdExpirationMs()),
                dryRun);
    }

    private long longOf(String name, long byDefault) {
        String value = given.get(name);
        return value == null ? byDefault : number(name, value);
    }

    private TopicConfig config(Map<String, String> topic) {
        Map<String, String> merged = new HashMap<>();
        for (String name : OF_TOPICS) {
            String value = given.getOrDefault(name, topic.get(name));
            if (value != null) {
                merged.put(name, value);
            }
        }
        return TopicConfig.parse(merged);
    }
}
