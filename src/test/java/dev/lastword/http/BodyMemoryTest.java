package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Bodies that take all the memory there may be for them, and connections that are too many.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(BodyMemoryTest.Little.class)
class BodyMemoryTest {
    private static final int ALL_BYTES = 16 << 20;
    private static final int ONE_BYTES = 1 << 19;

    /// 16 MiB for all bodies.
    public static class Little implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "lastword.http.max-body-memory", "16M",
                    "lastword.http.body-timeout", "10m");
        }
    }

    private static void awaitHeld(long bytes) {
        Awaitility.await()
                .until(() ->
                        given().get("/q/metrics")
                                .asString()
                                .lines()
                                .filter(l -> l.startsWith("lastword_http_body_bytes "))
                                .mapToDouble(l -> Double.parseDouble(l.split(" ", 2)[1]))
                                .anyMatch(held -> held == bytes));
    }

    @Test
    void a_body_for_which_there_is_no_memory_is_told_to_come_again() throws IOException {
        List<RawHttp> holding = new ArrayList<>();
        try {
            for (int i = 0; i < ALL_BYTES / ONE_BYTES; i++) {
                RawHttp http = new RawHttp();
                holding.add(http);
                http.head("PUT /topics/held/keys/k" + i, "Content-Length: " + ONE_BYTES);
            }
            awaitHeld(ALL_BYTES);
            given().body("1")
                    .put("/topics/held/keys/more")
                    .then()
                    .statusCode(503)
                    .header("Retry-After", "1");
            given().get("/topics").then().statusCode(200);
            RawHttp last = holding.removeLast();
            last.send("x".repeat(ONE_BYTES));
            assertEquals(201, last.answer().status());
            last.close();
            given().body("1").put("/topics/held/keys/more").then().statusCode(201);
        } finally {
            for (RawHttp http : holding) {
                http.close();
            }
        }
        awaitHeld(0); // those who go give back what they held
        String metrics = given().get("/q/metrics").asString();
        assertTrue(metrics.contains("lastword_problems_total{problem=\"too-many-bodies\"} 1.0"));
        assertTrue(metrics.contains("lastword_queue_bytes 0.0"));
        assertTrue(metrics.contains("lastword_http_streams 0.0"));
    }

    @Test
    void a_body_without_a_length_is_counted_as_it_comes() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head("PUT /topics/held/keys/c", "Transfer-Encoding: chunked");
            http.chunk("x".repeat(1000));
            awaitHeld(1000);
            http.send("0\r\n\r\n");
            assertEquals(201, http.answer().status());
        }
        awaitHeld(0);
    }
}
