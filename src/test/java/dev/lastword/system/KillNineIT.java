package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// I1, I3 and I6 on the whole service: it is killed at random moments, and nothing acknowledged is
/// missing. The seed fixes the moments and the writes, though not how the threads take turns.
class KillNineIT {
    private static final String TOPIC = "killed";
    private static final int INGEST_ROUNDS = 4;
    private static final int COMPACTION_ROUNDS = 3;
    private static final int ANSWERS_MAX = 1500;

    /// Cleaning is slow, so that it is hit: the kill comes within its first two seconds.
    private static final int CLEANED_BYTES_PER_SECOND = 2_000_000;

    private static final int CLEANED_BYTES_MAX = 2 * CLEANED_BYTES_PER_SECOND;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Workload workload = new Workload(TOPIC, seed);

    /// The cleaner's threads that were seen, and whether they are virtual.
    private final Map<String, Boolean> cleaners = new ConcurrentHashMap<>();

    @TempDir private Path dataDir;

    @Test
    void what_was_acknowledged_is_there_after_every_kill() throws Exception {
        System.out.println("KillNineIT: -Dseed=" + seed);
        try {
            for (int round = 0; round < INGEST_ROUNDS; round++) {
                killDuringIngest(round == 0);
            }
            for (int round = 0; round < COMPACTION_ROUNDS; round++) {
                killDuringCompaction();
            }
            finish();
            assertFalse(cleaners.isEmpty());
            assertFalse(cleaners.containsValue(false), cleaners::toString);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("with -Dseed=" + seed, e);
        }
    }

    private void killDuringIngest(boolean first) throws Exception {
        try (ServiceProcess service = ServiceProcess.start(dataDir)) {
            Api api = new Api(service.uri());
            if (first) {
                api.createTopic(
                        TOPIC,
                        2,
                        "segment.bytes",
                        "262144",
                        "min.cleanable.dirty.ratio",
                        "0.01",
                        "delete.retention.ms",
                        "0");
            }
            workload.check(api.snapshot(TOPIC));
            AtomicLong answersLeft = new AtomicLong(1 + random.nextInt(ANSWERS_MAX));
            workload.writeUntilGone(
                    api,
                    () -> {
                        if (answersLeft.decrementAndGet() == 0) {
                            service.killNow();
                        }
                    });
            service.awaitEnd();
        }
    }

    private void killDuringCompaction() throws Exception {
        try (ServiceProcess service =
                ServiceProcess.start(
                        dataDir,
                        "-Dlastword.cleaner.io-max-bytes-per-second=" + CLEANED_BYTES_PER_SECOND)) {
            Api api = new Api(service.uri());
            workload.check(api.snapshot(TOPIC));
            HttpResponse<String> started = api.post("/topics/" + TOPIC + "/compactions");
            assertEquals(202, started.statusCode(), started.body());
            String target = started.headers().firstValue("Location").orElseThrow();
            long bytes = random.nextInt(CLEANED_BYTES_MAX);
            Thread killer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    awaitProgress(api, target, bytes);
                                } finally {
                                    service.killNow();
                                }
                            });
            workload.writeUntilGone(api, () -> {});
            killer.join();
            service.awaitEnd();
        }
    }

    /// Until a pass has done so much (the one asked for, or one that the cleaner began by itself
    /// and has to end first), or all is done.
    private void awaitProgress(Api api, String compaction, long bytes) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    for (JsonNode pass : json(api, "/cleaner").get("running")) {
                        cleaners.put(
                                pass.get("thread").asText(), pass.get("virtualThread").asBoolean());
                        if (pass.get("bytesDone").asLong() >= bytes) {
                            return true;
                        }
                    }
                    return json(api, compaction).hasNonNull("finishedAt");
                });
    }

    private static JsonNode json(Api api, String target) throws Exception {
        return Api.JSON.readTree(api.get(target).body());
    }

    private void finish() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(dataDir)) {
            Api api = new Api(service.uri());
            workload.check(api.snapshot(TOPIC));
            workload.sendAgain(api);
            workload.check(api.snapshot(TOPIC));
            HttpResponse<String> compacted =
                    api.post("/topics/" + TOPIC + "/compactions?wait=true");
            assertEquals(200, compacted.statusCode(), compacted.body());
            assertEquals("done", Api.JSON.readTree(compacted.body()).get("state").asText());
            workload.check(api.snapshot(TOPIC));
            service.askToStop();
            service.awaitEnd();
            assertTrue(service.output().contains("is closed"), service.output());
        }
    }
}
