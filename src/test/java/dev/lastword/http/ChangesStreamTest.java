package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient.Version;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Changes over HTTP, as events and as lines.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(ChangesStreamTest.Few.class)
@Timeout(180)
class ChangesStreamTest {
    private static final String PROBLEM = "application/problem+json";
    private static final int SUBSCRIBERS_MAX = 6;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static int topics;

    private final String topic = "changes-" + topics++;

    /// Few subscribers, who hear something often.
    public static class Few implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "lastword.http.max-subscribers",
                    Integer.toString(SUBSCRIBERS_MAX),
                    "lastword.http.heartbeat",
                    "200ms");
        }
    }

    private void create(int partitions, String config) {
        given().contentType("application/json")
                .body(
                        "{\"name\":\"%s\",\"partitions\":%d,\"config\":{%s}}"
                                .formatted(topic, partitions, config))
                .post("/topics")
                .then()
                .statusCode(201);
    }

    private void put(String key, String value) {
        given().contentType("application/json")
                .urlEncodingEnabled(false)
                .body(value)
                .put("/topics/" + topic + "/keys/" + key)
                .then()
                .statusCode(org.hamcrest.Matchers.lessThan(300));
    }

    private void delete(String key) {
        given().delete("/topics/" + topic + "/keys/" + key).then().statusCode(200);
    }

    private String target(String query) {
        return "/topics/" + topic + "/changes" + query;
    }

    private String epoch() {
        return get("/topics/" + topic).path("epoch");
    }

    private static String show(EventClient.Event event) {
        JsonPath json = new JsonPath(event.data());
        return json.getString("key") + "=" + json.getString("value");
    }

    private static List<String> take(EventClient events, int count) throws IOException {
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EventClient.Event event = events.next();
            assertNotNull(event, () -> "ended behind " + shown);
            assertEquals("message", event.type());
            shown.add(show(event));
        }
        return shown;
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void what_was_and_what_comes_arrives_in_order_with_the_position_behind_it(Version version)
            throws Exception {
        put("a", "1");
        delete("a");
        try (EventClient events = new EventClient(target("?from=earliest"), version).connect()) {
            assertEquals(200, events.response().statusCode());
            var headers = events.response().headers();
            assertEquals("text/event-stream", headers.firstValue("content-type").get());
            assertEquals("no-cache", headers.firstValue("cache-control").get());
            assertEquals(List.of("a=1", "a=null"), take(events, 2));
            assertEquals(epoch() + ";0:2", events.lastEventId());
            put("b", "2");
            assertEquals(List.of("b=2"), take(events, 1));
            assertEquals(epoch() + ";0:3", events.lastEventId());
        }
    }

    @Test
    void lines_are_records_and_positions() throws IOException {
        put("a", "1");
        String epoch = epoch();
        try (RawHttp http = new RawHttp()) {
            http.head("GET " + target("?from=earliest"));
            String answer = readUntil(http, "\"}\n");
            assertTrue(answer.contains("Content-Type: application/x-ndjson"), answer);
            assertTrue(answer.contains("{\"partition\":0,\"offset\":0,\"timestamp\":"), answer);
            assertTrue(answer.contains("\n{\"offsets\":\"" + epoch + ";0:1\"}\n"), answer);
        }
    }

    private static String readUntil(RawHttp http, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end, Math.max(0, text.length() - end.length())) < 0) {
            int c = http.in().read();
            if (c < 0) {
                throw new EOFException(text.toString());
            }
            text.append((char) c);
        }
        return text.toString();
    }

    @Test
    void without_from_only_what_comes_is_sent() throws Exception {
        put("a", "1");
        try (EventClient events = new EventClient(target("")).connect()) {
            events.awaitPosition();
            put("b", "2");
            assertEquals(List.of("b=2"), take(events, 1));
        }
    }

    @Test
    void a_client_that_comes_back_misses_nothing_and_gets_nothing_twice() throws Exception {
        put("k0", "0");
        try (EventClient events = new EventClient(target("?from=earliest"))) {
            for (int i = 0; i < 5; i++) {
                put("k" + (i + 1), Integer.toString(i + 1));
                events.connect();
                assertEquals(List.of("k" + i + "=" + i), take(events, 1));
            }
        }
    }

    @Test
    void silence_is_broken_by_positions_that_also_pass_what_is_filtered_out() throws Exception {
        put("a", "1");
        try (EventClient events = new EventClient(target("?from=earliest&prefix=b")).connect()) {
            events.awaitPosition();
            assertEquals(epoch() + ";0:1", events.lastEventId());
            put("a", "2");
            while (!events.lastEventId().endsWith(":2")) {
                events.awaitPosition();
            }
            put("b", "3");
            assertEquals(List.of("b=3"), take(events, 1));
        }
    }

    @Test
    void a_key_or_a_prefix_is_all_one_gets() throws Exception {
        for (String key : List.of("a", "a%2Fb", "b", "a")) {
            put(key, "1");
        }
        try (EventClient key = new EventClient(target("?from=earliest&key=a%2fb")).connect();
                EventClient base64 =
                        new EventClient(target("?from=earliest&keyBase64=Yg")).connect();
                EventClient prefix = new EventClient(target("?from=earliest&prefix=a")).connect()) {
            assertEquals(List.of("a/b=1"), take(key, 1));
            assertEquals(List.of("b=1"), take(base64, 1));
            assertEquals(List.of("a=1", "a/b=1", "a=1"), take(prefix, 3));
        }
    }

    @Test
    void partitions_can_be_chosen_and_must_be_beyond_two_hundred() throws Exception {
        create(201, "");
        given().get(target("?from=earliest"))
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("field", equalTo("partitions"))
                .body("detail", containsString("0-199"));
        for (int i = 0; i < 20; i++) {
            put("k" + i, "1");
        }
        int seen = 0;
        try (EventClient low = new EventClient(target("?from=earliest&partitions=0-99")).connect();
                EventClient high =
                        new EventClient(target("?from=earliest&partitions=100-199,200"))
                                .connect()) {
            List<Integer> inHigh = new ArrayList<>();
            for (JsonPath r : snapshot()) {
                boolean isHigh = r.getInt("partition") >= 100;
                EventClient.Event event = (isHigh ? high : low).next();
                int partition = new JsonPath(event.data()).getInt("partition");
                assertEquals(isHigh, partition >= 100);
                inHigh.add(partition);
                seen++;
            }
            assertEquals(20, seen);
            assertTrue(high.lastEventId().contains(",200:"), high.lastEventId());
        }
    }

    private List<JsonPath> snapshot() {
        return get("/topics/" + topic + "/snapshot").asString().lines().map(JsonPath::new).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "from=sometime, from",
        "from=ffffffffffffffffff;0:1, from",
        "from=EPOCH;0:x, from",
        "from=EPOCH;1:0, from",
        "'from=EPOCH;0:0,1:0', from",
        "key=a&key=b, key",
        "key=a&prefix=b, prefix",
        "key=, key",
        "prefixBase64=%21, prefixBase64",
        "partitions=1, partitions",
        "partitions=, partitions",
        "partitions=0-, partitions",
        "partitions=a, partitions"
    })
    void what_makes_no_sense_is_refused_and_named(String query, String field) {
        put("a", "1");
        given().urlEncodingEnabled(false)
                .accept("text/event-stream")
                .get(target("?" + query.replace("EPOCH", epoch())))
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("field", org.hamcrest.Matchers.startsWith(field));
    }

    @Test
    void a_last_event_id_that_is_none_is_refused() {
        put("a", "1");
        given().header("Last-Event-ID", "7")
                .get(target("?from=earliest"))
                .then()
                .statusCode(400)
                .body("field", equalTo("Last-Event-ID"));
    }

    @Test
    void other_answers_than_events_and_lines_are_not_to_be_had() {
        put("a", "1");
        given().accept("application/json").get(target("")).then().statusCode(406);
        given().get("/topics/nowhere/changes").then().statusCode(404);
        given().post(target("")).then().statusCode(405);
        given().head(target("?from=earliest"))
                .then()
                .statusCode(200)
                .contentType("application/x-ndjson");
    }

    @ParameterizedTest
    @CsvSource({"ffffffff;0:0", "EPOCH;0:2"})
    void a_position_that_cannot_be_continued_is_gone_or_a_reset(String from) throws Exception {
        put("a", "1");
        String asked = target("?from=" + from.replace("EPOCH", epoch()));
        given().urlEncodingEnabled(false)
                .get(asked)
                .then()
                .statusCode(410)
                .contentType(PROBLEM)
                .body("type", equalTo("/problems/cannot-continue"))
                .body("detail", containsString("snapshot"));
        try (EventClient events = new EventClient(asked).connect()) {
            assertEquals(200, events.response().statusCode());
            EventClient.Event event = events.next();
            assertEquals("reset", event.type());
            assertEquals("", event.id());
            assertEquals(410, new JsonPath(event.data()).getInt("status"));
            assertNull(events.next());
        }
    }

    @Test
    void a_slow_client_is_told_when_a_deletion_it_has_not_seen_is_forgotten() throws Exception {
        create(1, "\"delete.retention.ms\":0,\"segment.bytes\":1000000");
        put("gone", "1");
        String large = "\"" + "x".repeat(900_000) + "\"";
        for (int i = 0; i < 12; i++) {
            put("large" + i, large);
        }
        delete("gone");
        try (RawHttp slow = new RawHttp(4096)) {
            slow.head("GET " + target("?from=earliest"), "Accept: text/event-stream");
            readUntil(slow, "large0");
            for (int i = 0; i < 2; i++) {
                get("/topics/" + topic); // a moment later
                given().post("/topics/" + topic + "/compactions?wait=true").then().statusCode(200);
            }
            String rest = readUntil(slow, "event: reset");
            assertTrue(!rest.contains("\"key\":\"gone\""), "the deletion came");
            readUntil(slow, "\r\n0\r\n\r\n"); // the stream ends as it should
        }
        assertNobodyLeft();
    }

    @Test
    void streams_end_with_their_topic() throws Exception {
        put("a", "1");
        try (EventClient events = new EventClient(target("?from=earliest")).connect()) {
            assertEquals(List.of("a=1"), take(events, 1));
            given().delete("/topics/" + topic).then().statusCode(204);
            assertNull(events.next());
        }
        assertNobodyLeft();
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void clients_beyond_the_bound_are_told_to_come_again_and_those_gone_do_not_count(
            Version version) throws Exception {
        put("a", "1");
        assertNobodyLeft();
        List<EventClient> clients = new ArrayList<>();
        for (int i = 0; i < SUBSCRIBERS_MAX; i++) {
            clients.add(new EventClient(target(""), version).connect());
        }
        given().get(target("")).then().statusCode(503).header("Retry-After", "5");
        for (EventClient c : clients) {
            c.close();
        }
        assertNobodyLeft();
    }

    /// A writer at full speed, the cleaner at work, and a client that takes a snapshot, follows its
    /// changes and loses its connection now and then.
    @ParameterizedTest
    @EnumSource(Version.class)
    void a_snapshot_and_its_changes_are_the_exact_state(Version version) throws Exception {
        create(3, "\"segment.bytes\":100000,\"min.cleanable.dirty.ratio\":0.01");
        Map<String, String> model = new HashMap<>();
        AtomicBoolean done = new AtomicBoolean();
        write(new Random(1), 500, model);
        Thread writer =
                Thread.ofVirtual()
                        .start(() -> {
                            Random random = new Random(2);
                            for (int i = 0; i < 60; i++) {
                                write(random, 200, model);
                                if (i % 10 == 5) {
                                    given().post("/topics/" + topic + "/compactions");
                                }
                            }
                            done.set(true);
                        });
        Response snapshot = get("/topics/" + topic + "/snapshot");
        Map<String, String> state = new HashMap<>();
        snapshot.asString().lines().forEach(line -> apply(line, state));
        String from = "?from=" + snapshot.header("Lastword-Offsets");
        long[] seen = {-1, -1, -1};
        int connections = 0;
        String end = "not known";
        try (EventClient events = new EventClient(target(from), version)) {
            while (!events.lastEventId().equals(end)) {
                end = done.get() ? end() : "not known";
                events.connect();
                connections++;
                for (int i = 0; i < 700 && !events.lastEventId().equals(end); i++) {
                    EventClient.Event event = events.nextOrPosition();
                    assertNotNull(event);
                    assertEquals("message", event.type());
                    if (!event.data().isEmpty()) {
                        JsonNode json = JSON.readTree(event.data());
                        int partition = json.get("partition").intValue();
                        long offset = json.get("offset").longValue();
                        assertTrue(offset > seen[partition], "twice: " + event);
                        seen[partition] = offset;
                        apply(event.data(), state);
                    } else if (done.get()) {
                        end = end(); // the rest is silence: stop at it
                    }
                }
            }
        }
        writer.join();
        assertEquals(model, state);
        assertTrue(connections > 1, "never lost its connection");
    }

    private void write(Random random, int records, Map<String, String> model) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < records; i++) {
            String key = "k" + random.nextInt(100);
            String value = random.nextInt(4) == 0 ? null : Integer.toString(random.nextInt());
            if (value == null) {
                model.remove(key);
            } else {
                model.put(key, value);
            }
            lines.append("{\"key\":\"").append(key).append("\",\"value\":").append(value);
            lines.append("}\n");
        }
        given().header("Content-Type", "application/x-ndjson")
                .body(lines.toString().getBytes(StandardCharsets.US_ASCII))
                .post("/topics/" + topic + "/records")
                .then()
                .statusCode(200);
    }

    private static void apply(String line, Map<String, String> state) {
        try {
            JsonNode json = JSON.readTree(line);
            JsonNode value = json.get("value");
            if (value.isNull()) {
                state.remove(json.get("key").textValue());
            } else {
                state.put(json.get("key").textValue(), value.asText());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    private String end() {
        List<Number> ends = get("/topics/" + topic).path("partitions.endOffset");
        StringJoiner vector = new StringJoiner(",", epoch() + ";", "");
        for (int p = 0; p < ends.size(); p++) {
            vector.add(p + ":" + ends.get(p));
        }
        return vector.toString();
    }

    private static void assertNobodyLeft() {
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .until(() -> get("/q/metrics").asString().contains("\nlastword_subscribers 0.0\n"));
    }
}
