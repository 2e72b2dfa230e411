package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A value is answered alike whether it comes off the disk, as at the first time, or out of memory.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class MemoryReadsTest {
    private static final String TOPIC = "/topics/memory-reads";
    private static final int REPEATS = 3;

    /// Counts what JAX-RS is asked.
    public static class Counting {
        static final AtomicInteger ASKED = new AtomicInteger();

        @ServerRequestFilter(preMatching = true)
        public void count() {
            ASKED.incrementAndGet();
        }
    }

    @BeforeEach
    void makeTopicAnew() {
        given().delete(TOPIC);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "GET  | a        | -                                            | 200",
                "GET  | a/b%2Fc  | -                                            | 200",
                "GET  | %00%ff   | -                                            | 200",
                "GET  | a//../b  | -                                            | 200",
                "GET  | a%2e%2E  | -                                            | 200",
                "GET  | a;b=c    | -                                            | 200",
                "GET  | a        | Accept: text/html                            | 200",
                "GET  | a        | Accept: application/cloudevents+json         | 406",
                "GET  | a        | Accept-Encoding: gzip                        | 200",
                "GET  | a        | If-None-Match: *                             | 304",
                "GET  | a        | If-None-Match: nonsense                      | 400",
                "GET  | a        | If-Match: \"other-0-7\"                      | 412",
                "GET  | a        | If-Match: *                                  | 200",
                "HEAD | a        | -                                            | 200",
                "GET  | a?wait=1 | -                                            | 200",
            })
    void every_answer_is_the_same(String method, String key, String header, int status)
            throws IOException {
        String value = "{\"text\":\"" + "much the same, ".repeat(100) + "\"}";
        try (RawHttp http = new RawHttp()) {
            http.head(
                            "PUT " + TOPIC + "/keys/" + key,
                            "Content-Type: application/json",
                            "Lastword-Header-Origin: here",
                            "Lastword-Timestamp: 1700000000000",
                            "Content-Length: " + value.length())
                    .send(value);
            assertEquals(201, http.answer().status());
            String request = method + " " + TOPIC + "/keys/" + key;
            RawHttp.Answer fromDisk = ask(http, method, request, header);
            assertEquals(status, fromDisk.status());
            int before = Counting.ASKED.get();
            for (int i = 0; i < REPEATS; i++) {
                assertEquals(fromDisk, ask(http, method, request, header));
            }
            boolean isPlain = method.equals("GET") && !key.contains("?");
            assertEquals(isPlain && status < 400 ? 0 : REPEATS, Counting.ASKED.get() - before);
        }
    }

    private static RawHttp.Answer ask(RawHttp http, String method, String request, String header)
            throws IOException {
        http.head(request, header == null ? new String[0] : new String[] {header});
        return http.answer(method);
    }

    @Test
    void what_counts_is_the_last_write() {
        for (int i = 0; i < 3; i++) {
            String value = Integer.toString(i);
            given().body(value).put(TOPIC + "/keys/k");
            for (int read = 0; read < 3; read++) {
                assertEquals(value, given().get(TOPIC + "/keys/k").asString());
            }
            given().delete(TOPIC + "/keys/k").then().statusCode(200);
            given().get(TOPIC + "/keys/k").then().statusCode(404);
        }
    }

    @Test
    void the_metrics_name_what_was_asked_for_and_not_each_key() {
        given().body("1").put(TOPIC + "/keys/metered");
        long before = answersCounted();
        for (int i = 0; i < 5; i++) {
            given().get(TOPIC + "/keys/metered").then().statusCode(200);
        }
        await().until(() -> answersCounted() == before + 5); // counted once it is sent
    }

    private static long answersCounted() {
        return given().get("/q/metrics")
                .asString()
                .lines()
                .filter(line ->
                        line.startsWith("http_server_requests_seconds_count{")
                                && line.contains("method=\"GET\"")
                                && line.contains("status=\"200\"")
                                && line.contains("uri=\"/topics/{topic}/keys/{key:.*}\""))
                .mapToLong(line ->
                        (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
