package dev.lastword.log;

import dev.lastword.record.KafkaPartitioner;
import java.util.ArrayList;
import java.util.List;

/// A named set of partitions with common settings. The number of partitions never changes.
/// Thread-safe.
public final class Topic {
    private final String name;
    private final String epoch;
    private volatile List<PartitionLog> partitions;
    private volatile TopicConfig config;

    Topic(String name, String epoch, List<PartitionLog> partitions, TopicConfig config) {
        this.name = name;
        this.epoch = epoch;
        this.partitions = List.copyOf(partitions);
        this.config = config;
    }

    public String name() {
        return name;
    }

    /// Tells this topic from an earlier or later one of the same name: offsets of different epochs
    /// do not compare.
    public String epoch() {
        return epoch;
    }

    public List<PartitionLog> partitions() {
        return partitions;
    }

    public PartitionLog partition(int p) {
        return partitions.get(p);
    }

    /// The partition that holds a key.
    public PartitionLog partitionFor(byte[] key) {
        return partitions.get(KafkaPartitioner.partition(key, partitions.size()));
    }

    public TopicConfig config() {
        return config;
    }

    /// Puts a reopened partition in the place of the one it was.
    void replace(PartitionLog reopened) {
        List<PartitionLog> now = new ArrayList<>(partitions);
        now.set(reopened.partition(), reopened);
        partitions = List.copyOf(now);
    }

    void configure(TopicConfig newConfig) {
        config = newConfig;
        partitions.forEach(p -> p.configure(newConfig));
    }
}
