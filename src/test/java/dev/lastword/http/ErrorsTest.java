package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is asked for in the wrong way.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class ErrorsTest {

    private static RawHttp.Answer send(String request) throws IOException {
        try (RawHttp raw = new RawHttp()) {
            return raw.head(request, "Content-Length: 0").answer();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET /, 404",
        "GET /nothing/here, 404",
        "GET /topics/t/nothing, 404",
        "GET /topics/%zz, 400",
        "GET /%, 400",
        "PUT /topics, 405",
        "PUT /topics/t, 405",
        "PATCH /topics/t/keys/a, 405",
        "POST /topics/t/keys/a, 405",
        "DELETE /topics/t/config, 405",
        "PUT /topics/t/compactions, 405",
        "GET /topics/t/records, 405",
        "POST /cleaner, 405",
    })
    void a_wrong_path_or_method_is_a_problem_document(String request, int status)
            throws IOException {
        RawHttp.Answer answer = send(request);
        assertEquals(status, answer.status());
        assertEquals("application/problem+json", answer.headers().get("content-type"));
        assertTrue(answer.body().contains("\"status\":" + status), answer.body());
        assertEquals(status == 405, answer.headers().containsKey("allow"));
    }

    @Test
    void a_path_too_long_to_name_anything_is_refused_at_once() throws IOException {
        assertEquals(414, send("GET /topics/" + "%41".repeat(20_000)).status());
    }

    @Test
    void a_path_that_is_not_normal_names_the_same() throws IOException {
        try (RawHttp raw = new RawHttp()) {
            raw.head("PUT /topics/odd/keys/a", "Content-Length: 1").send("x");
            assertEquals(201, raw.answer().status());
        }
        assertEquals("x", send("GET //topics/./odd/../odd/keys/a").body());
        assertEquals("x", send("GET /topics/%6fdd/keys/a").body());
        assertEquals("x", send("GET http://localhost/topics/odd/keys/a").body());
    }
}
