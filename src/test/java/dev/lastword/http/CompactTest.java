package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `POST /compact`, where one may run at a time and inputs are small.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(CompactTest.Small.class)
@Timeout(120)
class CompactTest {
    private static final String NDJSON = "application/x-ndjson";
    private static final String CONTENT_TYPE = "Content-Type: application/x-ndjson";
    private static final String IN =
            """
            {"key":"a","value":1}
            {"key":"b","value": {"x" : 1.0} }

            {"key":"a","valueText":"2","timestamp":5}\r
            {"keyBase64":"Yw==","value":3}
            {"key":"d","value":3}
            {"key":"c","value":4,"partition":0,"offset":7}
            {"key":"d","value":null}\
            """;

    /// One at a time, of a megabyte and some ten thousand keys.
    public static class Small implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "lastword.compact.max-concurrent", "1",
                    "lastword.compact.max-bytes", "1M",
                    "lastword.compact.max-keys", "10000");
        }
    }

    private static Response post(byte[] body) {
        return given().header("Content-Type", NDJSON).body(body).post("/compact");
    }

    private static Response post(String body) {
        return post(body.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static Stream<String> lines(String prefix, int count) {
        return Stream.iterate(0, i -> i + 1)
                .limit(count)
                .map(i -> "{\"key\":\"" + prefix + i + "\",\"value\":" + i + "}\n");
    }

    @AfterEach
    void nothing_is_stored_and_no_copy_is_left() throws IOException {
        given().get("/topics").then().body("", equalTo(List.of()));
        Path own = TemporaryData.directory().resolve("lastword");
        try (Stream<Path> files = Files.list(own)) {
            assertFalse(files.anyMatch(p -> p.toString().endsWith(".ndjson")));
        }
    }

    @Test
    void the_last_line_of_each_key_comes_back_as_it_is_and_in_order() throws IOException {
        String out =
                """
                {"key":"b","value": {"x" : 1.0} }
                {"key":"a","valueText":"2","timestamp":5}
                {"key":"c","value":4,"partition":0,"offset":7}
                {"key":"d","value":null}
                """;
        Response plain = post(IN);
        plain.then()
                .statusCode(200)
                .contentType(NDJSON)
                .header("Lastword-Records-In", "7")
                .header("Lastword-Records-Out", "4");
        assertEquals(out, plain.asString());
        Response packed =
                given().header("Content-Type", NDJSON)
                        .header("Content-Encoding", "gzip")
                        .body(gzip(IN))
                        .post("/compact");
        assertEquals(out, packed.asString());
    }

    @Test
    void deletions_go_on_request() {
        Response r =
                given().header("Content-Type", NDJSON)
                        .body(IN.getBytes(StandardCharsets.UTF_8))
                        .post("/compact?dropTombstones=true");
        r.then().statusCode(200).header("Lastword-Records-Out", "3");
        assertEquals(3, r.asString().lines().count());
        assertFalse(r.asString().contains("null"));
    }

    @Test
    void many_lines_are_compacted_to_the_last_ones() {
        StringBuilder in = new StringBuilder();
        lines("k", 8_000).forEach(in::append);
        lines("k", 8_000).map(l -> l.replace("}", " }")).forEach(in::append);
        StringBuilder out = new StringBuilder();
        lines("k", 8_000).map(l -> l.replace("}", " }")).forEach(out::append);
        Response r = post(in.toString());
        r.then().statusCode(200).header("Lastword-Records-In", "16000");
        assertEquals(out.toString(), r.asString());
        assertEquals("", post("").then().statusCode(200).extract().asString());
    }

    @Test
    void a_line_that_is_no_record_is_told_and_nothing_else_answered() {
        post("{\"key\":\"a\",\"value\":1}\n\n{\"key\":\"a\"}\n{\"key\":\"b\",\"value\":1}\n")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("line", equalTo(3))
                .body("field", equalTo("value"))
                .body("detail", startsWith("Line 3: "));
    }

    @Test
    void what_is_no_lines_of_json_is_refused() {
        given().contentType("application/json")
                .body("[]")
                .post("/compact")
                .then()
                .statusCode(415)
                .header("Accept-Post", NDJSON);
        given().header("Content-Type", NDJSON)
                .header("Content-Encoding", "br")
                .body("x".getBytes(StandardCharsets.UTF_8))
                .post("/compact")
                .then()
                .statusCode(415);
        given().header("Content-Type", NDJSON)
                .accept("text/html")
                .body(IN.getBytes(StandardCharsets.UTF_8))
                .post("/compact")
                .then()
                .statusCode(406);
        given().get("/compact").then().statusCode(405).header("Allow", containsString("POST"));
        given().header("Content-Type", NDJSON)
                .post("/compact?dropTombstones=perhaps")
                .then()
                .statusCode(400)
                .body("field", equalTo("dropTombstones"));
    }

    @Test
    void more_than_may_be_is_refused() throws IOException {
        StringBuilder keys = new StringBuilder();
        lines("k", 20_000).forEach(keys::append);
        post(keys.toString())
                .then()
                .statusCode(413)
                .body("type", equalTo("/problems/too-many-keys"))
                .body("detail", containsString("lastword.compact.max-keys"));
        String bytes =
                new java.util.Random(1)
                        .longs(40_000)
                        .mapToObj(n -> "{\"key\":\"a\",\"value\":" + n + "}\n")
                        .collect(java.util.stream.Collectors.joining());
        for (int i = 0; i < 2; i++) {
            given().header("Content-Type", NDJSON)
                    .header("Content-Encoding", i == 0 ? "identity" : "gzip")
                    .body(i == 0 ? bytes.getBytes(StandardCharsets.UTF_8) : gzip(bytes))
                    .post("/compact")
                    .then()
                    .statusCode(413)
                    .body("type", equalTo("/problems/body-too-large"))
                    .body("detail", containsString("lastword.compact.max-bytes"));
        }
    }

    @Test
    void one_too_many_is_told_to_come_again_before_it_sends_anything() throws IOException {
        try (RawHttp first = new RawHttp()) {
            first.head("POST /compact", CONTENT_TYPE, "Transfer-Encoding: chunked");
            first.chunk("{\"key\":\"a\",\"value\":1}\n");
            Awaitility.await().until(() -> post("").statusCode() == 503);
            post("").then().statusCode(503).header("Retry-After", "5");
            first.send("0\r\n\r\n");
            assertEquals("{\"key\":\"a\",\"value\":1}\n", first.answer().body());
        }
        Awaitility.await().until(() -> post("").statusCode() == 200);
    }

    @Test
    void a_sender_that_goes_leaves_nothing_behind() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head("POST /compact", CONTENT_TYPE, "Transfer-Encoding: chunked");
            http.chunk("{\"key\":\"a\",\"value\":1}\n{\"key\"");
        }
        Awaitility.await().until(() -> post("").statusCode() == 200);
    }
}
