package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The OpenAPI document tells the truth: every operation in it is called, once as it should be and
/// once for a topic that does not exist.
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

    @BeforeEach
    void create() {
        given().delete("/topics/contract-new");
        given().contentType("application/json").body("{\"name\":\"contract\"}").post("/topics");
        given().contentType("application/json").body("1").put("/topics/contract/keys/k");
        given().post("/topics/contract/compactions?wait=true");
    }

    private static List<Operation> operations() throws IOException {
        JsonNode document =
                new ObjectMapper().readTree(given().get("/q/openapi?format=json").asString());
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

    private static Response call(Operation o, String topic) {
        String target =
                o.path()
                        .replace("{topic}", topic)
                        .replace("{key}", "k")
                        .replace("{partition}", "0")
                        .replace("{id}", "none");
        if (o.path().endsWith("/keys") && !o.method().equals("get")) {
            target += "?key=k";
        }
        RequestSpecification request =
                given().contentType(isRestProxy(o) ? RestProxy.JSON : "application/json");
        if (o.path().equals("/compact")) {
            request = given().contentType("application/x-ndjson");
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
                .request(o.method().toUpperCase(java.util.Locale.ROOT), target);
    }

    /// Its errors have a form of their own.
    private static boolean isRestProxy(Operation o) {
        return PRODUCE.equals(BODIES.get(o.toString()));
    }

    @Test
    void every_operation_answers_as_the_document_says() throws IOException {
        List<Operation> all = operations();
        // those that take things away come last
        all.sort(java.util.Comparator.comparing(o -> o.method().equals("delete")));
        for (Operation o : all) {
            assertFalse(o.about().path("summary").asText().isEmpty(), o + " has no summary");
            Response answer = call(o, "contract");
            String status = Integer.toString(answer.statusCode());
            JsonNode responses = o.about().get("responses");
            assertTrue(
                    answer.statusCode() < 300
                            || responses.has(status)
                            || o.path().endsWith("{id}")
                            || o.method().equals("delete"),
                    () -> o + ": " + answer.statusLine() + " " + answer.asString());
            if (answer.statusCode() < 300) {
                assertTrue(responses.has(status), () -> o + " does not tell of " + status);
                JsonNode content = responses.get(status).path("content");
                String type = answer.contentType().replaceAll(";.*", "");
                assertTrue(
                        content.isEmpty() || content.has(type) || content.has("*/*"),
                        () -> o + " answers " + type + ", not " + content);
            }
        }
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
                Response answer = call(o, "no-such-topic");
                assertEquals(404, answer.statusCode(), o::toString);
                assertEquals(PROBLEM, answer.contentType(), o::toString);
                assertTrue(answer.path("detail").toString().contains("POST /topics"), o::toString);
            }
        }
    }
}
