package dev.lastword.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/// What there is to know about the source beside its records. All calls wait for the brokers, at
/// most [#TIMEOUT]; they are for virtual threads. Thread-safe.
final class SourceAdmin implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final Admin admin;

    SourceAdmin(Admin admin) {
        this.admin = admin;
    }

    /// A topic of the source.
    record SourceTopic(String id, int partitions) {}

    /// The offsets that a partition of the source holds, `end` exclusive.
    record Range(long start, long end) {}

    /// What the source says of some topics.
    ///
    /// @param found those that exist
    /// @param refused those that it tells nothing of, and why
    record Topics(Map<String, SourceTopic> found, Map<String, KafkaException> refused) {}

    /// What there is of these names.
    ///
    /// @param names if none, it is only found out whether the source answers
    /// @throws KafkaException if it does not
    Topics topics(Collection<String> names) {
        if (names.isEmpty()) {
            var _ = await(admin.describeCluster().clusterId());
            return new Topics(Map.of(), Map.of());
        }
        Map<String, KafkaFuture<TopicDescription>> asked =
                admin.describeTopics(List.copyOf(names)).topicNameValues();
        Map<String, SourceTopic> found = new HashMap<>();
        Map<String, KafkaException> refused = new HashMap<>();
        asked.forEach((name, answer) -> {
            try {
                TopicDescription d = await(answer);
                if (d != null) {
                    found.put(name, new SourceTopic(d.topicId().toString(), d.partitions().size()));
                }
            } catch (TopicAuthorizationException | InvalidTopicException e) {
                refused.put(name, e);
            }
        });
        return new Topics(found, refused);
    }

    /// @return null where there is no such topic
    /// @throws KafkaException if the source does not tell
    @Nullable SourceTopic topic(String name) {
        Topics topics = topics(List.of(name));
        KafkaException refusal = topics.refused().get(name);
        if (refusal != null) {
            throw refusal;
        }
        return topics.found().get(name);
    }

    Range range(TopicPartition tp) {
        var start = await(admin.listOffsets(Map.of(tp, OffsetSpec.earliest())).partitionResult(tp));
        var end = await(admin.listOffsets(Map.of(tp, OffsetSpec.latest())).partitionResult(tp));
        if (start == null || end == null) {
            throw new UnknownTopicOrPartitionException(tp + " does not exist");
        }
        return new Range(start.offset(), end.offset());
    }

    /// For how long the source keeps tombstones, if it compacts the topic.
    OptionalLong deleteRetentionMs(String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config config = await(admin.describeConfigs(List.of(resource)).values().get(resource));
        if (config == null || !config.get("cleanup.policy").value().contains("compact")) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(config.get("delete.retention.ms").value()));
    }

    /// @return null where the topic or partition does not exist
    private static <T> @Nullable T await(@Nullable KafkaFuture<T> future) {
        if (future == null) {
            return null;
        }
        try {
            return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw e.getCause() instanceof KafkaException k ? k : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException(
                    "no answer within " + TIMEOUT.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            throw new KafkaException("interrupted", e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
