package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Streams whose clients are slow, silent or gone, where one stream may run at a time.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(StreamLimitsTest.OneStream.class)
class StreamLimitsTest {
    private static final String NDJSON = "Content-Type: application/x-ndjson";
    private static final String SNAPSHOT = "/topics/large/snapshot";

    /// One stream, and clients that must not pause for long.
    public static class OneStream implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "lastword.http.max-streams",
                    "1",
                    "lastword.http.idle-timeout",
                    "1s",
                    "lastword.http.min-bytes-per-second",
                    "8M",
                    "lastword.http.heartbeat",
                    "200ms");
        }
    }

    @Test
    void a_stream_too_many_is_told_to_come_again() throws IOException {
        try (RawHttp first = new RawHttp()) {
            first.head("POST /topics/a/records", NDJSON, "Transfer-Encoding: chunked");
            first.chunk("{\"key\":\"a\",\"value\":1}\n");
            Awaitility.await().until(() -> given().get("/topics/a/snapshot").statusCode() == 503);
            given().get("/topics/a/snapshot").then().statusCode(503).header("Retry-After", "1");
            given().get("/topics").then().statusCode(200);
            first.send("0\r\n\r\n");
            assertEquals(200, first.answer().status());
        }
        given().get("/topics/a/snapshot").then().statusCode(200);
    }

    @Test
    void a_silent_sender_is_not_waited_for_for_ever() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head("POST /topics/b/records", NDJSON, "Transfer-Encoding: chunked");
            http.chunk("{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\"");
            RawHttp.Answer answer = http.answer();
            assertEquals(408, answer.status());
            assertTrue(answer.body().contains("\"line\":2,\"accepted\":1"), answer.body());
        }
        assertFree();
    }

    @Test
    void a_client_that_takes_nothing_is_cut_off_and_its_answer_never_looks_whole()
            throws IOException {
        writeLarge();
        try (RawHttp http = new RawHttp(4096)) {
            http.head("GET " + SNAPSHOT);
            assertFree();
            IOException e = assertThrows(IOException.class, http::answer);
            assertFalse(e instanceof SocketTimeoutException, e.toString());
        }
    }

    @Test
    void a_client_that_drips_is_cut_off_too() throws IOException {
        writeLarge();
        double before = ProblemCount.of("client-too-slow");
        try (RawHttp http = new RawHttp(4096)) {
            http.head("GET " + SNAPSHOT);
            Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> isCut(http));
        }
        assertEquals(before + 1, ProblemCount.of("client-too-slow"));
        assertFree();
    }

    /// Takes some 2 MB a second.
    private static boolean isCut(RawHttp http) {
        try {
            http.in().readNBytes(40_000);
            return false;
        } catch (IOException e) {
            assertFalse(e instanceof SocketTimeoutException, e.toString());
            return true;
        }
    }

    @Test
    void a_follower_that_takes_nothing_is_cut_off() throws IOException {
        writeLarge();
        try (RawHttp http = new RawHttp(4096)) {
            http.head("GET /topics/large/changes?from=earliest");
            Awaitility.await().until(() -> followers() == 1);
            Awaitility.await().until(() -> followers() == 0);
            IOException e = assertThrows(IOException.class, http::answer);
            assertFalse(e instanceof SocketTimeoutException, e.toString());
        }
    }

    private static int followers() {
        String metrics = given().get("/q/metrics").asString();
        return metrics.contains("\nlastword_subscribers 0.0\n") ? 0 : 1;
    }

    @Test
    void a_client_that_is_gone_leaves_nothing_behind() throws IOException {
        writeLarge();
        for (int i = 0; i < 3; i++) {
            try (RawHttp http = new RawHttp(4096)) {
                http.head("GET " + SNAPSHOT);
                http.in().read();
            }
            assertFree();
            try (RawHttp http = new RawHttp()) {
                http.head("POST /topics/a/records", NDJSON, "Transfer-Encoding: chunked");
                http.chunk("{\"key\":\"a\",\"value\":1}\n");
            }
            assertFree();
        }
    }

    private static void assertFree() {
        given().contentType("application/json").body("{\"name\":\"free\"}").post("/topics");
        Awaitility.await().until(() -> given().get("/topics/free/snapshot").statusCode() == 200);
    }

    /// Over a connection of its own: another client could keep, and even print, what it sends.
    private static void writeLarge() throws IOException {
        assertFree();
        byte[] body = largeBody();
        try (RawHttp http = new RawHttp()) {
            http.head("POST /topics/large/records", NDJSON, "Content-Length: " + body.length);
            http.send(new String(body, StandardCharsets.US_ASCII));
            assertEquals(200, http.answer().status());
        }
    }

    private static byte[] largeBody() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            lines.append("{\"key\":\"")
                    .append(i)
                    .append("\",\"valueText\":\"")
                    .append("x".repeat(100_000))
                    .append("\"}\n");
        }
        return lines.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
