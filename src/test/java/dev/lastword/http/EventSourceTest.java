package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Changes as a browser follows them over a network that cuts its connections anywhere, within
/// events too, while a writer writes. [ChangesStreamTest] has a client that leaves between events.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(EventSourceTest.Heartbeats.class)
@Timeout(180)
class EventSourceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PARTITIONS = 3;
    private static final int KEYS = 50;
    private static final int WRITES = 40;
    private static final int RECORDS_A_WRITE = 100;
    private static final int CUT_BYTES_MAX = 12_000;

    /// As a browser waits for a service that is gone.
    private static final long RETRY_NANOS = 50_000_000;

    private static int topics;

    /// Silence is short.
    public static class Heartbeats implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("lastword.http.heartbeat", "200ms");
        }
    }

    private final String topic = "event-source-" + topics++;
    private final int[] versions = new int[KEYS];
    private final Map<String, Integer> model = new HashMap<>();

    private void create(String config) {
        given().contentType("application/json")
                .body(
                        "{\"name\":\"%s\",\"partitions\":%d,\"config\":{%s}}"
                                .formatted(topic, PARTITIONS, config))
                .post("/topics")
                .then()
                .statusCode(201);
    }

    /// Each key's values count up, over its deletions.
    private void write(Random random) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < RECORDS_A_WRITE; i++) {
            int k = random.nextInt(KEYS);
            versions[k]++;
            boolean deletes = random.nextInt(8) == 0;
            if (deletes) {
                model.remove("k" + k);
            } else {
                model.put("k" + k, versions[k]);
            }
            lines.append("{\"key\":\"k")
                    .append(k)
                    .append("\",\"value\":")
                    .append(deletes ? "null" : versions[k])
                    .append("}\n");
        }
        given().header("Content-Type", "application/x-ndjson")
                .body(lines.toString().getBytes(StandardCharsets.US_ASCII))
                .post("/topics/" + topic + "/records")
                .then()
                .statusCode(200);
    }

    private void write(long seed, boolean cleaning) {
        Random random = new Random(seed);
        for (int i = 0; i < WRITES; i++) {
            write(random);
            if (cleaning && i % 8 == 4) {
                given().post("/topics/" + topic + "/compactions").then().statusCode(202);
            }
        }
    }

    /// The offsets behind the last records.
    private List<Integer> ends() {
        return get("/topics/" + topic).path("partitions.endOffset");
    }

    /// Follows the changes until all that the writer writes has come.
    private void follow(long seed, boolean cleaning, Consumer<JsonNode> records) throws Exception {
        CompletableFuture<List<Integer>> ends =
                CompletableFuture.runAsync(() -> write(seed, cleaning)).thenApply(_ -> ends());
        int[] next = new int[PARTITIONS];
        try (CuttingProxy network = new CuttingProxy(RestAssured.port, seed, CUT_BYTES_MAX);
                EventClient events =
                        new EventClient(
                                network.port(),
                                "/topics/" + topic + "/changes?from=earliest",
                                Version.HTTP_1_1)) {
            while (!ends.isDone() || !isAt(next, ends.join())) {
                EventClient.Event event = nextOrReconnect(events);
                if (!event.data().isEmpty()) {
                    assertEquals("message", event.type());
                    JsonNode record = JSON.readTree(event.data());
                    next[record.get("partition").intValue()] = record.get("offset").intValue() + 1;
                    records.accept(record);
                }
            }
            // what is cleaned before it was read does not come, and is not cut
            int cutsMin = cleaning ? 1 : 11;
            assertTrue(network.cuts() >= cutsMin, () -> "cut only " + network.cuts() + " times");
        }
        assertEquals(model, snapshot());
    }

    private static EventClient.Event nextOrReconnect(EventClient events) throws Exception {
        while (true) {
            try {
                if (!events.isConnected()) {
                    events.connect();
                    assertEquals(200, events.response().statusCode());
                }
                EventClient.Event event = events.nextOrPosition();
                if (event != null) {
                    return event;
                }
            } catch (IOException e) {
                if (!events.isConnected()) {
                    LockSupport.parkNanos(RETRY_NANOS); // else only cut: connect again
                }
            }
            events.leave();
        }
    }

    private static boolean isAt(int[] next, List<Integer> ends) {
        for (int p = 0; p < next.length; p++) {
            if (next[p] < ends.get(p)) {
                return false;
            }
        }
        return true;
    }

    private Map<String, Integer> snapshot() throws IOException {
        Map<String, Integer> state = new HashMap<>();
        for (String line : get("/topics/" + topic + "/snapshot").asString().lines().toList()) {
            JsonNode record = JSON.readTree(line);
            state.put(record.get("key").textValue(), record.get("value").intValue());
        }
        return state;
    }

    private static void apply(JsonNode record, Map<String, Integer> state) {
        String key = record.get("key").textValue();
        if (record.get("value").isNull()) {
            state.remove(key);
        } else {
            state.put(key, record.get("value").intValue());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void every_record_comes_once_and_in_order_wherever_connections_are_cut(long seed)
            throws Exception {
        create("\"min.compaction.lag.ms\":3600000");
        long[] next = new long[PARTITIONS];
        Map<String, Integer> state = new HashMap<>();
        follow(
                seed,
                false,
                record -> {
                    int partition = record.get("partition").intValue();
                    assertEquals(next[partition]++, record.get("offset").longValue());
                    apply(record, state);
                });
        assertEquals(model, state);
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void each_key_only_moves_on_and_ends_right_while_its_topic_is_cleaned(long seed)
            throws Exception {
        create("\"segment.bytes\":20000,\"min.cleanable.dirty.ratio\":0.01");
        long[] next = new long[PARTITIONS];
        Map<String, Integer> last = new HashMap<>();
        Map<String, Integer> state = new HashMap<>();
        follow(
                seed,
                true,
                record -> {
                    int partition = record.get("partition").intValue();
                    long offset = record.get("offset").longValue();
                    assertTrue(offset >= next[partition], () -> "twice: " + record);
                    next[partition] = offset + 1;
                    apply(record, state);
                    if (!record.get("value").isNull()) {
                        int version = record.get("value").intValue();
                        Integer before = last.put(record.get("key").textValue(), version);
                        assertTrue(before == null || before < version, () -> "back to " + record);
                    }
                });
        assertEquals(model, state);
    }
}
