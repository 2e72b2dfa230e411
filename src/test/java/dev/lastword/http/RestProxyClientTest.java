package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Produce requests with the very headers that clients of Confluent's REST Proxy (v2) and of
/// Strimzi's bridge send, and answers as those clients read them. [RestProxyTest] has the cases.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class RestProxyClientTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JSON_TYPE = "application/vnd.kafka.json.v2+json";
    private static final String BINARY_TYPE = "application/vnd.kafka.binary.v2+json";
    private static final String ANSWER_TYPE = "application/vnd.kafka.v2+json";

    private static int topics;

    private final String topic = "proxy-client-" + topics++;

    private HttpResponse<String> post(
            Version version, String contentType, String accept, JsonNode request) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(version).build()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://localhost:"
                                                    + RestAssured.port
                                                    + "/topics/"
                                                    + topic))
                            .header("Content-Type", contentType)
                            .header("Accept", accept)
                            .POST(BodyPublishers.ofString(request.toString()))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    /// The entries of a successful answer.
    private List<JsonNode> produce(Version version, String contentType, JsonNode request)
            throws Exception {
        HttpResponse<String> answer = post(version, contentType, ANSWER_TYPE, request);
        assertEquals(200, answer.statusCode(), answer::body);
        List<JsonNode> entries = new ArrayList<>();
        JSON.readTree(answer.body()).get("offsets").forEach(entries::add);
        return entries;
    }

    private static ObjectNode request(List<? extends JsonNode> records) {
        ObjectNode request = JSON.createObjectNode();
        request.putArray("records").addAll(records);
        return request;
    }

    private static ObjectNode record(String key, String value) {
        return JSON.createObjectNode().put("key", key).put("value", value);
    }

    /// Of Confluent's examples, of its clients for Python and .NET, of Strimzi's examples.
    @ParameterizedTest
    @CsvSource({
        "application/vnd.kafka.json.v2+json, application/vnd.kafka.v2+json",
        "application/vnd.kafka.json.v2+json, '*/*'",
        "application/vnd.kafka.json.v2+json; charset=utf-8, 'application/vnd.kafka.v2+json,"
                + " application/vnd.kafka+json, application/json'",
        "Application/vnd.kafka.JSON.v2+json;charset=UTF-8, application/json",
        "application/vnd.kafka.json.v2+json, 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2'"
    })
    void the_headers_that_clients_send_are_understood(String contentType, String accept)
            throws Exception {
        HttpResponse<String> answer =
                post(
                        Version.HTTP_1_1,
                        contentType,
                        accept,
                        request(List.of(record("a", "1"), record("b", "2"))));
        assertEquals(200, answer.statusCode(), answer::body);
        assertEquals(ANSWER_TYPE, answer.headers().firstValue("Content-Type").orElseThrow());
        JsonNode body = JSON.readTree(answer.body());
        assertEquals(2, body.get("offsets").size());
        assertEquals(1, body.at("/offsets/1/offset").intValue());
        assertTrue(body.at("/offsets/1").get("error_code").isNull());
        assertTrue(body.has("key_schema_id") && body.has("value_schema_id"));
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void every_byte_comes_through_in_the_binary_form(Version version) throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        ObjectNode record = JSON.createObjectNode().put("key", all).put("value", all);
        assertEquals(
                0,
                produce(version, BINARY_TYPE, request(List.of(record)))
                        .getFirst()
                        .get("offset")
                        .intValue());
        String key = java.util.Base64.getUrlEncoder().encodeToString(all);
        byte[] stored =
                given().queryParam("keyBase64", key)
                        .get("/topics/" + topic + "/keys")
                        .asByteArray();
        assertArrayEquals(all, stored);
    }

    /// A client may send again what failed, for an answer's entries stand in its records' order.
    @ParameterizedTest
    @EnumSource(Version.class)
    void a_client_that_mends_and_resends_only_what_failed_gets_all_in_once(Version version)
            throws Exception {
        given().contentType("application/json")
                .body("{\"name\":\"" + topic + "\",\"partitions\":3}")
                .post("/topics");
        List<ObjectNode> records = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            records.add(record("k" + i, "v" + i).put("partition", i % 3));
        }
        List<JsonNode> first = produce(version, JSON_TYPE, request(records));
        List<ObjectNode> failed = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            if (first.get(i).hasNonNull("error_code")) {
                assertEquals(42200, first.get(i).get("error_code").intValue());
                assertFalse(first.get(i).get("error").asText().isBlank());
                failed.add(records.get(i).deepCopy().without(List.of("partition")));
            } else {
                assertEquals(i % 3, first.get(i).get("partition").intValue());
            }
        }
        assertTrue(!failed.isEmpty() && failed.size() < records.size());
        for (JsonNode entry : produce(version, JSON_TYPE, request(failed))) {
            assertFalse(entry.hasNonNull("error_code"), entry::toString);
        }
        List<Integer> ends = given().get("/topics/" + topic).path("partitions.endOffset");
        assertEquals(60, ends.stream().mapToInt(Integer::intValue).sum());
        assertEquals("\"v7\"", given().get("/topics/" + topic + "/keys/k7").asString());
    }

    @Test
    void what_is_no_request_at_all_is_one_error() throws Exception {
        ArrayNode array = JSON.createArrayNode().add(record("a", "1"));
        HttpResponse<String> answer = post(Version.HTTP_1_1, JSON_TYPE, ANSWER_TYPE, array);
        assertEquals(422, answer.statusCode());
        assertEquals(ANSWER_TYPE, answer.headers().firstValue("Content-Type").orElseThrow());
        JsonNode error = JSON.readTree(answer.body());
        assertTrue(error.get("error_code").isInt());
        assertFalse(error.get("message").asText().isBlank());
    }
}
