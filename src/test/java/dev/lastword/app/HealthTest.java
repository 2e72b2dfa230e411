package dev.lastword.app;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import dev.lastword.http.TemporaryData;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class HealthTest {

    @Test
    void the_service_is_up() {
        get("/q/health").then().statusCode(200).body("status", equalTo("UP"));
    }

    @Test
    void live_asks_for_nothing_but_an_answer() {
        get("/q/health/live").then().statusCode(200).body("checks.size()", equalTo(0));
    }

    @Test
    void ready_asks_for_open_logs_alone() {
        get("/q/health/ready").then().statusCode(200).body("checks.name", equalTo(List.of("logs")));
    }

    @Test
    void well_tells_of_partitions_cleaner_and_disk() {
        get("/q/health/well")
                .then()
                .statusCode(200)
                .body("checks.name", hasItems("partitions", "cleaner", "disk"));
    }

    @Test
    void the_interface_is_described() {
        get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .body("info.title", equalTo("Lastword"))
                .body("paths.'/topics/{topic}/keys/{key}'.put.summary", containsString("Write"));
    }

    @Test
    void the_description_comes_in_the_form_that_is_asked_for() {
        described("application/json", "application/json");
        described("application/yaml, application/json;q=0.1", "application/yaml");
        described("application/json-patch+json", "application/yaml");
        described("*/*", "application/yaml");
        get("/q/openapi?format=yml").then().statusCode(200).contentType("application/yaml");
        get("/q/openapi?format=xml").then().statusCode(400).body("field", equalTo("format"));
    }

    private static void described(String accept, String type) {
        given().header("Accept", accept)
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .contentType(type + ";charset=UTF-8");
    }
}
