package dev.lastword.log;

import dev.lastword.record.KafkaPartitioner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A named set of partitions with common settings. The number of partitions never changes, except
/// that a mirrored topic gets more when its source does. Thread-safe.
public final class Topic {
    private final String name;
    private final String fileEpoch;
    private volatile State state;
    private volatile TopicConfig config;

    /// What changes together.
    private record State(List<PartitionLog> partitions, @Nullable MirrorSource source) {
        State {
            partitions = List.copyOf(partitions);
        }
    }

    Topic(
            String name,
            String fileEpoch,
            List<PartitionLog> partitions,
            TopicConfig config,
            @Nullable MirrorSource source) {
        this.name = name;
        this.fileEpoch = fileEpoch;
        this.state = new State(partitions, source);
        this.config = config;
    }

    public String name() {
        return name;
    }

    /// Tells this topic from an earlier or later one of the same name, or from itself before a
    /// reset: offsets of different epochs do not compare.
    public String epoch() {
        return MirrorSource.epoch(fileEpoch, state.source);
    }

    /// By which its files are named.
    String fileEpoch() {
        return fileEpoch;
    }

    /// What it mirrors, or null for a topic that is written over HTTP.
    public @Nullable MirrorSource source() {
        return state.source;
    }

    public boolean isMirrored() {
        return state.source != null;
    }

    public List<PartitionLog> partitions() {
        return state.partitions;
    }

    public PartitionLog partition(int p) {
        return state.partitions.get(p);
    }

    /// The partition that holds a key, in a topic that is not mirrored.
    public PartitionLog partitionFor(byte[] key) {
        List<PartitionLog> partitions = state.partitions;
        return partitions.get(KafkaPartitioner.partition(key, partitions.size()));
    }

    public TopicConfig config() {
        return config;
    }

    void configure(TopicConfig newConfig) {
        config = newConfig;
        state.partitions.forEach(p -> p.configure(newConfig));
    }

    void grow(List<PartitionLog> added, MirrorSource source) {
        List<PartitionLog> all = new ArrayList<>(state.partitions);
        all.addAll(added);
        state = new State(all, source);
    }

    /// Puts a reopened partition in the place of the one it was.
    void replace(PartitionLog reopened) {
        replace(reopened, state.source);
    }

    /// Puts an empty partition in the place of one that was reset.
    void replace(PartitionLog fresh, @Nullable MirrorSource source) {
        List<PartitionLog> all = new ArrayList<>(state.partitions);
        all.set(fresh.partition(), fresh);
        state = new State(all, source);
    }
}
