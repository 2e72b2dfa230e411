package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.json.RandomRecords;
import dev.lastword.json.RecordJsonWriter;
import dev.lastword.log.ValueFormat;
import dev.lastword.record.LogRecord;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Records in and out over HTTP.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class RecordsTest {
    private static final String NDJSON = "application/x-ndjson";
    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";

    private static int topics;

    private final String topic = "records-" + topics++;

    @Test
    void records_come_out_as_they_went_in() {
        post(
                        NDJSON,
                        """
                        {"key":"a","value":{"n" : 1.0},"timestamp":5}
                        {"key":"ü/😀","valueText":"é\\n","timestamp":6,"headers":{"h":"v"}}
                        {"keyBase64":"/w==","valueBase64":"AP8=","timestamp":7}
                        {"key":"gone","value":null,"timestamp":8}
                        """)
                .statusCode(200)
                .contentType(JSON)
                .body("count", equalTo(4))
                .body("partitions", hasSize(1))
                .body("partitions[0].partition", equalTo(0))
                .body("partitions[0].firstOffset", equalTo(0))
                .body("partitions[0].lastOffset", equalTo(3))
                .body("partitions[0].count", equalTo(4));
        assertEquals(
                """
                {"offset":0,"timestamp":5,"key":"a","value":{"n" : 1.0}}
                {"offset":1,"timestamp":6,"key":"ü/😀","valueText":"é\\n","headers":[{"name":"h","value":"v"}]}
                {"offset":2,"timestamp":7,"keyBase64":"/w==","valueBase64":"AP8="}
                {"offset":3,"timestamp":8,"key":"gone","value":null}
                """,
                page("").header("Lastword-Next-Offset", "4").extract().asString());
        assertEquals(
                """
                {"partition":0,"offset":0,"timestamp":5,"key":"a","value":{"n" : 1.0}}
                {"partition":0,"offset":1,"timestamp":6,"key":"ü/😀","valueText":"é\\n","headers":[{"name":"h","value":"v"}]}
                {"partition":0,"offset":2,"timestamp":7,"keyBase64":"/w==","valueBase64":"AP8="}
                """,
                snapshot("").contentType(NDJSON).extract().asString());
    }

    @Test
    void what_a_snapshot_gives_can_be_posted_back() {
        Random random = new Random(7);
        RecordJsonWriter writer = new RecordJsonWriter(ValueFormat.AUTO);
        for (int i = 0; i < 2000; i++) {
            LogRecord record = RandomRecords.next(random);
            writer.write(record);
            writer.put('\n');
        }
        byte[] records = Arrays.copyOf(writer.buffer(), writer.size());
        request(NDJSON).body(records).post("/topics/" + topic + "/records").then().statusCode(200);
        String first = snapshot("").extract().asString();
        String copy = topic + "-copy";
        request(NDJSON)
                .body(first.getBytes(StandardCharsets.UTF_8))
                .post("/topics/" + copy + "/records")
                .then()
                .statusCode(200);
        String second = given().get("/topics/" + copy + "/snapshot").asString();
        assertEquals(withoutOffsets(first), withoutOffsets(second));
    }

    private static String withoutOffsets(String records) {
        return records.replaceAll("(?m)^\\{\"partition\":0,\"offset\":\\d+", "");
    }

    @Test
    void records_with_a_time_to_live_expire() {
        post(
                        NDJSON,
                        """
                        {"key":"a","value":1,"ttl":1}
                        {"key":"b","value":2,"ttl":3600}
                        {"key":"c","value":3}
                        """)
                .statusCode(200);
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .until(() -> given().get("/topics/" + topic + "/keys/a").statusCode() == 404);
        String left = given().get("/topics/" + topic + "/snapshot").asString();
        assertEquals(2, left.lines().count(), left);
        given().get("/topics/" + topic + "/partitions/0/records?offset=3")
                .then()
                .body(containsString("\"offset\":3"))
                .body(containsString("\"key\":\"a\",\"value\":null"));
        post(NDJSON, "{\"key\":\"a\",\"value\":null,\"ttl\":1}\n")
                .statusCode(400)
                .body("field", equalTo("ttl"));
    }

    @Test
    void a_bad_line_ends_the_stream_behind_all_before_it() {
        post(
                        NDJSON,
                        "{\"key\":\"a\",\"value\":1}\n\n{\"key\":\"b\",\"value\":}\n"
                                + "{\"key\":\"c\",\"value\":3}\n")
                .statusCode(400)
                .contentType(PROBLEM)
                .body("line", equalTo(3))
                .body("accepted", equalTo(1))
                .body("detail", containsString("Line 3: "));
        assertEquals(List.of("a"), keys());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"key\":\"\",\"value\":1} | key",
                "{\"key\":null,\"value\":1} | key",
                "{\"value\":1} | key",
                "{\"key\":\"k\"} | value",
                "{\"key\":\"k\",\"valueText\":1} | valueText",
                "{\"key\":\"k\",\"value\":1,\"timestamp\":\"now\"} | timestamp",
                "{\"key\":\"k\",\"value\":1,\"oops\":1} | oops"
            })
    void a_bad_member_is_named_and_nothing_is_changed(String line, String field) {
        post(NDJSON, line)
                .statusCode(400)
                .contentType(PROBLEM)
                .body("field", equalTo(field))
                .body("line", equalTo(1))
                .body("accepted", equalTo(0));
        given().get("/topics/" + topic).then().statusCode(404);
    }

    @Test
    void json_is_one_record_or_an_array_of_any_length() {
        post(JSON, " {\"key\":\"a\",\n \"value\":[\n1]}\n").statusCode(200);
        StringBuilder array = new StringBuilder("[");
        for (int i = 0; i < 20_000; i++) {
            array.append(i == 0 ? "" : ",\n")
                    .append("{\"key\":\"k")
                    .append(i)
                    .append("\",\"value\":0}");
        }
        post(JSON, array.append("]").toString()).statusCode(200).body("count", equalTo(20_000));
        post("Application/JSON; charset=ISO-8859-1", "[]")
                .statusCode(200)
                .body("count", equalTo(0));
        assertEquals(20_001, keys().size());
        // a line break in the JSON cannot stand in a line: the same bytes go out as text
        assertTrue(page("?limit=1").extract().asString().contains("\"valueText\":\"[\\n1]\""));
    }

    @Test
    void a_bad_element_of_an_array_is_counted() {
        post(JSON, "[{\"key\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":1}, 3]")
                .statusCode(400)
                .body("line", equalTo(3))
                .body("accepted", equalTo(2));
        post(JSON, "[{\"key\":\"c\",\"value\":1}").statusCode(400).body("accepted", equalTo(1));
        assertEquals(List.of("a", "b", "c"), keys());
    }

    @Test
    void gzip_is_unpacked() throws IOException {
        request(NDJSON)
                .header("Content-Encoding", "gzip")
                .body(gzip("{\"key\":\"a\",\"value\":1}\n".repeat(1000)))
                .post(records())
                .then()
                .statusCode(200)
                .body("count", equalTo(1000));
    }

    @Test
    void gzip_that_is_cut_off_is_refused_behind_what_was_whole() throws IOException {
        byte[] packed = gzip("{\"key\":\"a\",\"value\":1}\n");
        request(NDJSON)
                .header("Content-Encoding", "gzip")
                .body(Arrays.copyOf(packed, packed.length - 1))
                .post(records())
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("accepted", equalTo(1));
    }

    @Test
    void a_gzip_bomb_is_refused() throws IOException {
        request(NDJSON)
                .header("Content-Encoding", "gzip")
                .body(gzip(" ".repeat(5 << 20)))
                .post(records())
                .then()
                .statusCode(413)
                .contentType(PROBLEM)
                .body("type", equalTo("/problems/expansion-limit"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-ndjson+x"})
    void other_content_types_are_refused_and_the_taken_ones_named(String type) {
        post(type, "{}")
                .statusCode(415)
                .contentType(PROBLEM)
                .body("detail", containsString(NDJSON))
                .body("detail", containsString(JSON));
    }

    @Test
    void other_encodings_are_refused() {
        request(NDJSON)
                .header("Content-Encoding", "br")
                .body("{}".getBytes(StandardCharsets.UTF_8))
                .post(records())
                .then()
                .statusCode(415)
                .contentType(PROBLEM)
                .body("detail", containsString("gzip"));
    }

    @Test
    void a_record_beyond_the_topics_limit_is_refused_with_its_line() {
        create("{\"name\":\"%s\",\"config\":{\"max.message.bytes\":\"1000\"}}");
        post(
                        NDJSON,
                        "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"valueText\":\""
                                + "x".repeat(1000)
                                + "\"}\n{\"key\":\"c\",\"value\":1}")
                .statusCode(413)
                .contentType(PROBLEM)
                .body("line", equalTo(2))
                .body("accepted", equalTo(1))
                .body("detail", containsString("max.message.bytes"));
        assertEquals(List.of("a"), keys());
    }

    @Test
    void a_line_that_does_not_end_is_refused_while_it_comes() throws IOException {
        create("{\"name\":\"%s\",\"config\":{\"max.message.bytes\":\"1000\"}}");
        try (RawHttp http = new RawHttp()) {
            http.head("POST " + records(), "Content-Type: " + NDJSON, "Transfer-Encoding: chunked");
            http.chunk("{\"key\":\"a\",\"value\":1}\n{\"key\":\"");
            for (int i = 0; i < 40; i++) {
                http.chunk("x".repeat(8192));
            }
            RawHttp.Answer answer = http.answer();
            assertEquals(413, answer.status());
            assertTrue(answer.body().contains("\"line\":2,\"accepted\":1"), answer.body());
        }
        assertEquals(List.of("a"), keys());
    }

    @Test
    void a_topic_whose_name_is_against_the_rules_is_not_made() {
        request(NDJSON)
                .urlEncodingEnabled(false)
                .body("{\"key\":\"a\",\"value\":1}".getBytes(StandardCharsets.UTF_8))
                .post("/topics/a%20b/records")
                .then()
                .statusCode(400)
                .contentType(PROBLEM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n \n"})
    void a_body_without_records_stores_none(String body) {
        post(NDJSON, body).statusCode(200).body("count", equalTo(0));
    }

    @Test
    void a_body_that_stops_in_the_middle_leaves_its_whole_lines_alone() throws IOException {
        for (String framing : List.of("Content-Length: 1000", "Transfer-Encoding: chunked")) {
            try (RawHttp http = new RawHttp()) {
                http.head("POST " + records(), "Content-Type: " + NDJSON, framing);
                String lines = "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":12";
                http.send(framing.startsWith("C") ? lines : "100\r\n" + lines);
            }
        }
        Awaitility.await().until(() -> keys().equals(List.of("a")));
    }

    @Test
    void a_body_that_ends_in_the_middle_of_its_last_line_is_refused() throws IOException {
        String body = "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":12";
        post(NDJSON, body).statusCode(400).body("line", equalTo(2)).body("accepted", equalTo(1));
    }

    @Test
    void a_connection_goes_on_after_a_body_that_was_not_read_to_its_end() throws IOException {
        try (RawHttp http = new RawHttp()) {
            for (int i = 0; i < 3; i++) {
                String body = "bad\n" + "{\"key\":\"a\",\"value\":1}\n".repeat(10_000);
                http.head(
                                "POST " + records(),
                                "Content-Type: " + NDJSON,
                                "Content-Length: " + body.length())
                        .send(body);
                assertEquals(400, http.answer().status());
            }
            http.head("GET /topics");
            assertEquals(200, http.answer().status());
        }
    }

    @Test
    void a_sender_that_goes_on_for_ever_after_its_refusal_is_cut_off() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head(
                    "POST " + records(), "Content-Type: text/plain", "Transfer-Encoding: chunked");
            String chunk = "x".repeat(1 << 20);
            assertThrows(
                    IOException.class,
                    () -> {
                        for (int i = 0; i < 200; i++) {
                            http.chunk(chunk);
                        }
                    });
        }
    }

    @Test
    void a_body_is_asked_for_only_when_it_will_be_read() throws IOException {
        try (RawHttp http = new RawHttp()) {
            http.head(
                    "POST " + records(),
                    "Content-Type: " + NDJSON,
                    "Content-Length: 21",
                    "Expect: 100-continue");
            assertEquals(100, http.answer().status());
            http.send("{\"key\":\"a\",\"value\":1}");
            assertEquals(200, http.answer().status());
        }
        try (RawHttp http = new RawHttp()) {
            http.head(
                    "POST " + records(),
                    "Content-Type: text/plain",
                    "Content-Length: 21",
                    "Expect: 100-continue");
            assertEquals(415, http.answer().status());
            assertEquals(-1, http.in().read(), "the connection ends, the body never comes");
        }
    }

    @Test
    void a_body_beyond_the_framework_s_bound_is_taken() {
        String line = "{\"key\":\"k\",\"valueText\":\"" + "x".repeat(100_000) + "\"}\n";
        post(NDJSON, line.repeat(200)).statusCode(200).body("count", equalTo(200));
    }

    @Test
    void a_partition_is_read_page_by_page_to_its_end() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            lines.append("{\"key\":\"k").append(i).append("\",\"value\":").append(i).append("}\n");
        }
        post(NDJSON, lines.toString()).statusCode(200);
        page("").header("Lastword-Next-Offset", "500");
        List<String> values = new ArrayList<>();
        String next = "0";
        while (true) {
            Response response = page("?limit=300&offset=" + next).extract().response();
            if (response.asString().isEmpty()) {
                break;
            }
            for (String line : response.asString().split("\n", -1)) {
                if (!line.isEmpty()) {
                    values.add(line.replaceAll(".*\"value\":(\\d+).*", "$1"));
                }
            }
            next = response.header("Lastword-Next-Offset");
        }
        assertEquals("1000", next);
        assertEquals(1000, values.size());
        assertEquals("999", values.getLast());
        page("?maxBytes=1&offset=7").header("Lastword-Next-Offset", "8");
    }

    @Test
    void a_page_is_an_array_where_the_client_would_rather_have_one() {
        post(NDJSON, "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":2}").statusCode(200);
        String path = "/topics/" + topic + "/partitions/0/records";
        given().accept("application/json, application/x-ndjson;q=0.5")
                .get(path)
                .then()
                .statusCode(200)
                .contentType(JSON)
                .body("value", equalTo(List.of(1, 2)));
        given().accept(JSON).get(path + "?offset=2").then().statusCode(200).body("", hasSize(0));
        given().accept("*/*").get(path).then().statusCode(200).contentType(NDJSON);
        given().accept("text/html").get(path).then().statusCode(406).contentType(PROBLEM);
        given().accept(JSON).get("/topics/" + topic + "/snapshot").then().statusCode(406);
    }

    /// As libraries send it by themselves.
    @ParameterizedTest
    @CsvSource({
        "'application/json, text/plain, */*', application/json",
        "'application/json, application/x-ndjson, application/problem+json', application/json",
        "'application/x-ndjson, application/json', application/x-ndjson",
        "'application/*, application/x-ndjson', application/x-ndjson",
        "'text/html, application/xhtml+xml, */*;q=0.8', application/x-ndjson"
    })
    void among_equals_what_is_named_more_exactly_or_first_is_served(String accept, String type) {
        post(NDJSON, "{\"key\":\"a\",\"value\":1}").statusCode(200);
        given().header("Accept", accept)
                .get("/topics/" + topic + "/partitions/0/records")
                .then()
                .statusCode(200)
                .contentType(type);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 406", "0., 406", "0.000, 406", "1, 200", "1.000, 200", "0.001, 200", ".2, 200",
        "NaN, 400", "Infinity, 400", "1.001, 400", "2, 400", "-0.5, 400", "1e-1, 400",
                "0x1p-1, 400",
        "0.5f, 400", "high, 400"
    })
    void a_weight_is_a_number_from_0_to_1(String weight, int status) {
        post(NDJSON, "{\"key\":\"a\",\"value\":1}").statusCode(200);
        given().header("Accept", "application/x-ndjson;q=" + weight)
                .get("/topics/" + topic + "/partitions/0/records")
                .then()
                .statusCode(status);
    }

    @ParameterizedTest
    @CsvSource({
        "offset=x, 400, offset",
        "offset=-1, 400, offset",
        "offset=99999999999999999999, 400, offset",
        "limit=0, 400, limit",
        "limit=10001, 400, limit",
        "maxBytes=0, 400, maxBytes",
        "maxBytes=16777217, 400, maxBytes",
    })
    void a_bad_parameter_is_named_with_its_range(String query, int status, String field) {
        post(NDJSON, "{\"key\":\"a\",\"value\":1}").statusCode(200);
        given().get("/topics/" + topic + "/partitions/0/records?" + query)
                .then()
                .statusCode(status)
                .contentType(PROBLEM)
                .body("field", equalTo(field))
                .body("detail", containsString(" to "));
    }

    @Test
    void what_is_not_there_is_told() {
        post(NDJSON, "{\"key\":\"a\",\"value\":1}").statusCode(200);
        String path = "/topics/" + topic + "/partitions/";
        given().get(path + "1/records").then().statusCode(404).contentType(PROBLEM);
        given().get(path + "x/records").then().statusCode(404).contentType(PROBLEM);
        given().get(path + "99999999999/records").then().statusCode(404).contentType(PROBLEM);
        given().get("/topics/none/partitions/0/records")
                .then()
                .statusCode(404)
                .contentType(PROBLEM);
        given().get("/topics/none/snapshot").then().statusCode(404).contentType(PROBLEM);
        given().get(path + "0/records?offset=2")
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("startOffset", equalTo(0))
                .body("endOffset", equalTo(1));
        page("?offset=1").header("Lastword-Next-Offset", "1");
    }

    @Test
    void below_the_start_of_the_log_is_gone() {
        create(
                "{\"name\":\"%s\",\"config\":{\"cleanup.policy\":\"delete\",\"segment.bytes\":\"2000\","
                        + "\"retention.bytes\":\"2000\"}}");
        for (int i = 0; i < 20; i++) {
            post(NDJSON, "{\"key\":\"k\",\"valueText\":\"" + "x".repeat(900) + "\"}")
                    .statusCode(200);
        }
        String fromZero = "/topics/" + topic + "/partitions/0/records?offset=0";
        Awaitility.await().until(() -> given().get(fromZero).statusCode() != 200);
        given().get(fromZero)
                .then()
                .statusCode(410)
                .contentType(PROBLEM)
                .body("endOffset", equalTo(20));
        // without an offset it begins where the log does
        page("");
    }

    @Test
    void a_snapshot_can_be_narrowed_to_a_prefix() {
        post(
                        NDJSON,
                        """
                        {"key":"a/1","value":1}
                        {"key":"a/2","value":2}
                        {"key":"ab","value":3}
                        {"key":"é1","value":4}
                        {"key":"a/2","value":null}
                        """)
                .statusCode(200);
        assertEquals(3, snapshot("").extract().asString().lines().count());
        assertTrue(snapshot("?prefix=a%2F").extract().asString().contains("\"key\":\"a/1\""));
        assertEquals(1, snapshot("?prefix=a/").extract().asString().lines().count());
        assertEquals(1, snapshot("?prefix=%C3%A9").extract().asString().lines().count());
        assertEquals("", snapshot("?prefix=zz").extract().asString());
        given().urlEncodingEnabled(false)
                .get("/topics/" + topic + "/snapshot?prefix=%C3")
                .then()
                .statusCode(400)
                .body("field", equalTo("prefix"));
    }

    @Test
    void a_snapshot_says_where_to_read_on() {
        create("{\"name\":\"%s\",\"partitions\":3}");
        post(NDJSON, "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":1}").statusCode(200);
        String offsets = snapshot("").extract().header("Lastword-Offsets");
        assertTrue(offsets.matches("[0-9a-f]+;0:\\d,1:\\d,2:\\d"), offsets);
    }

    @Test
    void a_snapshot_that_fails_after_its_head_never_looks_whole() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            lines.append("{\"key\":\"k")
                    .append(i)
                    .append("\",\"valueText\":\"")
                    .append("x".repeat(100))
                    .append("\"}\n");
        }
        post(NDJSON, lines.toString()).statusCode(200);
        damage(TemporaryData.directory().resolve("logs").resolve(topic + "-0"));
        try (RawHttp http = new RawHttp()) {
            http.head("GET /topics/" + topic + "/snapshot");
            IOException e = assertThrows(IOException.class, http::answer);
            assertFalse(e instanceof SocketTimeoutException, e.toString());
        }
        try (RawHttp http = new RawHttp()) {
            // where the end of the connection is the end of the answer, it must not look like one
            http.send("GET /topics/" + topic + "/snapshot HTTP/1.0\r\n\r\n");
            IOException e = assertThrows(IOException.class, http.in()::readAllBytes);
            assertFalse(e instanceof SocketTimeoutException, e.toString());
        }
        try (HttpClient http2 =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            URI uri = URI.create("http://localhost:" + RestAssured.port);
            HttpRequest list = HttpRequest.newBuilder(uri.resolve("/topics")).build();
            var spoken = http2.send(list, BodyHandlers.discarding());
            assertEquals(HttpClient.Version.HTTP_2, spoken.version());
            URI snapshot = uri.resolve("/topics/" + topic + "/snapshot");
            HttpRequest request = HttpRequest.newBuilder(snapshot).build();
            assertThrows(IOException.class, () -> http2.send(request, BodyHandlers.discarding()));
            assertEquals(200, http2.send(list, BodyHandlers.discarding()).statusCode());
        }
        given().get("/topics").then().statusCode(200);
    }

    /// Flips bits in the middle of the log: many, for a batch's CRC does not cover all of its head,
    /// and in the middle, for there may be nothing but zeros at the end.
    private static void damage(Path directory) throws IOException {
        Path log;
        try (Stream<Path> files = Files.list(directory)) {
            log = files.filter(f -> f.toString().endsWith(".log")).findFirst().orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            byte[] bytes = new byte[100];
            long middle = file.length() / 2;
            file.seek(middle);
            file.readFully(bytes);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= 1;
            }
            file.seek(middle);
            file.write(bytes);
        }
    }

    private String records() {
        return "/topics/" + topic + "/records";
    }

    private ValidatableResponse post(String type, String body) {
        return request(type).body(body.getBytes(StandardCharsets.UTF_8)).post(records()).then();
    }

    private static RequestSpecification request(String type) {
        return given().config(
                        RestAssured.config()
                                .encoderConfig(
                                        EncoderConfig.encoderConfig()
                                                .appendDefaultContentCharsetToContentTypeIfUndefined(
                                                        false)))
                .header("Content-Type", type);
    }

    private void create(String topicJson) {
        given().contentType(JSON)
                .body(topicJson.formatted(topic))
                .post("/topics")
                .then()
                .statusCode(201);
    }

    private ValidatableResponse page(String query) {
        return given().get("/topics/" + topic + "/partitions/0/records" + query)
                .then()
                .statusCode(200)
                .contentType(startsWith(NDJSON));
    }

    private ValidatableResponse snapshot(String query) {
        return given().urlEncodingEnabled(false)
                .get("/topics/" + topic + "/snapshot" + query)
                .then()
                .statusCode(200);
    }

    private List<String> keys() {
        Response response = given().get("/topics/" + topic + "/snapshot");
        return response.statusCode() == 404
                ? List.of()
                : response.asString()
                        .lines()
                        .map(line -> line.replaceAll(".*\"key\":\"([^\"]*)\".*", "$1"))
                        .toList();
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
