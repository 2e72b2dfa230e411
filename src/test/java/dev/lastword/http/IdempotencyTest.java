package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Requests that are sent more than once and done once.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class IdempotencyTest {
    private static final String KEY = "Idempotency-Key";

    private static Response put(String topic, String key, String name, String value) {
        return given().header(KEY, name).body(value).put("/topics/" + topic + "/keys/" + key);
    }

    private static int endOffset(String topic) {
        return given().get("/topics/" + topic).path("partitions[0].endOffset");
    }

    @Test
    void a_repeated_put_gets_the_first_answer() {
        Response first = put("once-put", "a", "r1", "1");
        assertEquals(201, first.statusCode());
        put("once-put", "a", "r2", "2").then().statusCode(200);
        Response again = put("once-put", "a", "r1", "1");
        assertEquals(201, again.statusCode());
        assertEquals(first.asString(), again.asString());
        assertEquals(first.header("ETag"), again.header("ETag"));
        given().get("/topics/once-put/keys/a").then().body(equalTo("2"));
        assertEquals(2, endOffset("once-put"));
    }

    @Test
    void another_value_is_refused_and_another_target_is_another_request() {
        put("once-other", "a", "r", "1").then().statusCode(201);
        put("once-other", "a", "r", "2")
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/idempotency-key-reused"));
        put("once-other", "b", "r", "2").then().statusCode(201);
        given().header(KEY, "r").delete("/topics/once-other/keys/a").then().statusCode(200);
        given().header(KEY, "r").delete("/topics/once-other/keys/a").then().statusCode(200);
        given().delete("/topics/once-other/keys/a").then().statusCode(404);
        assertEquals(3, endOffset("once-other"));
    }

    @Test
    void the_key_counts_before_the_precondition_and_only_a_success_is_remembered() {
        given().header(KEY, "c")
                .header("If-None-Match", "*")
                .body("1")
                .put("/topics/once-if/keys/a")
                .then()
                .statusCode(201);
        given().header(KEY, "c")
                .header("If-None-Match", "*")
                .body("1")
                .put("/topics/once-if/keys/a")
                .then()
                .statusCode(201);
        given().header(KEY, "d")
                .header("If-None-Match", "*")
                .body("1")
                .put("/topics/once-if/keys/a")
                .then()
                .statusCode(412);
        given().delete("/topics/once-if/keys/a").then().statusCode(200);
        given().header(KEY, "d")
                .header("If-None-Match", "*")
                .body("1")
                .put("/topics/once-if/keys/a")
                .then()
                .statusCode(201);
    }

    @Test
    void a_stream_is_passed_over_as_far_as_it_is_durable() {
        String good = "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":2}\n";
        given().header("Content-Type", "application/x-ndjson")
                .header(KEY, "s")
                .body((good + "oops\n").getBytes(StandardCharsets.US_ASCII))
                .post("/topics/once-stream/records")
                .then()
                .statusCode(400)
                .body("accepted", equalTo(2));
        for (int i = 0; i < 2; i++) {
            given().header("Content-Type", "application/x-ndjson")
                    .header(KEY, "s")
                    .body(
                            (good + "{\"key\":\"c\",\"value\":3}\n")
                                    .getBytes(StandardCharsets.US_ASCII))
                    .post("/topics/once-stream/records")
                    .then()
                    .statusCode(200)
                    .body("count", equalTo(3))
                    .body("partitions[0].lastOffset", equalTo(2));
        }
        assertEquals(3, endOffset("once-stream"));
        given().header("Content-Type", "application/x-ndjson")
                .header(KEY, "s")
                .body("{\"key\":\"z\"}\n".getBytes(StandardCharsets.US_ASCII))
                .post("/topics/once-stream/records")
                .then()
                .statusCode(400);
        given().header("Content-Type", "application/x-ndjson")
                .header(KEY, "s")
                .body((good + "{\"key\":\"c\",\"value\":4}\n").getBytes(StandardCharsets.US_ASCII))
                .post("/topics/once-stream/records")
                .then()
                .statusCode(422);
        assertEquals(3, endOffset("once-stream"));
    }

    @Test
    void a_second_one_waits_until_the_first_is_answered() throws IOException {
        String target = "/topics/once-slow/records";
        try (RawHttp first = new RawHttp()) {
            first.head(
                    "POST " + target,
                    "Content-Type: application/x-ndjson",
                    KEY + ": slow",
                    "Transfer-Encoding: chunked");
            first.chunk("{\"key\":\"a\",\"value\":1}\n");
            org.awaitility.Awaitility.await().until(() -> repeat(target).statusCode() == 409);
            repeat(target).then().statusCode(409).header("Retry-After", "1");
            first.send("0\r\n\r\n");
            assertEquals(200, first.answer().status());
        }
        repeat(target).then().statusCode(200).body("count", equalTo(1));
        assertEquals(1, endOffset("once-slow"));
    }

    /// The slow stream's body, or one that is refused before it is stored.
    private static Response repeat(String target) {
        return given().header("Content-Type", "application/x-ndjson")
                .header(KEY, "slow")
                .body("{\"key\":\"a\",\"value\":1}\n".getBytes(StandardCharsets.US_ASCII))
                .post(target);
    }

    @Test
    void a_repeated_event_is_accepted_and_stored_once() {
        for (int i = 0; i < 3; i++) {
            given().header("ce-specversion", "1.0")
                    .header("ce-id", "1")
                    .header("ce-source", "/test")
                    .header("ce-type", "t")
                    .header("ce-subject", "k")
                    .body("v" + i)
                    .post("/topics/once-events/records")
                    .then()
                    .statusCode(202)
                    .header("Lastword-Offset", "0");
        }
        given().get("/topics/once-events/keys/k")
                .then()
                .body(equalTo("v0"))
                .header("Lastword-Header-lastword-idempotency", nullValue())
                .header("Lastword-Headers-Omitted", nullValue());
        assertEquals(1, endOffset("once-events"));
    }

    @Test
    void a_key_that_is_none_is_refused() {
        put("once-bad", "a", "x".repeat(256), "1")
                .then()
                .statusCode(400)
                .body("field", equalTo(KEY));
        given().header(KEY, "a", "b")
                .body("1")
                .put("/topics/once-bad/keys/a")
                .then()
                .statusCode(400);
    }
}
