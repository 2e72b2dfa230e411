package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import dev.lastword.log.LogException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/// What nobody foresaw.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class InternalErrorTest {

    /// Fails in ways that no resource should.
    @Path("/test-failures")
    public static class Failing {
        @GET
        @Path("defect")
        public Uni<Response> defect() {
            return Uni.createFrom().failure(new IllegalStateException("a secret"));
        }

        @GET
        @Path("wrapped")
        public Uni<Response> wrapped() {
            return Uni.createFrom()
                    .failure(new CompletionException(new LogException.UnknownTopic("t")));
        }
    }

    @Test
    void a_defect_is_answered_with_an_id_and_nothing_else() {
        get("/test-failures/defect")
                .then()
                .statusCode(500)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/internal-error"))
                .body("id", matchesPattern("[0-9a-f]{16}"))
                .body(not(containsString("secret")))
                .body(not(containsString("Exception")));
    }

    @Test
    void a_failure_of_the_log_is_found_in_its_wrapping() {
        get("/test-failures/wrapped").then().statusCode(404);
        get("/q/metrics")
                .then()
                .body(containsString("lastword_problems_total{problem=\"unknown-topic\"}"));
    }
}
