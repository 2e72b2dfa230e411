package dev.lastword.metrics;

import dev.lastword.log.LogEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Counts what happens to the logs, per topic; a topic's counters go with it.
@Singleton
class LogMetrics {
    private static final Duration[] FLUSH_BUCKETS = {
        Duration.ofNanos(250_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1)
    };

    private final MeterRegistry registry;
    private final ConcurrentHashMap<String, TopicMeters> topics = new ConcurrentHashMap<>();
    private final Timer flush;

    LogMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.flush =
                Timer.builder("lastword.flush")
                        .description(
                                "Time for which the disk took to make a group of writes durable")
                        .serviceLevelObjectives(FLUSH_BUCKETS)
                        .register(registry);
    }

    private record TopicMeters(
            Counter groups,
            Counter requests,
            Counter records,
            Counter bytes,
            Counter failures,
            Counter rolls,
            Counter expired,
            Counter upkeepFailures) {
        List<Meter> all() {
            return List.of(
                    groups, requests, records, bytes, failures, rolls, expired, upkeepFailures);
        }
    }

    void on(LogEvent event) {
        switch (event) {
            case LogEvent.GroupAppended g -> count(g);
            case LogEvent.AppendFailed f -> of(f).failures.increment(f.requests());
            case LogEvent.SegmentRolled r -> of(r).rolls.increment();
            case LogEvent.Expired e -> of(e).expired.increment((double) e.keys());
            case LogEvent.UpkeepFailed f -> of(f).upkeepFailures.increment();
            case LogEvent.TopicDeleted d -> forget(d.topic());
            case LogEvent.TopicCreated c -> of(c);
            case LogEvent.PartitionsAdded a -> {}
            case LogEvent.PartitionOpened o -> of(o);
            case LogEvent.TurnedReadOnly r -> {} // a gauge shows the state
            case LogEvent.Quarantined q -> {}
            case LogEvent.TailCut t -> {}
            case LogEvent.Reopened r -> {}
            case LogEvent.NotReopened n -> {}
            case LogEvent.CheckpointWritten c -> {}
        }
    }

    private void count(LogEvent.GroupAppended g) {
        TopicMeters meters = of(g);
        meters.groups.increment();
        meters.requests.increment(g.requests());
        meters.records.increment(g.records());
        meters.bytes.increment((double) g.bytes());
        if (g.flushNanos() > 0) {
            flush.record(g.flushNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private TopicMeters of(LogEvent event) {
        return topics.computeIfAbsent(event.topic(), this::register);
    }

    private TopicMeters register(String topic) {
        return new TopicMeters(
                counter("lastword.groups.appended", "Groups of writes stored together", topic),
                counter("lastword.requests.appended", "Writes stored", topic),
                counter("lastword.records.appended", "Records stored", topic),
                counter("lastword.bytes.appended", "Bytes written to the logs", topic),
                counter("lastword.append.failures", "Writes that the disk refused", topic),
                counter("lastword.segments.rolled", "Segments closed", topic),
                counter("lastword.keys.expired", "Keys deleted when their time was over", topic),
                counter("lastword.upkeep.failures", "Failures that cost no write", topic));
    }

    private Counter counter(String name, String description, String topic) {
        return Counter.builder(name)
                .description(description)
                .tag("topic", topic)
                .register(registry);
    }

    private void forget(String topic) {
        TopicMeters meters = topics.remove(topic);
        if (meters != null) {
            meters.all().forEach(registry::remove);
        }
    }
}
