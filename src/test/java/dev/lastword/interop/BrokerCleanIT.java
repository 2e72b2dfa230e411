package dev.lastword.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cli.offline.CleanCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// A directory that a real broker wrote, with transactions of every codec that were committed,
/// aborted or left open, is cleaned while the broker is down; the broker goes on with it and serves
/// exactly the records that stay.
@Timeout(300)
class BrokerCleanIT {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final int SEGMENT_BYTES = 1 << 20; // a broker takes no less
    private static final int ROUNDS = 80;
    private static final int KEYS = 60;
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    /// Held, for else the level would be forgotten with it. Clients tell much.
    private static final Logger CLIENTS = Logger.getLogger("org.apache.kafka");

    @TempDir private Path dir;

    private final Random random = new Random(Long.getLong("seed", 1));
    private final List<KafkaProducer<String, byte[]>> producers = new ArrayList<>();

    @BeforeAll
    static void quiet() {
        CLIENTS.setLevel(Level.SEVERE);
    }

    /// What a consumer gets.
    private record Got(long offset, String key, int valueHash) {
        static Got of(ConsumerRecord<String, byte[]> r) {
            return new Got(r.offset(), r.key(), Arrays.hashCode(r.value()));
        }
    }

    private KafkaProducer<String, byte[]> producer(
            KafkaBroker broker, String codec, Optional<String> transactionalId) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", broker.bootstrap());
        config.put("compression.type", codec);
        config.put("linger.ms", 5);
        config.put("transaction.timeout.ms", 600_000);
        config.put("reconnect.backoff.ms", 1_000); // while the broker is down
        transactionalId.ifPresent(id -> config.put("transactional.id", id));
        KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        producers.add(producer);
        if (transactionalId.isPresent()) {
            producer.initTransactions();
        }
        return producer;
    }

    private void send(KafkaProducer<String, byte[]> producer, int count) {
        for (int i = 0; i < count; i++) {
            byte[] value = null;
            if (random.nextInt(8) > 0) {
                value = new byte[random.nextInt(40_000)];
                random.nextBytes(value);
                Arrays.fill(value, 0, value.length / 4, (byte) 'x');
            }
            producer.send(new ProducerRecord<>("t", "key-" + random.nextInt(KEYS), value));
        }
        producer.flush();
    }

    private static KafkaConsumer<String, byte[]> consumer(KafkaBroker broker, String isolation) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrap(),
                        "isolation.level",
                        isolation,
                        "auto.offset.reset",
                        "none"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    /// All that a consumer gets from the beginning to the end that its isolation level lets it see.
    private static List<Got> consume(KafkaBroker broker, String isolation) {
        List<Got> got = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = consumer(broker, isolation)) {
            consumer.assign(List.of(PARTITION));
            consumer.seek(PARTITION, 0);
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            long giveUpNanos = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (consumer.position(PARTITION) < end) {
                assertTrue(System.nanoTime() < giveUpNanos, "the consumer does not get on");
                consumer.poll(Duration.ofSeconds(1)).forEach(r -> got.add(Got.of(r)));
            }
        }
        return got;
    }

    /// What has to stay of the records before an offset, and all behind it.
    private static List<Got> retained(List<Got> all, List<Got> committed, long cleanedTo) {
        Map<String, Got> latest = new HashMap<>();
        committed.stream().filter(r -> r.offset < cleanedTo).forEach(r -> latest.put(r.key, r));
        return all.stream()
                .filter(r -> r.offset >= cleanedTo || r.equals(latest.get(r.key)))
                .toList();
    }

    @Test
    void a_broker_serves_exactly_the_retained_records_of_a_cleaned_directory() throws Exception {
        Path data = dir.resolve("broker");
        try (KafkaBroker broker = KafkaBroker.start(data)) {
            createTopic(broker);
            KafkaProducer<String, byte[]> early = producer(broker, "none", Optional.empty());
            early.send(new ProducerRecord<>("t", "key-0", new byte[9])).get(60, TimeUnit.SECONDS);
            KafkaProducer<String, byte[]> plain = producer(broker, "lz4", Optional.empty());
            List<KafkaProducer<String, byte[]>> transactional = new ArrayList<>();
            for (String codec : CODECS) {
                transactional.add(producer(broker, codec, Optional.of("of-" + codec)));
            }
            write(plain, transactional);
            KafkaProducer<String, byte[]> open = producer(broker, "gzip", Optional.of("open"));
            open.beginTransaction();
            send(open, 5);
            send(plain, 20);
            early.send(new ProducerRecord<>("t", "early", new byte[9])).get(60, TimeUnit.SECONDS);
            List<Got> all = consume(broker, "read_uncommitted");
            List<Got> committed = consume(broker, "read_committed");
            long stable = end(broker, "read_committed");
            assertTrue(committed.size() < all.size() - 50, "something was aborted");

            broker.stop();
            String epochs = read(data.resolve("t-0").resolve("leader-epoch-checkpoint"));
            List<String> last = lastBatches(data.resolve("t-0"));
            clean(data);
            long cleanedTo = checkpoint(data);
            assertEquals(epochs, read(data.resolve("t-0").resolve("leader-epoch-checkpoint")));
            assertTrue(isSegment(data, cleanedTo), "cleaned to " + cleanedTo);
            checkDuplicates(data.resolve("t-0"), last);
            broker.start();

            List<Got> allLeft = retained(all, committed, cleanedTo);
            List<Got> committedLeft = retained(committed, committed, cleanedTo);
            assertTrue(allLeft.size() < all.size() / 2, allLeft.size() + " of " + all.size());
            assertEquals(allLeft, consume(broker, "read_uncommitted"));
            assertEquals(committedLeft, consume(broker, "read_committed"));
            List<Got> decided = new ArrayList<>(committedLeft);
            all.stream().filter(r -> r.offset >= stable).forEach(decided::add);
            goOn(broker, plain, open, transactional, decided);
        } finally {
            producers.forEach(p -> p.close(Duration.ZERO));
        }
    }

    private static void createTopic(KafkaBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            NewTopic topic =
                    new NewTopic("t", 1, (short) 1)
                            .configs(
                                    Map.of(
                                            "cleanup.policy",
                                            "compact",
                                            "min.cleanable.dirty.ratio",
                                            "1", // so that the broker itself never cleans it
                                            "segment.bytes",
                                            Integer.toString(SEGMENT_BYTES)));
            admin.createTopics(List.of(topic)).all().get(60, TimeUnit.SECONDS);
        }
    }

    /// Transactions that overlap, a third of them aborted, and records outside of any between them.
    private void write(
            KafkaProducer<String, byte[]> plain,
            List<KafkaProducer<String, byte[]>> transactional) {
        boolean[] begun = new boolean[transactional.size()];
        for (int i = 0; i < ROUNDS; i++) {
            int p = random.nextInt(transactional.size());
            KafkaProducer<String, byte[]> producer = transactional.get(p);
            if (!begun[p]) {
                producer.beginTransaction();
                begun[p] = true;
            }
            send(producer, 1 + random.nextInt(6));
            if (random.nextInt(4) == 0) {
                send(plain, 1 + random.nextInt(6));
            }
            if (random.nextInt(3) == 0 || i + transactional.size() >= ROUNDS) {
                end(producer);
                begun[p] = false;
            }
        }
        for (int p = 0; p < begun.length; p++) {
            if (begun[p]) {
                end(transactional.get(p));
            }
        }
    }

    private void end(KafkaProducer<String, byte[]> producer) {
        if (random.nextInt(3) == 0) {
            producer.abortTransaction();
        } else {
            producer.commitTransaction();
        }
    }

    private static void clean(Path data) {
        int exit = new CommandLine(new CleanCommand()).execute(data.toString(), "--topic", "t");
        assertEquals(0, exit);
    }

    private static String read(Path file) throws Exception {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    private static long checkpoint(Path data) throws Exception {
        return read(data.resolve("cleaner-offset-checkpoint"))
                .lines()
                .filter(line -> line.startsWith("t 0 "))
                .mapToLong(line -> Long.parseLong(line.substring(4)))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isSegment(Path data, long base) throws Exception {
        try (Stream<Path> files = Files.list(data.resolve("t-0"))) {
            return base > 0
                    && files.anyMatch(f -> f.toString().endsWith("%020d.log".formatted(base)));
        }
    }

    /// Of each producer without transactions the last batch, as Kafka tells it.
    private List<String> lastBatches(Path log) throws Exception {
        Path copy = dir.resolve("before").resolve("t-0");
        KafkaDump.copy(log, copy);
        Map<String, String> last = new HashMap<>();
        try (KafkaOracle kafka = KafkaOracle.start()) {
            for (String line : kafka.run("dump", copy, SEGMENT_BYTES)) {
                if (line.startsWith("b ") && !line.contains(" txn")) {
                    last.put(line.split(" ")[3], line);
                }
            }
        }
        assertEquals(2, last.size());
        return List.copyOf(last.values());
    }

    /// Whether what each producer sent last is recognised when it comes again, both by the
    /// snapshots beside the log and by the log alone.
    private void checkDuplicates(Path log, List<String> last) throws Exception {
        try (KafkaOracle kafka = KafkaOracle.start()) {
            for (String line : last) {
                String[] b = line.split(" ");
                long records = Long.parseLong(b[2]) - Long.parseLong(b[1]) + 1;
                for (boolean snapshots : new boolean[] {true, false}) {
                    Path copy = dir.resolve("duplicate-" + b[3] + snapshots).resolve("t-0");
                    KafkaDump.copy(log, copy);
                    if (!snapshots) {
                        deleteSnapshots(copy);
                    }
                    String[] told =
                            kafka.run(
                                            "duplicate",
                                            copy,
                                            SEGMENT_BYTES,
                                            b[3],
                                            b[4],
                                            b[5],
                                            records,
                                            snapshots)
                                    .getLast()
                                    .split(" ");
                    assertEquals(told[0], told[1], "snapshots " + snapshots + ": " + line);
                    assertEquals(b[1], told[2], line);
                }
            }
        }
    }

    private static void deleteSnapshots(Path log) throws Exception {
        try (Stream<Path> files = Files.list(log)) {
            List<Path> snapshots = files.filter(f -> f.toString().endsWith(".snapshot")).toList();
            assertFalse(snapshots.isEmpty());
            for (Path f : snapshots) {
                Files.delete(f);
            }
        }
    }

    private static long end(KafkaBroker broker, String isolation) {
        try (KafkaConsumer<String, byte[]> consumer = consumer(broker, isolation)) {
            return consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
        }
    }

    /// The producers of before go on, the open transaction is committed, new ones too.
    ///
    /// @param expected what a reader of committed records gets then, and new ones behind it
    private void goOn(
            KafkaBroker broker,
            KafkaProducer<String, byte[]> plain,
            KafkaProducer<String, byte[]> open,
            List<KafkaProducer<String, byte[]>> transactional,
            List<Got> expected)
            throws Exception {
        open.commitTransaction();
        plain.send(new ProducerRecord<>("t", "after", new byte[1])).get(60, TimeUnit.SECONDS);
        for (KafkaProducer<String, byte[]> producer : transactional) {
            producer.beginTransaction();
            send(producer, 3);
            producer.commitTransaction();
        }
        List<Got> got = consume(broker, "read_committed");
        assertEquals(expected, got.subList(0, expected.size()));
        assertEquals(expected.size() + 1 + 3 * transactional.size(), got.size());
    }
}
