package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// CloudEvents in their three modes, as a broker sends them, and back.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(CloudEventsTest.Deletions.class)
class CloudEventsTest {
    private static final String RECORDS = "/topics/events/records";
    private static final String STRUCTURED = "application/cloudevents+json";
    private static final String BATCHED = "application/cloudevents-batch+json";

    /// Some types of events delete.
    public static class Deletions implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("lastword.cloudevents.tombstone-types", "gone, com.example.removed");
        }
    }

    /// Events of one source and id are the same event.
    private static String newId() {
        return java.util.UUID.randomUUID().toString();
    }

    private static RequestSpecification binary(String key, String type) {
        return given().header("ce-specversion", "1.0")
                .header("ce-id", newId())
                .header("ce-source", "/test")
                .header("ce-type", type)
                .header("ce-partitionkey", key);
    }

    private static CloudEvent get(String key) {
        byte[] json =
                given().accept(STRUCTURED)
                        .get("/topics/events/keys/" + key)
                        .then()
                        .statusCode(200)
                        .contentType(STRUCTURED)
                        .header("ETag", containsString("-ce\""))
                        .header("Vary", "Accept, Accept-Encoding")
                        .extract()
                        .asByteArray();
        return new JsonFormat().deserialize(json);
    }

    @Test
    void an_event_in_binary_mode_is_taken_with_its_attributes() {
        binary("binary", "made")
                .header("ce-time", "2026-01-02T03:04:05Z")
                .header("ce-subject", "Euro %E2%82%AC %F0%9F%98%80")
                .header("ce-traceparent", "\"quoted\"")
                .contentType("text/plain")
                .body("hello")
                .post(RECORDS)
                .then()
                .statusCode(202)
                .body(emptyString())
                .header("Content-Length", "0")
                .header("Lastword-Partition", "0")
                .header("Lastword-Offset", notNullValue());
        given().get("/topics/events/keys/binary")
                .then()
                .statusCode(200)
                .body(equalTo("hello"))
                .contentType(containsString("text/plain"))
                .header("Lastword-Timestamp", "1767323045000")
                .header("Lastword-Header-ce_type", "made")
                .header("Lastword-Header-ce_specversion", "1.0")
                .header("Lastword-Header-ce_time", "2026-01-02T03:04:05Z")
                .header("Lastword-Header-ce_traceparent", "quoted");
        CloudEvent event = get("binary");
        assertEquals("Euro € 😀", event.getSubject());
        assertEquals(URI.create("/test"), event.getSource());
        assertEquals(OffsetDateTime.parse("2026-01-02T03:04:05Z"), event.getTime());
        assertEquals("binary", event.getExtension("partitionkey"));
        assertArrayEquals(
                "hello".getBytes(StandardCharsets.US_ASCII),
                Objects.requireNonNull(event.getData()).toBytes());
    }

    @Test
    void an_event_in_structured_mode_comes_back_the_same() {
        CloudEvent sent =
                CloudEventBuilder.v1()
                        .withId("x-1")
                        .withSource(URI.create("https://example.com/a"))
                        .withType("made")
                        .withSubject("structured")
                        .withDataSchema(URI.create("https://example.com/schema"))
                        .withExtension("own", "value")
                        .withData(
                                "application/json",
                                "{\"a\":[1,2.50]}".getBytes(StandardCharsets.UTF_8))
                        .build();
        given().contentType(STRUCTURED)
                .body(new JsonFormat().serialize(sent))
                .post(RECORDS)
                .then()
                .statusCode(202)
                .body(emptyString());
        given().get("/topics/events/keys/structured")
                .then()
                .contentType("application/json")
                .body(equalTo("{\"a\":[1,2.50]}"));
        CloudEvent back = get("structured");
        assertEquals(sent.getAttributeNames(), back.getAttributeNames());
        for (String name : sent.getAttributeNames()) {
            assertEquals(sent.getAttribute(name), back.getAttribute(name), name);
        }
        assertEquals("value", back.getExtension("own"));
        given().accept(STRUCTURED)
                .get("/topics/events/keys/structured")
                .then()
                .body(containsString("\"data\":{\"a\":[1,2.50]}"));
    }

    @Test
    void bytes_travel_as_base64() {
        given().contentType(STRUCTURED)
                .body(
                        "{\"specversion\":\"1.0\",\"id\":\"bytes\",\"source\":\"s\",\"type\":\"t\","
                                + "\"subject\":\"bytes\",\"datacontenttype\":\"image/png\","
                                + "\"data_base64\":\"AP+A\"}")
                .post(RECORDS)
                .then()
                .statusCode(202);
        byte[] bytes = {0, (byte) 0xff, (byte) 0x80};
        assertArrayEquals(bytes, given().get("/topics/events/keys/bytes").asByteArray());
        assertArrayEquals(bytes, Objects.requireNonNull(get("bytes").getData()).toBytes());
    }

    @Test
    void data_that_only_says_it_is_json_comes_back_all_the_same() {
        binary("no-json", "t").contentType("application/json").body("{oops").post(RECORDS);
        assertEquals(
                "{oops",
                new String(
                        Objects.requireNonNull(get("no-json").getData()).toBytes(),
                        StandardCharsets.UTF_8));
    }

    @Test
    void a_batch_is_taken_in_order() {
        StringBuilder batch = new StringBuilder("[");
        for (int i = 0; i < 100; i++) {
            batch.append(i == 0 ? "" : ",")
                    .append("{\"specversion\":\"1.0\",\"id\":\"")
                    .append(i)
                    .append("\",\"source\":\"batch\",\"type\":\"t\",\"subject\":\"batch")
                    .append(i % 10)
                    .append("\",\"data\":")
                    .append(i)
                    .append('}');
        }
        given().header("Content-Type", BATCHED)
                .body((batch + "]").getBytes(StandardCharsets.US_ASCII))
                .post(RECORDS)
                .then()
                .statusCode(202)
                .body(emptyString())
                .header("Lastword-Count", "100")
                .header("Lastword-Ranges", containsString("0:"));
        given().get("/topics/events/keys/batch7").then().body(equalTo("97"));
    }

    @Test
    void an_empty_batch_is_fine() {
        given().header("Content-Type", BATCHED)
                .body("[]".getBytes(StandardCharsets.US_ASCII))
                .post(RECORDS)
                .then()
                .statusCode(202)
                .header("Lastword-Count", "0");
    }

    @Test
    void a_bad_event_in_a_batch_is_told_by_its_number() {
        given().header("Content-Type", BATCHED)
                .body(
                        ("[{\"specversion\":\"1.0\",\"id\":\"first\",\"source\":\"s\",\"type\":\"t\","
                                        + "\"subject\":\"first\"},{\"specversion\":\"1.0\"}]")
                                .getBytes(StandardCharsets.US_ASCII))
                .post(RECORDS)
                .then()
                .statusCode(400)
                .body("line", equalTo(2))
                .body("accepted", equalTo(1));
        given().get("/topics/events/keys/first").then().statusCode(200);
    }

    @Test
    void no_data_is_an_empty_value_and_no_deletion() {
        binary("empty", "t").post(RECORDS).then().statusCode(202);
        given().get("/topics/events/keys/empty").then().statusCode(200).body(emptyString());
        assertEquals(null, get("empty").getData());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gone", "com.example.removed"})
    void some_types_delete(String type) {
        binary(type, "made").body("x").post(RECORDS).then().statusCode(202);
        given().get("/topics/events/keys/" + type).then().statusCode(200);
        binary(type, type).body("x").post(RECORDS).then().statusCode(202);
        given().get("/topics/events/keys/" + type).then().statusCode(404);
    }

    @Test
    void the_subject_is_the_key_where_there_is_no_partition_key() {
        given().header("ce-specversion", "1.0")
                .header("ce-id", newId())
                .header("ce-source", "/test")
                .header("ce-type", "t")
                .header("ce-subject", "a%2Fb c")
                .body("v")
                .post(RECORDS)
                .then()
                .statusCode(202);
        given().queryParam("key", "a/b c").get("/topics/events/keys").then().statusCode(200);
    }

    @Test
    void an_event_without_a_key_is_refused_for_good() {
        given().header("ce-specversion", "1.0")
                .header("ce-id", newId())
                .header("ce-source", "/test")
                .header("ce-type", "t")
                .post(RECORDS)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("field", equalTo("partitionkey"));
    }

    @ParameterizedTest
    @CsvSource({"id", "source", "type"})
    void a_missing_attribute_is_named(String name) {
        Map<String, String> attributes =
                new java.util.HashMap<>(
                        Map.of("ce-id", "1", "ce-source", "s", "ce-type", "t", "ce-subject", "k"));
        attributes.remove("ce-" + name);
        given().header("ce-specversion", "1.0")
                .headers(attributes)
                .post(RECORDS)
                .then()
                .statusCode(400)
                .body("detail", containsString(name));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}",
                "[]",
                "null",
                "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\"}",
                "{\"specversion\":\"2.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\"}",
                "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\"}",
                "{\"specversion\":\"1.0\",\"id\":1,\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a b\",\"type\":\"t\",\"subject\":\"k\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\",\"time\":\"x\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\",\"Own\":\"x\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\",\"own\":{}}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\",\"data_base64\":\"?\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\"} x",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"\\ud800\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\",\"data\":\"\\uDC00\"}",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"k\",\"time\":\"+999999999-12-31T23:59:59Z\"}",
                "not json"
            })
    void what_is_no_event_is_refused_and_changes_nothing(String body) {
        given().contentType("application/json").body("{\"name\":\"refused\"}").post("/topics");
        given().header("Content-Type", STRUCTURED)
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post("/topics/refused/records")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/invalid-cloudevent"));
        given().get("/topics/refused").then().body("partitions[0].endOffset", equalTo(0));
    }

    @Test
    void another_format_is_told_what_is_taken() {
        given().header("Content-Type", "application/cloudevents+avro")
                .body(new byte[] {1})
                .post(RECORDS)
                .then()
                .statusCode(415)
                .header("Accept-Post", containsString(STRUCTURED));
    }

    @Test
    void an_event_that_is_too_large_is_not_worth_a_retry() {
        binary("large", "t").body("x".repeat(1_100_000)).post(RECORDS).then().statusCode(413);
    }

    @Test
    void a_value_that_is_no_event_is_not_made_one() {
        given().contentType("text/plain").body("v").put("/topics/events/keys/plain");
        given().accept(STRUCTURED).get("/topics/events/keys/plain").then().statusCode(406);
        given().header("Accept", STRUCTURED + ", */*;q=0.1")
                .get("/topics/events/keys/plain")
                .then()
                .statusCode(200)
                .body(equalTo("v"));
    }

    @Test
    void each_form_has_its_own_tag() {
        binary("tags", "t").body("v").post(RECORDS);
        String plain = given().get("/topics/events/keys/tags").header("ETag");
        String event = given().accept(STRUCTURED).get("/topics/events/keys/tags").header("ETag");
        given().header("If-None-Match", plain)
                .get("/topics/events/keys/tags")
                .then()
                .statusCode(304);
        given().header("If-None-Match", event)
                .get("/topics/events/keys/tags")
                .then()
                .statusCode(200);
        given().accept(STRUCTURED)
                .header("If-None-Match", event)
                .get("/topics/events/keys/tags")
                .then()
                .statusCode(304);
        given().accept(STRUCTURED)
                .header("If-None-Match", plain)
                .get("/topics/events/keys/tags")
                .then()
                .statusCode(200);
        given().header("If-Match", event)
                .body("w")
                .put("/topics/events/keys/tags")
                .then()
                .statusCode(200);
    }
}
