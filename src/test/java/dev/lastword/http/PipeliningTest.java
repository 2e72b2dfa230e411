package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
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

    @Test
    void requests_sent_ahead_are_answered_in_their_order() throws IOException {
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
            Thread sender = Thread.startVirtualThread(() -> sendAll(http, all.toString()));
            String last = "0";
            for (int i = 0; i < REQUESTS; i++) {
                int status = http.answer().status();
                assertEquals(i % 7 == 0 ? 400 : 200, status, "request " + i);
                last = i % 7 == 0 ? last : Integer.toString(i);
                assertEquals(last, http.answer().body());
            }
            join(sender);
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
                                && value("http_server_active_requests") == requests);
        given().get("/topics/left/keys/b").then().statusCode(404);
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

    private static void sendAll(RawHttp http, String requests) {
        try {
            http.send(requests);
        } catch (SocketException e) {
            throw new AssertionError("the service did not take all of them", e);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
