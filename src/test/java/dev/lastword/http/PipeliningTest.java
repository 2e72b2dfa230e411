package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that send requests before the last one is answered.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@Timeout(120)
class PipeliningTest {
    private static final int REQUESTS = 3000;
    private static final int MANY = 60;

    private static final byte[] PUT_MANY =
            bytes("PUT /topics/many/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void requests_sent_ahead_are_answered_in_their_order() throws Exception {
        given().body("0").put("/topics/ahead/keys/a").then().statusCode(201);
        try (RawHttp http = new RawHttp()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < REQUESTS; i++) {
                String value = Integer.toString(i);
                all.append(i % 7 == 0 ? "POST /topics/ahead/keys:get" : "PUT /topics/ahead/keys/a")
                        .append(" HTTP/1.1\r\nHost: x\r\nContent-Length: ")
                        .append(value.length())
                        .append("\r\n\r\n")
                        .append(value)
                        .append("GET /topics/ahead/keys/a HTTP/1.1\r\nHost: x\r\n\r\n");
            }
            Thread sender = Thread.startVirtualThread(() -> sendAll(http, bytes(all.toString())));
            String last = "0";
            for (int i = 0; i < REQUESTS; i++) {
                int status = http.answer().status();
                assertEquals(i % 7 == 0 ? 400 : 200, status, "request " + i);
                last = i % 7 == 0 ? last : Integer.toString(i);
                assertEquals(last, http.answer().body());
            }
            sender.join();
        }
    }

    /// What comes behind a request that is still being answered, when the client leaves.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "PUT /topics/left/keys/b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
                "PUT /topics/left/keys/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET /topics HTTP/1.1\r\nHost: x\r\n\r\nGET /topics HT",
                "0\r\n\r\nGET /topics HTTP/1.1\r\nHost: x\r\n\r\n",
            })
    void a_client_that_leaves_with_half_a_request_in_line_leaves_nothing_behind(String ahead)
            throws IOException {
        given().body("0").put("/topics/left/keys/a");
        double requests = value("http_server_active_requests");
        try (RawHttp http = new RawHttp()) {
            http.head("GET /topics/left/changes", "Accept: text/event-stream").send(ahead);
            assertEquals('H', http.in().read());
            await().until(() -> value("lastword_subscribers") == 1);
        }
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        value("lastword_subscribers") == 0
                                && value("http_server_active_requests") <= requests);
        given().get("/topics/left/keys/b").then().statusCode(404);
    }

    /// While the first request is answered what comes behind it is left with its client.
    @Test
    void what_is_sent_ahead_is_not_gathered() throws Exception {
        byte[] value = new byte[1_000_000];
        given().body(value).put("/topics/many/keys/a");
        AtomicInteger sent = new AtomicInteger();
        try (RawHttp http = new RawHttp()) {
            http.head("GET /topics/many/keys/b?wait=3s");
            Thread sender =
                    Thread.startVirtualThread(() -> {
                        for (int i = 0; i < MANY; i++) {
                            sendAll(http, PUT_MANY);
                            sendAll(http, value);
                            sent.incrementAndGet();
                        }
                    });
            assertEquals(404, http.answer().status());
            assertTrue(sent.get() < MANY / 2, sent + " MB");
            for (int i = 0; i < MANY; i++) {
                assertEquals(200, http.answer().status());
            }
            sender.join();
        }
    }

    /// A client that does not read is not written to without end.
    @Test
    void answers_are_not_gathered_either() throws Exception {
        given().body(new byte[1_000_000]).put("/topics/unread/keys/a");
        double before = answered();
        try (RawHttp http = new RawHttp()) {
            for (int i = 0; i < MANY; i++) {
                http.head("GET /topics/unread/keys/a");
            }
            await().during(Duration.ofSeconds(1)).until(() -> answered() < before + MANY / 2);
            for (int i = 0; i < MANY; i++) {
                assertEquals(1_000_000, http.answer().body().length());
            }
        }
    }

    private static double answered() {
        return value("http_server_requests_seconds_count{method=\"GET\"");
    }

    private static double value(String meter) {
        return given().get("/q/metrics")
                .body()
                .asString()
                .lines()
                .filter(line -> line.startsWith(meter))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static void sendAll(RawHttp http, byte[] requests) {
        try {
            http.send(requests);
        } catch (IOException e) {
            throw new UncheckedIOException("the service did not take all of them", e);
        }
    }
}
