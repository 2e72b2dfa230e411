package dev.lastword.app;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

@QuarkusTest
class HealthTest {

    @Test
    void the_service_is_up() {
        get("/q/health").then().statusCode(200).body("status", equalTo("UP"));
    }
}
