package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Topics are made on request alone, with the settings that the operator has set for all.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@TestProfile(AutoCreateTest.Off.class)
class AutoCreateTest {

    /// No topic by accident.
    public static class Off implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "lastword.auto-create-topics",
                    "false",
                    "lastword.topic-defaults.max.message.bytes",
                    "1000");
        }
    }

    @Test
    void a_write_makes_no_topic() {
        given().body("x").put("/topics/absent/keys/a").then().statusCode(404);
        given().contentType("application/json")
                .body("{\"key\":\"a\",\"value\":1}")
                .post("/topics/absent/records")
                .then()
                .statusCode(404);
        given().get("/topics/absent").then().statusCode(404);
    }

    @Test
    void a_new_topic_has_the_operators_defaults() {
        given().contentType("application/json")
                .body("{\"name\":\"asked\"}")
                .post("/topics")
                .then()
                .statusCode(201)
                .body("config.'max.message.bytes'", equalTo("1000"));
        given().body("x".repeat(1001))
                .put("/topics/asked/keys/a")
                .then()
                .statusCode(413)
                .body("max", equalTo(1000));
    }
}
