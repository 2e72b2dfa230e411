package dev.lastword.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.lastword.http.TemporaryData;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A service that knows its callers.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(SecurityTest.WithUsers.class)
class SecurityTest {
    private static final String PROBLEM = "application/problem+json";

    public static class WithUsers implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                Path file = Files.createTempFile(Path.of("target"), "users", "");
                Files.write(
                        file,
                        List.of(
                                "root:" + UsersTest.SECRET + ":admin",
                                "reader:" + UsersTest.SECRET + ":reader@open-*",
                                "writer:" + UsersTest.SECRET + ":writer@open-*"));
                return Map.of("lastword.security.users-file", file.toAbsolutePath().toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static RequestSpecification as(String name) {
        return given().auth().preemptive().basic(name, "secret");
    }

    @Test
    void who_does_not_say_who_they_are_is_asked_to() {
        given().get("/topics")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", containsString("Basic"))
                .contentType(PROBLEM)
                .body("type", equalTo("/problems/unauthenticated"));
        given().auth()
                .preemptive()
                .basic("root", "wrong")
                .get("/topics")
                .then()
                .statusCode(401)
                .contentType(PROBLEM);
        given().header("Authorization", "Basic nonsense").get("/topics").then().statusCode(401);
    }

    @Test
    void health_is_for_anyone_and_metrics_are_not() {
        given().get("/q/health/ready").then().statusCode(200);
        given().get("/q/metrics").then().statusCode(401);
        as("root").get("/q/metrics").then().statusCode(200);
    }

    @Test
    void a_grant_is_for_its_topics_and_its_role() {
        as("writer").body("1").put("/topics/open-a/keys/k").then().statusCode(201);
        as("reader").get("/topics/open-a/keys/k").then().statusCode(200).body(equalTo("1"));
        as("reader")
                .body("2")
                .put("/topics/open-a/keys/k")
                .then()
                .statusCode(403)
                .contentType(PROBLEM)
                .body("detail", containsString("writer"));
        as("writer").body("1").put("/topics/closed/keys/k").then().statusCode(403);
        as("root").get("/topics/closed").then().statusCode(404); // nothing was made
        as("reader").get("/topics").then().statusCode(403);
        as("writer").delete("/topics/open-a").then().statusCode(403);
        as("root").get("/topics/open-a/keys/k").then().statusCode(200).body(equalTo("1"));
    }

    @Test
    void an_idempotency_key_is_its_callers_own() {
        for (String name : List.of("writer", "root", "writer", "root")) {
            as(name).header("Idempotency-Key", "same")
                    .body("by " + name)
                    .put("/topics/open-once/keys/k")
                    .then()
                    .statusCode(name.equals("writer") ? 201 : 200);
        }
        as("root").get("/topics/open-once").then().body("partitions[0].endOffset", equalTo(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"k", "a/../k", "../../open-a/keys/k"})
    void a_value_that_is_in_memory_is_for_those_who_may_read_it(String key) {
        String path = "/topics/secret/keys/" + key;
        as("root").urlEncodingEnabled(false).body("1").put(path);
        for (int i = 0; i < 3; i++) {
            as("root").urlEncodingEnabled(false).get(path).then().statusCode(200);
            as("reader").urlEncodingEnabled(false).get(path).then().statusCode(403);
            given().urlEncodingEnabled(false).get(path).then().statusCode(401);
        }
    }

    @Test
    void a_key_that_is_routed_under_a_stand_in_is_checked_too() {
        given().urlEncodingEnabled(false)
                .get("/topics/open-a/keys/a%2F..%2Fb")
                .then()
                .statusCode(401);
        as("writer")
                .urlEncodingEnabled(false)
                .body("1")
                .put("/topics/closed/keys//..//x")
                .then()
                .statusCode(403);
    }
}
