package dev.lastword.log;

import dev.lastword.record.Compression;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The checked settings of a topic, under Kafka's names, with Kafka's meanings and defaults except
 * that {@code cleanup.policy} is {@code compact}. Immutable.
 */
public final class TopicConfig {
    private static final Setting<Set<CleanupPolicy>> CLEANUP_POLICY =
            Setting.ofEnumSet("cleanup.policy", CleanupPolicy.COMPACT);
    private static final Setting<Double> MIN_CLEANABLE_DIRTY_RATIO =
            Setting.ofRatio("min.cleanable.dirty.ratio", 0.5);
    private static final Setting<Long> MIN_COMPACTION_LAG_MS =
            Setting.ofLong("min.compaction.lag.ms", 0, 0, Long.MAX_VALUE);
    private static final Setting<Long> MAX_COMPACTION_LAG_MS =
            Setting.ofLong("max.compaction.lag.ms", Long.MAX_VALUE, 1, Long.MAX_VALUE);
    private static final Setting<Long> DELETE_RETENTION_MS =
            Setting.ofLong("delete.retention.ms", 86_400_000, 0, Long.MAX_VALUE);
    private static final Setting<Integer> SEGMENT_BYTES =
            Setting.ofInt("segment.bytes", 1 << 30, 1024);
    private static final Setting<Long> SEGMENT_MS =
            Setting.ofLong("segment.ms", 604_800_000, 1, Long.MAX_VALUE);
    private static final Setting<Long> SEGMENT_JITTER_MS =
            Setting.ofLong("segment.jitter.ms", 0, 0, Long.MAX_VALUE);
    private static final Setting<Long> RETENTION_MS =
            Setting.ofLong("retention.ms", 604_800_000, -1, Long.MAX_VALUE);
    private static final Setting<Long> RETENTION_BYTES =
            Setting.ofLong("retention.bytes", -1, -1, Long.MAX_VALUE);
    private static final Setting<Integer> MAX_MESSAGE_BYTES =
            Setting.ofInt("max.message.bytes", 1_048_588, 0);
    private static final Setting<Long> FILE_DELETE_DELAY_MS =
            Setting.ofLong("file.delete.delay.ms", 60_000, 0, Long.MAX_VALUE);
    private static final Setting<Compression> COMPRESSION_TYPE =
            Setting.ofEnum(
                    "compression.type",
                    Compression.NONE,
                    Set.of(Compression.NONE, Compression.LZ4, Compression.ZSTD));
    private static final Setting<CompactionStrategy> COMPACTION_STRATEGY =
            new Setting<>(
                    "compaction.strategy",
                    "offset",
                    CompactionStrategy.RANGE,
                    CompactionStrategy::parse);
    private static final Setting<Acks> ACKS = Setting.ofEnum("acks", Acks.FLUSHED);
    private static final Setting<ValueFormat> VALUE_FORMAT =
            Setting.ofEnum("value.format", ValueFormat.AUTO);

    private static final List<Setting<?>> ALL =
            List.of(
                    CLEANUP_POLICY,
                    MIN_CLEANABLE_DIRTY_RATIO,
                    MIN_COMPACTION_LAG_MS,
                    MAX_COMPACTION_LAG_MS,
                    DELETE_RETENTION_MS,
                    SEGMENT_BYTES,
                    SEGMENT_MS,
                    SEGMENT_JITTER_MS,
                    RETENTION_MS,
                    RETENTION_BYTES,
                    MAX_MESSAGE_BYTES,
                    FILE_DELETE_DELAY_MS,
                    COMPRESSION_TYPE,
                    COMPACTION_STRATEGY,
                    ACKS,
                    VALUE_FORMAT);

    private final Map<String, String> overrides;
    private final Set<CleanupPolicy> cleanupPolicy;
    private final double minCleanableDirtyRatio;
    private final long minCompactionLagMs;
    private final long maxCompactionLagMs;
    private final long deleteRetentionMs;
    private final int segmentBytes;
    private final long segmentMs;
    private final long segmentJitterMs;
    private final long retentionMs;
    private final long retentionBytes;
    private final int maxMessageBytes;
    private final long fileDeleteDelayMs;
    private final Compression compression;
    private final CompactionStrategy compactionStrategy;
    private final Acks acks;
    private final ValueFormat valueFormat;

    private TopicConfig(Map<String, String> overrides) {
        this.overrides = Map.copyOf(overrides);
        cleanupPolicy = value(CLEANUP_POLICY);
        minCleanableDirtyRatio = value(MIN_CLEANABLE_DIRTY_RATIO);
        minCompactionLagMs = value(MIN_COMPACTION_LAG_MS);
        maxCompactionLagMs = value(MAX_COMPACTION_LAG_MS);
        deleteRetentionMs = value(DELETE_RETENTION_MS);
        segmentBytes = value(SEGMENT_BYTES);
        segmentMs = value(SEGMENT_MS);
        segmentJitterMs = value(SEGMENT_JITTER_MS);
        retentionMs = value(RETENTION_MS);
        retentionBytes = value(RETENTION_BYTES);
        maxMessageBytes = value(MAX_MESSAGE_BYTES);
        fileDeleteDelayMs = value(FILE_DELETE_DELAY_MS);
        compression = value(COMPRESSION_TYPE);
        compactionStrategy = value(COMPACTION_STRATEGY);
        acks = value(ACKS);
        valueFormat = value(VALUE_FORMAT);
    }

    /**
     * Settings with these values and defaults for the rest.
     *
     * @throws LogException.InvalidConfig for an unknown name or a value out of range
     */
    public static TopicConfig parse(Map<String, String> overrides) {
        for (Map.Entry<String, String> e : new TreeMap<>(overrides).entrySet()) {
            definition(e.getKey()).parse(e.getValue());
        }
        TopicConfig config = new TopicConfig(overrides);
        if (config.minCompactionLagMs > config.maxCompactionLagMs) {
            throw new LogException.InvalidConfig(
                    MIN_COMPACTION_LAG_MS.name(),
                    "min.compaction.lag.ms ("
                            + config.minCompactionLagMs
                            + ") must not be above max.compaction.lag.ms ("
                            + config.maxCompactionLagMs
                            + ").");
        }
        if (config.compactionStrategy.isVersioned() && config.deletes()) {
            throw new LogException.InvalidConfig(
                    CLEANUP_POLICY.name(),
                    "cleanup.policy must be compact where compaction.strategy is "
                            + config.compactionStrategy
                            + ": deleting a segment could bring an older version of a key back.");
        }
        return config;
    }

    /**
     * These settings with the strategy of a topic that was created with others, which say nothing
     * of it any more once it exists.
     */
    TopicConfig ofTopic(Map<String, String> topicSettings) {
        String name = COMPACTION_STRATEGY.name();
        Map<String, String> changes = new TreeMap<>(topicSettings);
        changes.putIfAbsent(name, COMPACTION_STRATEGY.defaultText());
        return with(changes);
    }

    /** The topic settings with the strategy among them, whatever the defaults are later. */
    Map<String, String> withStrategy(Map<String, String> topicSettings) {
        Map<String, String> settings = new TreeMap<>(topicSettings);
        if (compactionStrategy.isVersioned()) {
            settings.put(COMPACTION_STRATEGY.name(), compactionStrategy.toString());
        }
        return settings;
    }

    /**
     * Refuses what cannot be changed once the topic is there.
     *
     * @throws LogException.InvalidConfig if the new strategy is another one
     */
    void checkChange(TopicConfig changed) {
        if (!changed.compactionStrategy.equals(compactionStrategy)) {
            throw new LogException.InvalidConfig(
                    COMPACTION_STRATEGY.name(),
                    "compaction.strategy is fixed when a topic is created; here it is "
                            + compactionStrategy
                            + ".");
        }
    }

    /** These settings with some changed. */
    public TopicConfig with(Map<String, String> changes) {
        Map<String, String> merged = new TreeMap<>(overrides);
        merged.putAll(changes);
        return parse(merged);
    }

    private static Setting<?> definition(String name) {
        for (Setting<?> s : ALL) {
            if (s.name().equals(name)) {
                return s;
            }
        }
        throw new LogException.InvalidConfig(
                name,
                "'"
                        + name
                        + "' is no topic setting; there are "
                        + String.join(", ", ALL.stream().map(Setting::name).toList())
                        + ".");
    }

    private <T> T value(Setting<T> setting) {
        return setting.parse(overrides.getOrDefault(setting.name(), setting.defaultText()));
    }

    /** What was set, without the defaults. */
    public Map<String, String> overrides() {
        return overrides;
    }

    /** Every setting with its value, defaults included, in a fixed order. */
    public Map<String, String> asMap() {
        Map<String, String> all = new LinkedHashMap<>();
        for (Setting<?> s : ALL) {
            all.put(s.name(), overrides.getOrDefault(s.name(), s.defaultText()));
        }
        return all;
    }

    public Set<CleanupPolicy> cleanupPolicy() {
        return cleanupPolicy;
    }

    public boolean compacts() {
        return cleanupPolicy.contains(CleanupPolicy.COMPACT);
    }

    public boolean deletes() {
        return cleanupPolicy.contains(CleanupPolicy.DELETE);
    }

    /** Share of dirty bytes from which a log is worth cleaning, 0 to 1. */
    public double minCleanableDirtyRatio() {
        return minCleanableDirtyRatio;
    }

    /** A record stays untouched for at least this long. */
    public long minCompactionLagMs() {
        return minCompactionLagMs;
    }

    /** A record becomes eligible for cleaning after this long, whatever the ratio. */
    public long maxCompactionLagMs() {
        return maxCompactionLagMs;
    }

    /** How long a tombstone stays readable once it is the last record of its key. */
    public long deleteRetentionMs() {
        return deleteRetentionMs;
    }

    /** A segment takes no further batch beyond this size. */
    public int segmentBytes() {
        return segmentBytes;
    }

    /** A segment takes no further batch after this time. */
    public long segmentMs() {
        return segmentMs;
    }

    /**
     * At most this much is taken off {@link #segmentMs()} at random, so that segments do not all
     * roll at once.
     */
    public long segmentJitterMs() {
        return segmentJitterMs;
    }

    /** Age at which policy {@code delete} removes a segment; -1: never. */
    public long retentionMs() {
        return retentionMs;
    }

    /** Size above which policy {@code delete} removes the oldest segments; -1: none. */
    public long retentionBytes() {
        return retentionBytes;
    }

    /** Largest batch, and so the largest record. */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * How long a replaced or deleted segment's file stays on disk under its {@code .deleted} name.
     */
    public long fileDeleteDelayMs() {
        return fileDeleteDelayMs;
    }

    /** How new batches are packed; batches that are there stay as they are. */
    public Compression compression() {
        return compression;
    }

    /** Which of a key's records counts; never changes. */
    public CompactionStrategy compactionStrategy() {
        return compactionStrategy;
    }

    public Acks acks() {
        return acks;
    }

    public ValueFormat valueFormat() {
        return valueFormat;
    }
}
