package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /// A body that is taken for an empty one would be worse than none.
    @ParameterizedTest
    @ValueSource(
            strings = {"gzip", "gzip, chunked", "identity", "chunked\r\nTransfer-Encoding: gzip"})
    void a_body_in_an_unknown_transfer_coding_is_refused_and_the_connection_closed(String coding)
            throws IOException {
        try (RawHttp raw = new RawHttp()) {
            raw.head("PUT /topics/coded/keys/a", "Transfer-Encoding: " + coding)
                    .send("0\r\n\r\nPUT /topics/coded/keys/b HTTP/1.1\r\nHost: x\r\n\r\n");
            RawHttp.Answer answer = raw.answer();
            assertEquals(400, answer.status());
            assertEquals("application/problem+json", answer.headers().get("content-type"));
            assertEquals(-1, raw.in().read());
        }
        assertEquals(404, send("GET /topics/coded").status());
    }

    @ParameterizedTest
    @CsvSource({"OPTIONS *, 404", "CONNECT localhost:80, 404", "GET topics, 404"})
    void a_target_that_is_no_path_is_a_problem_document(String request, int status)
            throws IOException {
        RawHttp.Answer answer = send(request);
        assertEquals(status, answer.status());
        assertEquals("application/problem+json", answer.headers().get("content-type"));
    }

    @Test
    void a_request_without_host_is_a_problem_document() throws IOException {
        try (RawHttp raw = new RawHttp()) {
            RawHttp.Answer answer = raw.send("GET /topics HTTP/1.1\r\n\r\n").answer();
            assertEquals(400, answer.status());
            assertEquals("application/problem+json", answer.headers().get("content-type"));
            assertTrue(answer.body().contains("Host"), answer.body());
        }
    }

    @Test
    void malformed_chunks_end_the_request_and_change_nothing() throws IOException {
        try (RawHttp raw = new RawHttp()) {
            raw.head("PUT /topics/chunks/keys/a", "Transfer-Encoding: chunked").chunk("x");
            raw.send("none\r\n");
            assertThrows(IOException.class, raw::answer);
        }
        assertEquals(404, send("GET /topics/chunks").status());
    }
}
