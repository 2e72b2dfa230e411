package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients whose requests never come to the end of their heads, where a head may take little time.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(SlowHeadsTest.Impatient.class)
@Timeout(120)
class SlowHeadsTest {
    /// Frames of HTTP/2: settings without any, and a ping.
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private static final byte[] PING = {
        0, 0, 8, 6, 0, 0, 0, 0, 0, 'p', 'i', 'n', 'g', 'p', 'o', 'n', 'g'
    };

    private static final String LIVE = "GET /q/health/live";

    /// A head must be there within a second.
    public static class Impatient implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("lastword.http.head-timeout", "1s");
        }
    }

    /// HTTP/1.1, and what HTTP/2 begins with.
    @ParameterizedTest
    @ValueSource(strings = {"", "G", "GET / HTTP/1.1\r\nHost: a\r\n", "PRI * HTTP/2.0\r\n"})
    void a_first_head_that_does_not_come_to_its_end_is_not_waited_for(String part)
            throws IOException {
        double before = ProblemCount.of("head-timeout");
        try (RawHttp http = new RawHttp()) {
            http.send(part);
            assertCut(http);
        }
        assertTrue(ProblemCount.of("head-timeout") > before);
    }

    @Test
    void a_head_that_drips_is_not_waited_for() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.send("GET / HTTP/1.1\r\nX: ");
            assertCutWhileDripping(http);
        }
    }

    @Test
    void neither_is_the_next_head_of_a_connection() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head(LIVE);
            assertEquals(200, http.answer().status());
            http.send("GET / HTTP/1.1\r\nX: ");
            assertCutWhileDripping(http);
        }
    }

    @Test
    void a_head_that_is_there_is_not_late_while_the_client_does_not_read() throws IOException {
        byte[] value = new byte[1_000_000];
        given().body(value).put("/topics/slow/keys/a");
        double before = ProblemCount.of("head-timeout");
        int requests = 10; // fewer than stop the reading
        try (RawHttp http = new RawHttp()) {
            for (int i = 1; i < requests; i++) {
                http.head("GET /topics/slow/keys/a");
            }
            RawHttp.Answer first = http.answerHead();
            http.head("GET /topics/slow/keys/a");
            await().during(Duration.ofSeconds(3))
                    .until(() -> ProblemCount.of("head-timeout") == before);
            http.withBody(first);
            for (int i = 1; i < requests; i++) {
                assertEquals(200, http.answer().status());
            }
        }
    }

    @Test
    void neither_is_one_that_begins_before_the_last_answer() throws IOException {
        try (RawHttp http = new RawHttp()) {
            String whole = LIVE + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            http.send(whole + whole + "GET / HTTP/1.1\r\nX: ");
            assertEquals(200, http.answer().status());
            assertEquals(200, http.answer().status());
            assertCutWhileDripping(http);
        }
    }

    @Test
    void a_connection_between_two_requests_has_all_the_time() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head(LIVE);
            assertEquals(200, http.answer().status());
            letAnotherBeCut();
            http.head(LIVE);
            assertEquals(200, http.answer().status());
        }
    }

    @Test
    void a_body_that_comes_behind_its_answer_is_no_head() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head("POST /nowhere", "Content-Length: 5");
            assertEquals(404, http.answer().status());
            http.send("hello");
            letAnotherBeCut();
            letAnotherBeCut();
            http.head(LIVE);
            assertEquals(200, http.answer().status());
        }
    }

    @Test
    void the_rest_of_a_body_that_nobody_reads_is_not_waited_for() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head("POST /nowhere", "Content-Length: 1000000");
            assertEquals(404, http.answer().status());
            assertCutWhileDripping(http);
        }
    }

    @Test
    void a_request_that_is_no_proper_one_leaves_its_connection_all_the_time() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.send("GET /topics HTTP/1.1\r\n\r\n"); // without Host
            assertEquals(400, http.answer().status());
            letAnotherBeCut();
            http.head(LIVE);
            assertEquals(200, http.answer().status());
        }
    }

    @Test
    void bodies_and_answers_have_all_the_time() throws IOException {
        given().body("1").put("/topics/heads/keys/a").then().statusCode(201);
        try (RawHttp follower = new RawHttp()) {
            follower.head("GET /topics/heads/changes?from=latest");
            assertEquals(200, follower.answerHead().status());
            sendForLong();
            while (follower.in().read() != 'b') {
                // the change comes
            }
        }
    }

    private static void sendForLong() throws IOException {
        try (RawHttp sender = new RawHttp()) {
            sender.head(
                    "POST /topics/heads/records",
                    "Content-Type: application/x-ndjson",
                    "Transfer-Encoding: chunked");
            letAnotherBeCut();
            sender.chunk("{\"key\":\"b\",\"value\":1}\n");
            letAnotherBeCut();
            sender.send("0\r\n\r\n");
            assertEquals(200, sender.answer().status());
        }
    }

    @Test
    void a_connection_that_becomes_http2_has_all_the_time() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head(
                    "POST /topics/heads2/records",
                    "Connection: Upgrade, HTTP2-Settings",
                    "Upgrade: h2c",
                    "HTTP2-Settings: AAMAAABk",
                    "Content-Type: application/x-ndjson",
                    "Transfer-Encoding: chunked");
            assertEquals(101, http.answerHead().status());
            letAnotherBeCut();
            http.chunk("{\"key\":\"a\",\"value\":1}\n").send("0\r\n\r\n");
            http.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(SETTINGS);
            assertComes(http, "\"count\":1");
            letAnotherBeCut();
            http.send(PING);
            assertComes(http, "pingpong");
        }
    }

    private static void assertComes(RawHttp http, String text) throws IOException {
        StringBuilder come = new StringBuilder();
        while (come.indexOf(text) < 0) {
            int b = http.in().read();
            assertTrue(b >= 0, () -> "cut off behind " + come);
            come.append((char) b);
        }
    }

    /// Waits for longer than a head may take.
    private static void letAnotherBeCut() throws IOException {
        try (RawHttp other = new RawHttp()) {
            other.send("GET");
            assertCut(other);
        }
    }

    private static void assertCut(RawHttp http) throws IOException {
        assertEquals(-1, http.in().read(), "it was answered");
    }

    private static void assertCutWhileDripping(RawHttp http) throws IOException {
        await().pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    try {
                        http.send("x");
                        return false;
                    } catch (SocketException e) {
                        return true;
                    }
                });
    }
}
