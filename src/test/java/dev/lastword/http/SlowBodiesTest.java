package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Clients that send a body and do not finish, where it may take little time.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(SlowBodiesTest.Impatient.class)
class SlowBodiesTest {
    /// A body must be there within 300 ms.
    public static class Impatient implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("lastword.http.body-timeout", "300ms");
        }
    }

    @Test
    void a_body_that_does_not_come_to_its_end_is_not_waited_for() throws IOException {
        for (String body : List.of("Content-Length: 10", "Transfer-Encoding: chunked")) {
            try (RawHttp http = new RawHttp()) {
                http.head("PUT /topics/slow/keys/a", body);
                if (body.startsWith("T")) {
                    http.chunk("1");
                } else {
                    http.send("1");
                }
                RawHttp.Answer answer = http.answer();
                assertEquals(408, answer.status());
                assertTrue(answer.body().contains("lastword.http.body-timeout"), answer.body());
                assertEquals(-1, http.in().read(), "the connection is open");
            }
        }
        given().get("/topics/slow/keys/a").then().statusCode(404);
        String metrics = given().get("/q/metrics").asString();
        assertTrue(metrics.contains("lastword_problems_total{problem=\"body-timeout\"} 2.0"));
        assertTrue(metrics.contains("lastword_http_body_bytes 0.0"));
    }
}
