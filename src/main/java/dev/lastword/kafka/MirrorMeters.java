package dev.lastword.kafka;

import dev.lastword.ingest.MirrorBoard;
import dev.lastword.kafka.PartitionBatch.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Counts what is mirrored. Thread-safe.
final class MirrorMeters {
    private final MeterRegistry registry;
    private final MirrorBoard board;
    private final ConcurrentHashMap<String, Topic> topics = new ConcurrentHashMap<>();
    private final Set<String> gauges = ConcurrentHashMap.newKeySet();

    MirrorMeters(MeterRegistry registry, MirrorBoard board) {
        this.registry = registry;
        this.board = board;
    }

    /// The counters of a topic.
    record Topic(
            Counter records,
            Counter bytes,
            Counter duplicates,
            Map<Reason, Counter> unusable,
            Counter gaps) {
        void leftOut(Reason reason) {
            Objects.requireNonNull(unusable.get(reason)).increment();
        }
    }

    Topic of(String topic) {
        return topics.computeIfAbsent(
                topic,
                t ->
                        new Topic(
                                counter("records", "Records mirrored", t).register(registry),
                                counter("bytes", "Bytes of their keys and values", t)
                                        .register(registry),
                                counter("duplicates", "Records that were there already", t)
                                        .register(registry),
                                unusable(t),
                                counter("gaps", "Times that records may have been missed", t)
                                        .register(registry)));
    }

    private Map<Reason, Counter> unusable(String topic) {
        Map<Reason, Counter> counters = new EnumMap<>(Reason.class);
        for (Reason r : Reason.values()) {
            String tag = r.name().toLowerCase(Locale.ROOT).replace('_', '-');
            counters.put(
                    r,
                    counter("unusable", "Records left out", topic)
                            .tag("reason", tag)
                            .register(registry));
        }
        return counters;
    }

    private static Counter.Builder counter(String name, String description, String topic) {
        return Counter.builder("lastword.kafka." + name)
                .description(description)
                .tag("topic", topic);
    }

    /// Shows the lag of a partition from now on.
    void watch(String topic, int partition) {
        if (!gauges.add(topic + "-" + partition)) {
            return;
        }
        Gauge.builder("lastword.kafka.lag", board, b -> lag(b.find(topic, partition)))
                .description("Offsets that the source has and we do not")
                .tag("topic", topic)
                .tag("partition", Integer.toString(partition))
                .strongReference(true)
                .register(registry);
    }

    private static double lag(MirrorBoard.@Nullable Status status) {
        return status == null || status.lag() < 0 ? Double.NaN : status.lag();
    }
}
