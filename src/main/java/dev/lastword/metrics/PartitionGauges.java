package dev.lastword.metrics;

import dev.lastword.log.LogEvent;
import dev.lastword.log.LogStore;
import dev.lastword.log.PartitionState;
import dev.lastword.log.PartitionStats;
import dev.lastword.log.Topic;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// Shows the state of each partition. A topic's gauges go with it; one whose partition cannot be
/// asked shows no number, and a scrape never fails for it.
@Singleton
class PartitionGauges {
    /// The gauges of a partition are read one after another: for so long, one look serves them all.
    private static final long FRESH_NANOS = 500_000_000;

    private final MeterRegistry registry;
    private final ConcurrentHashMap<String, List<Watched>> topics = new ConcurrentHashMap<>();
    private volatile @Nullable LogStore store;

    PartitionGauges(MeterRegistry registry) {
        this.registry = registry;
    }

    void watch(LogStore opened) {
        store = opened;
        Gauge.builder("lastword.partitions.quarantined", this, PartitionGauges::quarantined)
                .description("Partitions that are not cleaned because something in them is damaged")
                .strongReference(true)
                .register(registry);
        Gauge.builder("lastword.queue.bytes", opened, LogStore::queuedBytes)
                .description("Bytes of writes that wait for the disk")
                .register(registry);
        opened.topics().forEach(t -> add(t.name(), t.partitions().size()));
    }

    private double quarantined() {
        LogStore from = store;
        return from == null
                ? 0
                : from.topics().stream()
                        .flatMap(t -> t.partitions().stream())
                        .filter(p -> p.state() == PartitionState.QUARANTINED)
                        .count();
    }

    void on(LogEvent event) {
        switch (event) {
            case LogEvent.TopicCreated c -> add(c.topic(), c.partitions());
            case LogEvent.PartitionsAdded a -> {
                remove(a.topic());
                add(a.topic(), a.now());
            }
            case LogEvent.TopicDeleted d -> remove(d.topic());
            default -> {}
        }
    }

    private void add(String topic, int partitions) {
        topics.computeIfAbsent(
                topic,
                name -> {
                    List<Watched> all = new ArrayList<>(partitions);
                    for (int p = 0; p < partitions; p++) {
                        all.add(new Watched(name, p).register());
                    }
                    return all;
                });
    }

    private void remove(String topic) {
        List<Watched> all = topics.remove(topic);
        if (all != null) {
            all.forEach(w -> w.meters.forEach(registry::remove));
        }
    }

    /// A partition and what shows it.
    private final class Watched {
        private final String topic;
        private final int partition;
        private final List<Meter> meters = new ArrayList<>();
        private @Nullable PartitionStats last;
        private long lastNanos;

        Watched(String topic, int partition) {
            this.topic = topic;
            this.partition = partition;
        }

        Watched register() {
            gauge("start.offset", "First offset that can be read", PartitionStats::startOffset);
            gauge("end.offset", "Offset of the next record", PartitionStats::endOffset);
            gauge("size.bytes", "Size of the segments", PartitionStats::sizeBytes);
            gauge("segments", "Number of segments", PartitionStats::segments);
            gauge("live.keys", "Keys with a value", PartitionStats::liveKeys);
            gauge("dead.records", "Superseded records", PartitionStats::deadRecords);
            gauge("dead.bytes", "Their size, estimated", PartitionStats::deadBytes);
            gauge("dirty.ratio", "Share of bytes not yet cleaned", PartitionStats::dirtyRatio);
            gauge(
                    "online",
                    "1: healthy; 0: read-only or quarantined",
                    s -> s.state() == PartitionState.ONLINE ? 1 : 0);
            return this;
        }

        private void gauge(
                String name, String description, ToDoubleFunction<PartitionStats> value) {
            meters.add(
                    Gauge.builder("lastword.partition." + name, this, w -> w.read(value))
                            .description(description)
                            .tag("topic", topic)
                            .tag("partition", Integer.toString(partition))
                            .strongReference(true)
                            .register(registry));
        }

        private double read(ToDoubleFunction<PartitionStats> value) {
            try {
                PartitionStats stats = stats();
                return stats == null ? Double.NaN : value.applyAsDouble(stats);
            } catch (RuntimeException e) {
                return Double.NaN; // closed or deleted in between
            }
        }

        private synchronized @Nullable PartitionStats stats() {
            long now = System.nanoTime();
            if (last == null || now - lastNanos > FRESH_NANOS) {
                LogStore from = store;
                Topic found = from == null ? null : from.find(topic);
                last = found == null ? null : found.partition(partition).stats();
                lastNanos = now;
            }
            return last;
        }
    }
}
