package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One key over HTTP: written, read and deleted.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class KeysTest {
    private static final String PROBLEM = "application/problem+json";
    private static final int VALUE_BYTES_MAX = 1_048_588;

    /// RestAssured as a client that sends what it is told.
    private static RequestSpecification http() {
        return given().config(
                        RestAssuredConfig.config()
                                .encoderConfig(
                                        EncoderConfig.encoderConfig()
                                                .appendDefaultContentCharsetToContentTypeIfUndefined(
                                                        false)))
                .urlEncodingEnabled(false);
    }

    private static Response put(String key, String value) {
        return http().contentType("text/plain").body(value).put(path(key));
    }

    private static String path(String key) {
        return "/topics/keys-test/keys/" + key;
    }

    @Test
    void a_new_key_is_created_and_an_old_one_replaced() {
        put("new", "1")
                .then()
                .statusCode(201)
                .contentType("application/json")
                .header("ETag", matchesPattern("\"[^-\"]+-0-\\d+\""))
                .body("topic", equalTo("keys-test"))
                .body("partition", equalTo(0))
                .body("superseded", equalTo(false));
        put("new", "2").then().statusCode(200);
        http().get(path("new")).then().statusCode(200).body(equalTo("2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "lz4", "zstd"})
    void a_value_comes_back_whatever_it_is_packed_with(String codec) {
        String topic = "packed-" + codec;
        http().contentType("application/json")
                .body(
                        """
                        {"name": "%s", "config": {"compression.type": "%s"}}
                        """
                                .formatted(topic, codec))
                .post("/topics")
                .then()
                .statusCode(201);
        String value = "all work and no play ".repeat(100);
        http().body(value).put("/topics/" + topic + "/keys/k").then().statusCode(201);
        http().get("/topics/" + topic + "/keys/k").then().statusCode(200).body(equalTo(value));
    }

    @Test
    void a_value_comes_back_with_what_belongs_to_it() {
        String tag =
                http().contentType("text/x-own; charset=utf-8")
                        .header("Lastword-Timestamp", "1700000000123")
                        .header("Lastword-Header-Trace-Id", "abc")
                        .body("héllo".getBytes(StandardCharsets.UTF_8))
                        .put(path("whole"))
                        .then()
                        .statusCode(201)
                        .body("timestamp", equalTo(1700000000123L))
                        .extract()
                        .header("ETag");
        http().get(path("whole"))
                .then()
                .statusCode(200)
                .contentType(equalTo("text/x-own; charset=utf-8"))
                .header("ETag", tag)
                .header("Lastword-Partition", "0")
                .header("Lastword-Offset", matchesPattern("\\d+"))
                .header("Lastword-Timestamp", "1700000000123")
                .header("Lastword-Header-trace-id", "abc")
                .header("Lastword-Headers-Omitted", nullValue())
                .header("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT")
                .header("Cache-Control", "no-cache")
                .header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", "sandbox")
                .body(equalTo("héllo"));
    }

    @Test
    void head_answers_as_get_without_the_value() {
        put("head", "12345");
        http().head(path("head"))
                .then()
                .statusCode(200)
                .header("Content-Length", "5")
                .contentType("text/plain")
                .body(emptyString());
        http().head(path("no-such")).then().statusCode(404);
        http().head("/topics/keys-test/keys?key=head").then().statusCode(200);
    }

    @Test
    void a_value_without_a_type_is_bytes_and_may_be_empty() throws IOException {
        try (RawHttp raw = new RawHttp()) {
            raw.head("PUT " + path("empty"), "Content-Length: 0");
            assertEquals(201, raw.answer().status());
            raw.head("GET " + path("empty"));
            RawHttp.Answer answer = raw.answer();
            assertEquals(200, answer.status());
            assertEquals("application/octet-stream", answer.headers().get("content-type"));
            assertEquals("", answer.body());
        }
    }

    @Test
    void any_bytes_may_be_a_value() {
        byte[] value = {0, -1, 13, 10, -128, 127};
        http().contentType("image/png").body(value).put(path("bytes")).then().statusCode(201);
        assertArrayEquals(value, http().get(path("bytes")).asByteArray());
    }

    @Test
    void a_deleted_key_is_gone_and_deleting_again_appends_nothing() {
        put("doomed", "x");
        http().delete(path("doomed"))
                .then()
                .statusCode(200)
                .header("ETag", nullValue())
                .body("topic", equalTo("keys-test"));
        long end = endOffset();
        http().get(path("doomed")).then().statusCode(404).contentType(PROBLEM);
        http().delete(path("doomed")).then().statusCode(404).contentType(PROBLEM);
        http().delete(path("never-was")).then().statusCode(404).contentType(PROBLEM);
        assertEquals(end, endOffset());
        put("doomed", "again").then().statusCode(201);
    }

    private static long endOffset() {
        return http().get("/topics/keys-test").jsonPath().getLong("partitions[0].endOffset");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "a/b/c",
                "a//b",
                "/",
                "//x/",
                "a/./b",
                "a/../b",
                "..",
                ".",
                "../../keys-test",
                "x;y=z",
                "%00%FF%fe",
                "per%25cent",
                "a+b",
                "with%20space",
                "%C3%BCn%C3%AF"
            })
    void a_key_in_the_path_may_be_anything_and_has_a_twin_in_the_query(String key)
            throws IOException {
        String value = "value of " + key;
        try (RawHttp raw = new RawHttp()) {
            raw.head("PUT " + path(key), "Content-Length: " + value.length()).send(value);
            assertEquals(201, raw.answer().status());
            raw.head("GET " + path(key));
            assertEquals(value, raw.answer().body());
            raw.head("GET /topics/keys-test/keys?key=" + key.replace("+", "%2B"));
            assertEquals(value, raw.answer().body());
            raw.head("DELETE " + path(key));
            assertEquals(200, raw.answer().status());
        }
    }

    @Test
    void an_encoded_slash_and_a_plain_one_are_the_same_key() {
        put("sl%2Fash", "1").then().statusCode(201);
        put("sl/ash", "2").then().statusCode(200);
    }

    @Test
    void a_write_names_its_key() {
        given().body("1").put("/topics/keys-test/keys").then().statusCode(400);
        given().delete("/topics/keys-test/keys").then().statusCode(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/keys/",
                "/keys?key=",
                "/keys?keyBase64=!",
                "/keys/%zz",
                "/keys/a%4",
                "/keys?key=%",
                "/keys?key=a&key=b"
            })
    void a_bad_key_is_400(String target) throws IOException {
        for (String method : List.of("GET ", "DELETE ", "PUT ")) {
            try (RawHttp raw = new RawHttp()) {
                raw.head(method + "/topics/keys-test" + target, "Content-Length: 0");
                RawHttp.Answer answer = raw.answer();
                assertEquals(400, answer.status(), method);
                assertEquals(PROBLEM, answer.headers().get("content-type"));
            }
        }
    }

    @Test
    void a_key_in_the_query_may_be_base64() {
        http().contentType("text/plain")
                .body("b")
                .put("/topics/keys-test/keys?keyBase64=_-4")
                .then()
                .statusCode(201);
        http().get(path("%ff%ee")).then().statusCode(200).body(equalTo("b"));
    }

    @Test
    void a_key_has_a_bound() {
        put("k".repeat(KeyParam.BYTES_MAX), "x").then().statusCode(201);
        put("k".repeat(KeyParam.BYTES_MAX + 1), "x")
                .then()
                .statusCode(413)
                .contentType(PROBLEM)
                .body("max", equalTo(KeyParam.BYTES_MAX));
    }

    @Test
    void a_value_beyond_max_message_bytes_is_413_whether_its_length_is_told_or_not()
            throws IOException {
        http().contentType("text/plain")
                .body("x".repeat(VALUE_BYTES_MAX + 1))
                .put(path("large"))
                .then()
                .statusCode(413)
                .contentType(PROBLEM)
                .body("max", equalTo(VALUE_BYTES_MAX));
        http().contentType("text/plain")
                .body("x".repeat(VALUE_BYTES_MAX)) // with its key and framing, the record is larger
                .put(path("large"))
                .then()
                .statusCode(413)
                .body("type", equalTo("/problems/record-too-large"));
        try (RawHttp raw = new RawHttp()) {
            raw.head("PUT " + path("large"), "Transfer-Encoding: chunked");
            String chunk = "x".repeat(100_000);
            for (int i = 0; i < 11; i++) {
                raw.chunk(chunk);
            }
            raw.send("0\r\n\r\n");
            assertEquals(413, raw.answer().status());
            raw.head("GET " + path("large")); // the connection is still good
            assertEquals(404, raw.answer().status());
        }
    }

    @Test
    void a_refused_body_of_known_length_is_not_asked_for() throws IOException {
        try (RawHttp raw = new RawHttp()) {
            raw.head("PUT " + path("large"), "Content-Length: 3000000000", "Expect: 100-continue");
            assertEquals(413, raw.answer().status());
        }
    }

    @Test
    void if_match_lets_only_the_current_version_be_replaced() {
        String first = put("cas", "1").header("ETag");
        String second =
                http().header("If-Match", first)
                        .body("2")
                        .put(path("cas"))
                        .then()
                        .statusCode(200)
                        .header("ETag", not(equalTo(first)))
                        .extract()
                        .header("ETag");
        http().header("If-Match", first)
                .body("3")
                .put(path("cas"))
                .then()
                .statusCode(412)
                .contentType(PROBLEM)
                .body("etag", equalTo(second));
        http().header("If-Match", "\"x\", W/" + second.replaceFirst("\"$", "-gzip\""))
                .body("4")
                .put(path("cas"))
                .then()
                .statusCode(200);
        http().header("If-Match", "*").body("5").put(path("cas")).then().statusCode(200);
        http().get(path("cas")).then().body(equalTo("5"));
    }

    @Test
    void if_match_fails_where_there_is_no_value() {
        http().header("If-Match", "*").body("1").put(path("cas-absent")).then().statusCode(412);
        String tag = put("cas-gone", "1").header("ETag");
        http().delete(path("cas-gone"));
        http().header("If-Match", tag).body("2").put(path("cas-gone")).then().statusCode(412);
        http().header("If-Match", tag).delete(path("cas-gone")).then().statusCode(412);
    }

    @Test
    void if_none_match_star_lets_only_an_absent_key_be_written() {
        http().header("If-None-Match", "*").body("1").put(path("once")).then().statusCode(201);
        http().header("If-None-Match", "*").body("2").put(path("once")).then().statusCode(412);
        http().delete(path("once")).then().statusCode(200);
        http().header("If-None-Match", "*").body("3").put(path("once")).then().statusCode(201);
    }

    @Test
    void of_many_who_create_a_key_at_once_one_wins() throws Exception {
        List<Callable<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            writers.add(() ->
                    http().header("If-None-Match", "*").body("x").put(path("race")).statusCode());
        }
        int created = 0;
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> status : pool.invokeAll(writers)) {
                created += status.get() == 201 ? 1 : 0;
            }
        }
        assertEquals(1, created);
    }

    @Test
    void delete_honours_if_match() {
        String tag = put("cond-delete", "1").header("ETag");
        http().header("If-Match", "\"other\"")
                .delete(path("cond-delete"))
                .then()
                .statusCode(412)
                .body("etag", equalTo(tag));
        http().header("If-Match", tag).delete(path("cond-delete")).then().statusCode(200);
    }

    @Test
    void a_reader_who_has_the_version_is_spared_the_value() {
        String tag = put("cached", "1").header("ETag");
        http().header("If-None-Match", tag)
                .get(path("cached"))
                .then()
                .statusCode(304)
                .header("ETag", tag)
                .body(emptyString());
        http().header("If-None-Match", "\"other\"").get(path("cached")).then().statusCode(200);
        http().header("If-Match", tag).get(path("cached")).then().statusCode(200);
        http().header("If-Match", "\"other\"").get(path("cached")).then().statusCode(412);
    }

    @ParameterizedTest
    @CsvSource({
        "If-Match, unquoted",
        "If-None-Match, \"tag\"",
        "Lastword-Timestamp, -1",
        "Lastword-Timestamp, noon",
        "Lastword-Header-Content-Type, x",
    })
    void a_header_that_makes_no_sense_is_400_and_writes_nothing(String name, String value) {
        http().header(name, value)
                .body("x")
                .put(path("bad-header"))
                .then()
                .statusCode(400)
                .contentType(PROBLEM);
        http().get(path("bad-header")).then().statusCode(404);
    }

    @Test
    void a_key_expires_after_its_time_to_live() {
        http().header("Lastword-TTL", "1").body("1").put(path("ttl-a")).then().statusCode(201);
        http().header("Lastword-TTL", "3600").body("1").put(path("ttl-b")).then().statusCode(201);
        String deadline =
                http().get(path("ttl-b"))
                        .then()
                        .extract()
                        .header("Lastword-Header-lastword-expires");
        assertTrue(Long.parseLong(deadline) > System.currentTimeMillis());
        await().atMost(Duration.ofSeconds(60))
                .until(() -> http().get(path("ttl-a")).statusCode() == 404);
        http().get(path("ttl-b")).then().statusCode(200);
        http().body("2").put(path("ttl-a")).then().statusCode(201);
        http().get("/q/metrics")
                .then()
                .body(containsString("lastword_keys_expired_total{topic=\"keys-test\"} 1.0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5", "x", "3153600001", "99999999999999999999"})
    void a_time_to_live_that_is_none_is_refused(String ttl) {
        http().header("Lastword-TTL", ttl)
                .body("1")
                .put(path("ttl-none"))
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("field", equalTo("Lastword-TTL"))
                .body("detail", containsString("3153600000"));
        http().get(path("ttl-none")).then().statusCode(404);
    }

    @Test
    void a_deletion_has_no_time_to_live() {
        http().body("1").put(path("ttl-d")).then().statusCode(201);
        http().header("Lastword-TTL", "5")
                .delete(path("ttl-d"))
                .then()
                .statusCode(400)
                .body("field", equalTo("Lastword-TTL"));
        http().get(path("ttl-d")).then().statusCode(200);
    }

    @Test
    void the_same_request_with_another_time_to_live_is_another() {
        for (String ttl : List.of("3600", "3600", "7200")) {
            http().header("Lastword-TTL", ttl)
                    .header("Idempotency-Key", "\"ttl\"")
                    .body("1")
                    .put(path("ttl-once"))
                    .then()
                    .statusCode(ttl.equals("3600") ? 201 : 422);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"flushed", "written"})
    void a_request_says_when_it_is_answered(String acks) {
        http().header("Lastword-Acks", acks).body("1").put(path(acks)).then().statusCode(201);
        http().get(path(acks)).then().statusCode(200);
        http().header("Lastword-Acks", acks).delete(path(acks)).then().statusCode(200);
        http().header("Lastword-Acks", acks)
                .contentType("application/x-ndjson")
                .body(("{\"key\":\"" + acks + "\",\"value\":1}").getBytes(StandardCharsets.UTF_8))
                .post("/topics/keys-test/records")
                .then()
                .statusCode(200);
        http().get(path(acks)).then().statusCode(200);
    }

    @Test
    void acknowledgements_that_are_none_are_refused() {
        for (String acks : List.of("", "all", "1", "FLUSHED")) {
            http().header("Lastword-Acks", acks)
                    .body("1")
                    .put(path("acks"))
                    .then()
                    .statusCode(400)
                    .contentType(PROBLEM)
                    .body("field", equalTo("Lastword-Acks"));
            http().header("Lastword-Acks", acks)
                    .contentType("application/x-ndjson")
                    .body("{\"key\":\"acks\",\"value\":1}".getBytes(StandardCharsets.UTF_8))
                    .post("/topics/keys-test/records")
                    .then()
                    .statusCode(400)
                    .body("field", equalTo("Lastword-Acks"));
        }
        http().get(path("acks")).then().statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-Unmodified-Since", "Content-Range"})
    void what_is_not_supported_is_said_and_not_ignored(String name) {
        http().header(name, "1")
                .body("x")
                .put(path("unsupported"))
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("field", equalTo(name));
        http().get(path("unsupported")).then().statusCode(404);
    }

    @Test
    void an_encoded_body_is_refused() {
        http().header("Content-Encoding", "gzip")
                .body("x")
                .put(path("packed"))
                .then()
                .statusCode(415)
                .header("Accept-Encoding", "identity");
    }

    @Test
    void headers_that_http_cannot_carry_are_counted() {
        given().contentType("application/json")
                .body(
                        "{\"key\":\"odd\",\"valueText\":\"x\",\"headers\":"
                                + "{\"bad name\":\"1\",\"good\":\"2\"}}")
                .post("/topics/keys-test/records");
        http().get(path("odd"))
                .then()
                .statusCode(200)
                .header("Lastword-Header-good", "2")
                .header("Lastword-Headers-Omitted", "1");
    }

    @Test
    void a_topic_is_made_by_the_first_write_under_a_good_name_alone() throws IOException {
        http().body("x").put("/topics/made.by-write_1/keys/a").then().statusCode(201);
        http().get("/topics/made.by-write_1").then().body("partitions.size()", equalTo(1));
        for (String name : List.of("a%2Fb", "%2e%2e%2fetc", "a%00b", "a b".replace(" ", "%20"))) {
            try (RawHttp raw = new RawHttp()) {
                raw.head("PUT /topics/" + name + "/keys/a", "Content-Length: 1").send("x");
                RawHttp.Answer answer = raw.answer();
                assertEquals(400, answer.status(), name);
                assertEquals(PROBLEM, answer.headers().get("content-type"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "If-Match, *, 412",
        "If-Match, \"x\", 412",
        "If-Match, x, 400",
        "If-None-Match, x, 400",
    })
    void a_write_that_fails_makes_no_topic(String header, String value, int status) {
        http().header(header, value.strip())
                .body("x")
                .put("/topics/not-made/keys/a")
                .then()
                .statusCode(status)
                .contentType(PROBLEM);
        http().get("/topics/not-made").then().statusCode(404);
    }

    @Test
    void a_record_that_is_too_large_for_it_makes_no_topic() {
        http().body("x".repeat(VALUE_BYTES_MAX))
                .put("/topics/not-made/keys/a")
                .then()
                .statusCode(413)
                .body("max", equalTo(VALUE_BYTES_MAX));
        http().get("/topics/not-made").then().statusCode(404);
    }

    @Test
    void a_name_that_no_topic_can_have_is_told_of_first() {
        http().header("If-Match", "*")
                .body("x")
                .put("/topics/a%20b/keys/a")
                .then()
                .statusCode(400)
                .body("type", equalTo("/problems/invalid-topic-name"));
    }

    @Test
    void reading_makes_no_topic() {
        http().get("/topics/not-made/keys/a")
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/unknown-topic"))
                .body("detail", containsString("POST /topics"));
        http().delete("/topics/not-made/keys/a").then().statusCode(404);
        http().get("/topics/not-made").then().statusCode(404);
    }
}
