package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lastword.log.LogFaults;
import dev.lastword.log.LogStore;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The OpenAPI document tells the truth: every operation in it is called, once so that it succeeds
/// (but for a reset, which needs Kafka) and once for a topic that does not exist.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class OpenApiContractTest {
    private static final String PROBLEM = "application/problem+json";

    private static final String PRODUCE = "{\"records\":[{\"key\":\"k\",\"value\":1}]}";

    /// Bodies of the operations that need a particular one.
    private static final Map<String, String> BODIES =
            Map.of(
                    "post /compact", "{\"key\":\"k\",\"value\":1}",
                    "post /topics/{topic}", PRODUCE,
                    "post /topics/{topic}/partitions/{partition}", PRODUCE,
                    "post /topics", "{\"name\":\"contract-new\"}",
                    "patch /topics/{topic}/config", "{\"delete.retention.ms\":\"1000\"}",
                    "post /topics/{topic}/records", "{\"key\":\"k\",\"value\":1}",
                    "post /topics/{topic}/keys:get", "{\"keys\":[\"k\"]}");

    private record Operation(String method, String path, JsonNode about) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private static final String TOPIC = "contract";

    @Inject LogStore store;

    /// Brings about that the operation can succeed, whatever those before it did; the id of a
    /// compaction.
    private String prepare(Operation o) throws IOException {
        given().delete("/topics/contract-new");
        given().delete("/topics/" + TOPIC);
        if (o.path().endsWith("/release")) {
            QuarantineTest.damaged(TOPIC);
        } else {
            given().contentType("application/json").body("1").put("/topics/contract/keys/k");
        }
        if (o.path().endsWith("/reopen")) {
            LogFaults.turnReadOnly(store.topic(TOPIC).partition(0));
        }
        return given().post("/topics/contract/compactions?wait=true").path("id");
    }

    private static JsonNode document() throws IOException {
        return new ObjectMapper().readTree(given().get("/q/openapi?format=json").asString());
    }

    private static List<Operation> operations() throws IOException {
        JsonNode document = document();
        assertTrue(document.at("/components/schemas/Problem/properties").has("detail"));
        List<Operation> all = new ArrayList<>();
        document.get("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(o -> {
                                    if (path.getKey().startsWith("/test-")) {
                                        return; // another test's
                                    }
                                    if (o.getValue().has("responses")) {
                                        all.add(
                                                new Operation(
                                                        o.getKey(), path.getKey(), o.getValue()));
                                    }
                                }));
        assertTrue(all.size() > 20, all::toString);
        return all;
    }

    private static Response call(Operation o, String topic, String compaction) {
        String target =
                o.path()
                        .replace("{topic}", topic)
                        .replace("{key}", "k")
                        .replace("{partition}", "0")
                        .replace("{id}", compaction);
        if (o.path().endsWith("/keys") && !o.method().equals("get")) {
            target += "?key=k";
        }
        RequestSpecification request =
                given().contentType(isRestProxy(o) ? RestProxy.JSON : "application/json");
        if (o.path().equals("/compact")) {
            request = given().contentType("application/x-ndjson");
        }
        if (o.path().endsWith("/release")) {
            target += "?force=true";
        }
        if (o.path().endsWith("/changes")) {
            // begun, it would not end
            request = given().accept("text/event-stream");
            target += "?from=ffff;0:1";
        }
        String body = BODIES.get(o.toString());
        if (body != null || o.method().equals("put")) {
            byte[] bytes = (body == null ? "1" : body).getBytes(StandardCharsets.UTF_8);
            request = request.body(bytes);
        }
        return request.urlEncodingEnabled(false)
                .request(o.method().toUpperCase(Locale.ROOT), target);
    }

    /// Its errors have a form of their own.
    private static boolean isRestProxy(Operation o) {
        return PRODUCE.equals(BODIES.get(o.toString()));
    }

    @Test
    void every_operation_answers_as_the_document_says() throws IOException {
        JsonNode schemas = document().at("/components/schemas");
        for (Operation o : operations()) {
            assertFalse(o.about().path("summary").asText().isEmpty(), o + " has no summary");
            Response answer = call(o, TOPIC, prepare(o));
            String status = Integer.toString(answer.statusCode());
            // nothing is mirrored here, and what would follow no end
            boolean refused = o.path().endsWith("/reset") || o.path().endsWith("/changes");
            assertTrue(
                    answer.statusCode() < 300 || refused,
                    () -> o + ": " + answer.statusLine() + " " + answer.asString());
            JsonNode responses = o.about().get("responses");
            assertTrue(responses.has(status), () -> o + " does not tell of " + status);
            JsonNode content = responses.get(status).path("content");
            String type = String.valueOf(answer.contentType()).replaceAll(";.*", "");
            assertTrue(
                    content.isEmpty()
                            || content.has(type)
                            || content.has("*/*")
                            || (refused && type.equals(PROBLEM)),
                    () -> o + " answers " + type + ", not " + content);
            if (content.has("application/json") && type.equals("application/json")) {
                JsonNode body = new ObjectMapper().readTree(answer.asString());
                assertConforms(schemas, content.at("/application~1json/schema"), body, o + ": ");
            }
        }
    }

    /// The value is of the type that is told, and has no property of which nothing is told.
    private static void assertConforms(
            JsonNode schemas, JsonNode told, JsonNode value, String where) {
        JsonNode schema = told;
        if (told.has("$ref")) {
            String reference = told.get("$ref").asText();
            schema = schemas.path(reference.substring(reference.lastIndexOf('/') + 1));
            assertFalse(schema.isMissingNode(), where + reference + " is not there");
        }
        String types = schema.path("type").toString();
        assertTrue(
                types.isEmpty() || types.contains('"' + typeOf(value) + '"'),
                where + value + " is no " + types);
        JsonNode properties = schema.path("properties");
        if (value.isObject() && !properties.isMissingNode()) {
            for (Map.Entry<String, JsonNode> property : value.properties()) {
                String name = property.getKey();
                assertTrue(properties.has(name), where + name + " is not told of");
                assertConforms(
                        schemas, properties.get(name), property.getValue(), where + name + ": ");
            }
        }
        for (JsonNode element : value.isArray() ? value : List.<JsonNode>of()) {
            assertConforms(schemas, schema.path("items"), element, where + "[]: ");
        }
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case POJO, BINARY, MISSING -> throw new IllegalArgumentException(value.toString());
            default -> value.getNodeType().name().toLowerCase(Locale.ROOT);
        };
    }

    @Test
    void every_error_is_a_problem_document_that_says_what_to_do() throws IOException {
        for (Operation o : operations()) {
            JsonNode errors = o.about().at("/responses/default/content");
            assertTrue(errors.has(PROBLEM), () -> o + " does not tell of its errors");
            if (!isRestProxy(o)
                    && o.path().contains("{topic}")
                    && !o.method().equals("head")
                    && !o.method().equals("put")
                    && !o.path().endsWith("/records")) {
                Response answer = call(o, "no-such-topic", "none");
                assertEquals(404, answer.statusCode(), o::toString);
                assertEquals(PROBLEM, answer.contentType(), o::toString);
                assertTrue(answer.path("detail").toString().contains("POST /topics"), o::toString);
            }
        }
    }
}
