package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Compactions asked for over HTTP, and what the cleaner says of itself.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class CompactionsTest {
    private static final String PROBLEM = "application/problem+json";

    private static void writeTwice(String topic) {
        for (String value : new String[] {"1", "2"}) {
            given().body(value).put("/topics/" + topic + "/keys/a");
        }
    }

    @Test
    void a_compaction_that_is_waited_for_tells_its_outcome() {
        writeTwice("waited");
        String location =
                given().post("/topics/waited/compactions?wait=true")
                        .then()
                        .statusCode(200)
                        .body("topic", equalTo("waited"))
                        .body("state", equalTo("done"))
                        .body("recordsRead", equalTo(2))
                        .body("recordsKept", equalTo(1))
                        .body("bytesBefore", greaterThan(0))
                        .body("finishedAt", not(nullValue()))
                        .body("error", nullValue())
                        .extract()
                        .header("Location");
        get(location).then().statusCode(200).body("state", equalTo("done"));
        get("/topics/waited/keys/a").then().body(equalTo("2"));
    }

    @Test
    void a_compaction_can_be_followed_and_listed() {
        writeTwice("followed");
        String location =
                given().post("/topics/followed/compactions")
                        .then()
                        .statusCode(202)
                        .extract()
                        .header("Location");
        Awaitility.await().until(() -> get(location).jsonPath().getString("state").equals("done"));
        String id = get(location).jsonPath().getString("id");
        get("/topics/followed/compactions").then().statusCode(200).body("id", hasItem(id));
        given().delete(location).then().statusCode(200).body("id", equalTo(id));
    }

    @Test
    void an_unknown_compaction_is_404() {
        writeTwice("quiet");
        get("/topics/quiet/compactions/none").then().statusCode(404).contentType(PROBLEM);
        given().delete("/topics/quiet/compactions/none").then().statusCode(404);
        get("/topics/no-topic/compactions").then().statusCode(404);
        given().post("/topics/no-topic/compactions").then().statusCode(404);
    }

    @Test
    void a_dry_run_tells_what_would_go_and_is_not_listed() {
        writeTwice("dry");
        given().post("/topics/dry/compactions?dryRun=true")
                .then()
                .statusCode(200)
                .body("dryRun", equalTo(true))
                .body("recordsSuperseded", equalTo(1))
                .body("segmentsRewritten", equalTo(1));
        get("/topics/dry/compactions").then().statusCode(200).body("size()", equalTo(0));
    }

    @Test
    void a_flag_that_is_neither_true_nor_false_is_refused() {
        writeTwice("quiet");
        given().post("/topics/quiet/compactions?wait=perhaps")
                .then()
                .statusCode(400)
                .body("field", equalTo("wait"));
    }

    @Test
    void a_topic_that_is_not_compacted_cannot_be() {
        given().contentType("application/json")
                .body("{\"name\": \"kept\", \"config\": {\"cleanup.policy\": \"delete\"}}")
                .post("/topics");
        given().post("/topics/kept/compactions?wait=true")
                .then()
                .statusCode(400)
                .body("field", equalTo("cleanup.policy"));
    }

    @Test
    void the_cleaner_says_of_each_partition_why_it_is_not_cleaned() {
        writeTwice("idle");
        get("/cleaner")
                .then()
                .statusCode(200)
                .body("threads", greaterThan(0))
                .body("partitions.find { it.topic == 'idle' }.eligible", equalTo(false))
                .body(
                        "partitions.find { it.topic == 'idle' }.reason",
                        containsString("active segment"))
                .body("lastErrors.size()", equalTo(0));
    }
}
