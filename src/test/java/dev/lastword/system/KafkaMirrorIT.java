package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.interop.KafkaBroker;
import dev.lastword.interop.KafkaSource;
import dev.lastword.interop.KafkaSource.Seen;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// I11 with a real broker: what is mirrored is what Kafka's own consumer reads, whatever happens in
/// between. `-Dlastword.kills=20` kills more often.
class KafkaMirrorIT {
    private static final int KILLS = Integer.getInteger("lastword.kills", 3);

    /// Recent: old records are deleted by the broker, and make segments of ours old enough to roll
    /// and to be cleaned.
    private static final long TIMESTAMPS_FROM = System.currentTimeMillis() - 3_600_000;

    /// After so long the group takes a member that was killed for gone, and not after the usual 45
    /// s.
    private static final String SOON_MISSED = "-Dkafka.session.timeout.ms=6000";

    private static final int BATCHES_PER_KILL = 60;
    private static final int BATCH = 100;
    private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};

    @TempDir private static Path brokerDir;
    private static KafkaBroker broker;
    private static KafkaSource kafka;

    @TempDir private Path dir;
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @BeforeAll
    static void startBroker() throws Exception {
        broker =
                KafkaBroker.start(
                        brokerDir.resolve("broker"),
                        "auto.create.topics.enable=false",
                        "log.cleaner.backoff.ms=200",
                        "log.segment.delete.delay.ms=100");
        kafka = new KafkaSource(broker.bootstrap());
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
        broker.close();
    }

    private ServiceProcess serve(Path dataDir, String topic, String... more) throws Exception {
        List<String> settings = new ArrayList<>(List.of(more));
        settings.add("-Xmx256m");
        settings.add("-Dkafka.bootstrap.servers=" + broker.bootstrap());
        settings.add("-Dlastword.kafka.group-id=group-" + topic);
        settings.add("-Dlastword.kafka.topics=" + topic);
        settings.add(SOON_MISSED);
        return ServiceProcess.start(dataDir, settings.toArray(String[]::new));
    }

    private static List<Seen> keyed(List<Seen> all) {
        return all.stream().filter(r -> r.key() != null).toList();
    }

    /// Records of every kind, some of them in transactions that are given up.
    private void produceAll(String topic, int partitions) {
        int n = 0;
        for (String codec : CODECS) {
            try (KafkaProducer<String, String> producer =
                    kafka.producer("compression.type", codec, "linger.ms", "5")) {
                for (int i = 0; i < 300; i++) {
                    producer.send(record(topic, i % partitions, n++));
                }
            }
        }
        try (KafkaProducer<String, String> producer =
                kafka.producer("transactional.id", topic + "-" + seed)) {
            producer.initTransactions();
            for (int transaction = 0; transaction < 6; transaction++) {
                producer.beginTransaction();
                for (int i = 0; i < 40; i++) {
                    producer.send(record(topic, i % partitions, n++));
                }
                producer.flush();
                if (transaction % 3 == 1) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
    }

    private ProducerRecord<String, String> record(String topic, int partition, int n) {
        String key = n % 50 == 7 ? null : "key " + random.nextInt(200);
        String value = n % 9 == 0 && key != null ? null : "value/" + n + "/" + seed;
        ProducerRecord<String, String> r =
                new ProducerRecord<>(topic, partition, TIMESTAMPS_FROM + n, key, value);
        if (n % 3 == 0) {
            r.headers().add("n", Integer.toString(n).getBytes(StandardCharsets.UTF_8));
            r.headers().add(new RecordHeader("nothing", (byte[]) null));
            r.headers().add("n", "twice".getBytes(StandardCharsets.UTF_8));
        }
        return r;
    }

    @Test
    void what_is_mirrored_is_what_kafkas_consumer_reads() throws Exception {
        kafka.create("all", 3);
        produceAll("all", 3);
        try (ServiceProcess service = serve(dir, "all,times")) {
            Api api = new Api(service.uri());
            Mirrored mirrored = new Mirrored(api, "all");
            mirrored.awaitRecords(keyed(kafka.read("all")));
            produceAll("all", 3);
            mirrored.awaitRecords(keyed(kafka.read("all")));

            kafka.create("times", 1, "message.timestamp.type", "LogAppendTime");
            produceAll("times", 1);
            new Mirrored(api, "times").awaitRecords(keyed(kafka.read("times")));

            assertEquals("kafka", mirrored.description().get("source").asText());
            writesAreForbidden(api);
            everythingIsCommitted();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> mirrored.partition(0).path("lag").asLong(-1) == 0);
            assertTrue(
                    api.get("/q/metrics").body().contains("lastword_kafka_records_total"),
                    "no metrics");
        }
    }

    private static void writesAreForbidden(Api api) throws Exception {
        for (String topic : List.of("all", "times")) {
            assertEquals(403, api.putKey(topic, "k", "1").statusCode());
            assertEquals(403, api.deleteKey(topic, "k").statusCode());
            assertEquals(
                    403,
                    api.write(topic, BodyPublishers.ofString("{\"key\":\"k\",\"value\":1}"))
                            .statusCode());
            assertEquals(403, api.delete("/topics/" + topic).statusCode());
        }
    }

    /// As Kafka's own tools see it: nothing is left to read.
    private static void everythingIsCommitted() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    Map<Integer, Long> ends = kafka.ends("all", 3);
                    assertEquals(ends, kafka.committed("group-all,times", "all"));
                });
    }

    @Test
    void nothing_is_missing_and_nothing_twice_after_kills_at_random_moments() throws Exception {
        System.out.println("KafkaMirrorIT: -Dseed=" + seed);
        kafka.create("killed", 2);
        Semaphore mayProduce = new Semaphore(0);
        int batches = KILLS * BATCHES_PER_KILL;
        Thread producing = Thread.ofPlatform().start(() -> produce("killed", batches, mayProduce));
        for (int kill = 0; kill < KILLS; kill++) {
            try (ServiceProcess service = serve(dir, "killed")) {
                Mirrored mirrored = new Mirrored(new Api(service.uri()), "killed");
                long enough = end(mirrored) + 1 + random.nextInt(BATCHES_PER_KILL * BATCH / 2);
                mayProduce.release(BATCHES_PER_KILL);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> end(mirrored) > enough);
                service.killNow();
                service.awaitEnd();
            }
        }
        producing.join();
        try (ServiceProcess service = serve(dir, "killed")) {
            new Mirrored(new Api(service.uri()), "killed")
                    .awaitRecords(keyed(kafka.read("killed")));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with -Dseed=" + seed, e);
        }
    }

    private void produce(String topic, int batches, Semaphore mayProduce) {
        try (KafkaProducer<String, String> producer = kafka.producer("linger.ms", "1")) {
            for (int n = 0; n < batches * BATCH; n++) {
                if (n % BATCH == 0) {
                    mayProduce.acquireUninterruptibly();
                    producer.flush();
                }
                producer.send(record(topic, n % 2, n));
            }
        }
    }

    private static long end(Mirrored mirrored) throws Exception {
        long end = 0;
        for (var p : mirrored.description().path("partitions")) {
            end += p.get("endOffset").asLong();
        }
        return end;
    }

    @Test
    void a_broker_that_is_away_stops_no_reader_and_is_told() throws Exception {
        kafka.create("away", 1);
        produceAll("away", 1);
        try (ServiceProcess service = serve(dir, "away")) {
            Api api = new Api(service.uri());
            Mirrored mirrored = new Mirrored(api, "away");
            List<Seen> before = keyed(kafka.read("away"));
            mirrored.awaitRecords(before);
            broker.stop();
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> api.get("/q/health/well").body().contains("\"source\""));
                assertEquals(200, api.get("/q/health/ready").statusCode());
                assertEquals(before, mirrored.records());
            } finally {
                broker.start();
            }
            produceAll("away", 1);
            mirrored.awaitRecords(keyed(kafka.read("away")));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> api.get("/q/health/well").statusCode() == 200);
            assertTrue(service.output().lines().count() < 60, service.output());
        }
    }

    @Test
    void a_broker_and_a_topic_that_are_not_there_at_the_start_are_told_and_waited_for()
            throws Exception {
        ServiceProcess started = null;
        broker.stop();
        try {
            started = serve(dir, "late");
            Api api = new Api(started.uri());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> api.get("/q/health/well").body().contains("\"source\""));
        } finally {
            broker.start();
        }
        try (ServiceProcess service = started) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> service.output().contains("The source has no topic [late]"));
            kafka.create("late", 1);
            produceAll("late", 1);
            Mirrored mirrored = new Mirrored(new Api(service.uri()), "late");
            mirrored.awaitRecords(keyed(kafka.read("late")));
            String output = service.output();
            assertEquals(2, output.split("Kafka cannot be used", -1).length, output);
            assertEquals(2, output.split("Kafka can be used again", -1).length, output);
            assertTrue(output.lines().count() < 60, output);
        }
    }

    @Test
    void a_topic_that_was_made_anew_is_not_mixed_in_until_it_is_reset() throws Exception {
        kafka.create("anew", 1);
        produceAll("anew", 1);
        try (ServiceProcess service = serve(dir, "anew")) {
            Api api = new Api(service.uri());
            Mirrored mirrored = new Mirrored(api, "anew");
            List<Seen> old = keyed(kafka.read("anew"));
            mirrored.awaitRecords(old);
            String epoch = mirrored.description().get("epoch").asText();

            kafka.delete("anew");
            kafka.create("anew", 1);
            produceAll("anew", 1);
            produceAll("anew", 1); // longer than the old one
            mirrored.awaitState(0, "stopped");
            assertEquals(old, mirrored.records());
            assertTrue(mirrored.partition(0).get("mirrorReason").asText().contains("made anew"));
            assertEquals(503, api.get("/q/health/well").statusCode());
            assertEquals(200, api.get("/q/health/ready").statusCode());

            var reset = api.post("/topics/anew/partitions/0/reset");
            assertEquals(200, reset.statusCode(), reset.body());
            mirrored.awaitRecords(keyed(kafka.read("anew")));
            assertFalse(mirrored.description().get("epoch").asText().equals(epoch));
        }
        try (ServiceProcess service = serve(dir, "anew")) {
            new Mirrored(new Api(service.uri()), "anew").awaitRecords(keyed(kafka.read("anew")));
        }
    }

    @Test
    void two_members_of_a_group_share_the_partitions_and_lose_none() throws Exception {
        kafka.create("shared", 4);
        produceAll("shared", 4);
        List<Seen> all = keyed(kafka.read("shared"));
        try (ServiceProcess first = serve(dir.resolve("1"), "shared")) {
            Mirrored one = new Mirrored(new Api(first.uri()), "shared");
            one.awaitRecords(all);
            try (ServiceProcess second = serve(dir.resolve("2"), "shared")) {
                Mirrored two = new Mirrored(new Api(second.uri()), "shared");
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> running(one) == 2 && running(two) == 2);
                produceAll("shared", 4);
                List<Seen> more = keyed(kafka.read("shared"));
                for (int p = 0; p < 4; p++) {
                    int partition = p;
                    Mirrored owner = isRunning(one, p) ? one : two;
                    Awaitility.await()
                            .atMost(Duration.ofSeconds(60))
                            .untilAsserted(() ->
                                    assertEquals(
                                            of(more, partition), of(owner.records(), partition)));
                }
                second.askToStop();
                second.awaitEnd();
            }
            one.awaitRecords(keyed(kafka.read("shared")));
        }
    }

    private static List<Seen> of(List<Seen> all, int partition) {
        return all.stream().filter(r -> r.partition() == partition).toList();
    }

    private static int running(Mirrored mirrored) throws Exception {
        int running = 0;
        for (var p : mirrored.description().path("partitions")) {
            running += p.path("mirrorState").asText().equals("running") ? 1 : 0;
        }
        return running;
    }

    private static boolean isRunning(Mirrored mirrored, int p) throws Exception {
        return mirrored.partition(p).path("mirrorState").asText().equals("running");
    }

    @Test
    void what_cannot_be_stored_by_key_goes_where_the_policy_says() throws Exception {
        kafka.create("unusable", 1);
        kafka.create("letters", 1);
        produceAll("unusable", 1);
        List<Seen> source = kafka.read("unusable");
        long unkeyed = source.stream().filter(r -> r.key() == null).count();
        try (ServiceProcess service =
                serve(
                        dir.resolve("letters"),
                        "unusable",
                        "-Dlastword.kafka.on-unusable=dead-letter",
                        "-Dlastword.kafka.dead-letter-topic=letters")) {
            new Mirrored(new Api(service.uri()), "unusable").awaitRecords(keyed(source));
            List<Seen> letters = kafka.read("letters");
            assertEquals(unkeyed, letters.size());
            assertTrue(
                    letters.getFirst().headers().contains("lastword-reason=has no key"),
                    letters::toString);
        }
        try (ServiceProcess service =
                serve(dir.resolve("fail"), "unusable", "-Dlastword.kafka.on-unusable=fail")) {
            Mirrored mirrored = new Mirrored(new Api(service.uri()), "unusable");
            mirrored.awaitState(0, "stopped");
            Seen first = source.stream().filter(r -> r.key() == null).findFirst().orElseThrow();
            assertTrue(
                    mirrored.partition(0)
                            .get("mirrorReason")
                            .asText()
                            .contains("offset " + first.offset()));
            assertEquals(
                    source.stream().filter(r -> r.offset() < first.offset()).toList(),
                    mirrored.records());
        }
    }

    @Test
    void records_that_the_source_deleted_before_they_came_lead_to_what_was_chosen()
            throws Exception {
        kafka.create("gap", 1);
        produceAll("gap", 1);
        List<Seen> before = keyed(kafka.read("gap"));
        for (String choice : List.of("continue", "rebuild")) {
            try (ServiceProcess service = serve(dir.resolve(choice), "gap")) {
                new Mirrored(new Api(service.uri()), "gap").awaitRecords(before);
            }
        }
        produceAll("gap", 1);
        long start = before.getLast().offset() + 200;
        kafka.deleteBefore("gap", 0, start);
        List<Seen> after = keyed(kafka.read("gap"));
        List<Seen> all = new ArrayList<>(before);
        all.addAll(after);
        for (String choice : List.of("continue", "rebuild")) {
            try (ServiceProcess service =
                    serve(dir.resolve(choice), "gap", "-Dlastword.kafka.on-gap=" + choice)) {
                Api api = new Api(service.uri());
                new Mirrored(api, "gap").awaitRecords(choice.equals("continue") ? all : after);
                assertTrue(
                        api.get("/q/metrics")
                                .body()
                                .contains("lastword_kafka_gaps_total{topic=\"gap\"} 1.0"));
            }
        }
    }

    @Test
    void a_source_that_is_compacted_while_it_is_read_leads_to_the_same_state() throws Exception {
        kafka.create(
                "compacted",
                1,
                "cleanup.policy",
                "compact",
                "segment.bytes",
                "1048576",
                "segment.ms",
                "500",
                "min.cleanable.dirty.ratio",
                "0.01",
                "delete.retention.ms",
                "86400000");
        try (ServiceProcess service = serve(dir, "compacted")) {
            Api api = new Api(service.uri());
            try (KafkaProducer<String, String> producer = kafka.producer()) {
                for (int n = 0; n < 20_000; n++) {
                    String key = "key " + random.nextInt(100);
                    String value = n % 20 == 3 ? null : "\"" + n + "\"";
                    producer.send(new ProducerRecord<>("compacted", key, value));
                }
            }
            Map<String, String> expected = new java.util.TreeMap<>();
            for (Seen r : kafka.read("compacted")) {
                expected.remove(r.key());
                if (r.value() != null) {
                    expected.put(r.key(), r.value());
                }
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertEquals(expected, api.snapshot("compacted")));
        }
        try (ServiceProcess service = serve(dir.resolve("late"), "compacted")) {
            new Mirrored(new Api(service.uri()), "compacted")
                    .awaitRecords(keyed(kafka.read("compacted")));
        }
    }
}
