package dev.lastword.interop;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/// Kafka's own clients at a broker: what tests produce with, and the word on what a topic holds.
public final class KafkaSource implements AutoCloseable {
    private static final long SECONDS_MAX = 60;

    private final String bootstrap;
    private final Admin admin;

    public KafkaSource(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    /// A record in words that compare.
    public record Seen(
            int partition,
            long offset,
            @Nullable String key,
            @Nullable String value,
            long timestamp,
            List<String> headers) {}

    /// @param config names and values in turn
    public void create(String topic, int partitions, String... config) throws Exception {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < config.length; i += 2) {
            settings.put(config[i], config[i + 1]);
        }
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(settings)))
                .all()
                .get(SECONDS_MAX, TimeUnit.SECONDS);
    }

    /// Deletes a topic, and returns when nobody is told of it any more.
    public void delete(String topic) throws Exception {
        admin.deleteTopics(List.of(topic)).all().get(SECONDS_MAX, TimeUnit.SECONDS);
        while (admin.listTopics().names().get(SECONDS_MAX, TimeUnit.SECONDS).contains(topic)) {
            Thread.onSpinWait();
        }
    }

    /// As retention does it: what is below an offset goes.
    public void deleteBefore(String topic, int partition, long offset) throws Exception {
        admin.deleteRecords(
                        Map.of(
                                new TopicPartition(topic, partition),
                                RecordsToDelete.beforeOffset(offset)))
                .all()
                .get(SECONDS_MAX, TimeUnit.SECONDS);
    }

    /// @param config names and values in turn
    public KafkaProducer<String, String> producer(String... config) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("enable.idempotence", "true");
        for (int i = 0; i < config.length; i += 2) {
            settings.put(config[i], config[i + 1]);
        }
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    /// All that a consumer that reads only what is committed gets, by partition and offset.
    public List<Seen> read(String topic) {
        List<Seen> all = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrap,
                                "isolation.level",
                                "read_committed",
                                "auto.offset.reset",
                                "earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            for (var info : consumer.partitionsFor(topic)) {
                TopicPartition tp = new TopicPartition(topic, info.partition());
                consumer.assign(List.of(tp));
                consumer.seekToBeginning(List.of(tp));
                long end = Objects.requireNonNull(consumer.endOffsets(List.of(tp)).get(tp));
                while (consumer.position(tp) < end) {
                    consumer.poll(Duration.ofSeconds(1)).forEach(r -> all.add(seen(r)));
                }
            }
        }
        return all;
    }

    private static Seen seen(ConsumerRecord<byte[], byte[]> r) {
        List<String> headers = new ArrayList<>();
        for (Header h : r.headers()) {
            headers.add(h.key() + "=" + text(h.value()));
        }
        return new Seen(
                r.partition(), r.offset(), text(r.key()), text(r.value()), r.timestamp(), headers);
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /// The offsets that a group has committed, by partition.
    public Map<Integer, Long> committed(String group, String topic) throws Exception {
        Map<Integer, Long> offsets = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> all =
                admin.listConsumerGroupOffsets(group)
                        .partitionsToOffsetAndMetadata()
                        .get(SECONDS_MAX, TimeUnit.SECONDS);
        all.forEach((tp, o) -> {
            if (tp.topic().equals(topic) && o != null) {
                offsets.put(tp.partition(), o.offset());
            }
        });
        return offsets;
    }

    /// Where the partitions of a topic end.
    public Map<Integer, Long> ends(String topic, int partitions) throws Exception {
        Map<Integer, Long> ends = new HashMap<>();
        for (int p = 0; p < partitions; p++) {
            TopicPartition tp = new TopicPartition(topic, p);
            ends.put(
                    p,
                    admin.listOffsets(Map.of(tp, OffsetSpec.latest()))
                            .partitionResult(tp)
                            .get(SECONDS_MAX, TimeUnit.SECONDS)
                            .offset());
        }
        return ends;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
