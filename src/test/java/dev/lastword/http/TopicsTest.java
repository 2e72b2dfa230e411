package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Topics over HTTP: made, described, configured and deleted.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class TopicsTest {
    private static final String PROBLEM = "application/problem+json";
    private static final String JSON = "application/json";

    private static Response create(String json) {
        return given().contentType(JSON).body(json).post("/topics");
    }

    @Test
    void a_topic_is_made_as_asked_and_described() {
        create(
                        """
                        {"name": "described", "partitions": 3,
                         "config": {"segment.bytes": "4096", "segment.ms": 60000}}
                        """)
                .then()
                .statusCode(201)
                .contentType(JSON)
                .header("Location", endsWith("/topics/described"))
                .body("name", equalTo("described"))
                .body("partitions.size()", equalTo(3));
        given().body("x").put("/topics/described/keys/a").then().statusCode(201);
        get("/topics/described")
                .then()
                .statusCode(200)
                .body("source", equalTo("http"))
                .body("epoch", not(nullValue()))
                .body("config.'segment.bytes'", equalTo("4096"))
                .body("config.'segment.ms'", equalTo("60000"))
                .body("config.'cleanup.policy'", equalTo("compact"))
                .body("partitions.partition", equalTo(List.of(0, 1, 2)))
                .body("partitions.liveKeys.sum()", equalTo(1))
                .body("partitions[0].startOffset", equalTo(0))
                .body("partitions[0].state", equalTo("online"))
                .body("partitions[0].reason", equalTo(""))
                .body("partitions[0].lastCleanedAt", nullValue());
        get("/topics").then().statusCode(200).body("name", hasItem("described"));
    }

    @Test
    void a_topic_has_one_partition_unless_asked_otherwise() {
        create("{\"name\": \"single\"}").then().body("partitions.size()", equalTo(1));
    }

    @Test
    void a_name_is_taken_once() {
        create("{\"name\": \"taken\"}").then().statusCode(201);
        create("{\"name\": \"taken\"}").then().statusCode(409).contentType(PROBLEM);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\": \"a/b\"} | invalid-topic-name",
                "{\"name\": \"..\"} | invalid-topic-name",
                "{\"name\": \"\"} | invalid-topic-name",
                "{\"name\": \"a\\u0000b\"} | invalid-topic-name",
                "{\"name\": 5} | invalid-request",
                "{} | invalid-request",
                "{\"name\": \"bad\", \"partitions\": 0} | invalid-request",
                "{\"name\": \"bad\", \"partitions\": 1001} | invalid-request",
                "{\"name\": \"bad\", \"partitions\": 1.5} | invalid-request",
                "{\"name\": \"bad\", \"partitions\": \"2\"} | invalid-request",
                "{\"name\": \"bad\", \"replicas\": 1} | invalid-request",
                "{\"name\": \"bad\", \"config\": []} | invalid-request",
                "{\"name\": \"bad\", \"config\": {\"acks\": null}} | invalid-request",
                "{\"name\": \"bad\", \"config\": {\"nope\": 1}} | invalid-config",
                "{\"name\": \"bad\", \"config\": {\"segment.bytes\": 1}} | invalid-config",
                "{\"name\": \"bad\", \"name\": \"worse\"} | invalid-json",
                "{\"name\": \"bad\" | invalid-json",
                "{\"name\": \"bad\"} x | invalid-json",
                "[] | invalid-json",
            })
    void a_topic_that_cannot_be_is_refused_and_not_made(String json, String slug) {
        create(json)
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("type", equalTo("/problems/" + slug));
        get("/topics/bad").then().statusCode(404);
    }

    @Test
    void a_bad_setting_is_told_by_name_and_range() {
        create("{\"name\": \"bad\", \"config\": {\"min.cleanable.dirty.ratio\": 2}}")
                .then()
                .statusCode(400)
                .body("field", equalTo("min.cleanable.dirty.ratio"))
                .body("detail", containsString("from 0 to 1"));
    }

    @Test
    void malformed_json_is_told_by_its_line() {
        create("{\n\"name\": oops}").then().statusCode(400).body("line", equalTo(2));
    }

    @Test
    void a_body_has_a_bound() {
        create("{\"name\": \"" + "x".repeat(1 << 20) + "\"}")
                .then()
                .statusCode(413)
                .contentType(PROBLEM);
    }

    @Test
    void another_content_type_is_415_and_told_what_is_taken() {
        given().contentType("text/plain")
                .body("{\"name\": \"bad\"}")
                .post("/topics")
                .then()
                .statusCode(415)
                .contentType(PROBLEM)
                .body("accepted", equalTo(JSON));
    }

    @Test
    void settings_change_one_by_one() {
        create("{\"name\": \"tuned\", \"config\": {\"segment.ms\": 1000}}");
        given().contentType(JSON)
                .body("{\"min.compaction.lag.ms\": \"5000\", \"acks\": \"written\"}")
                .patch("/topics/tuned/config")
                .then()
                .statusCode(200)
                .body("'min.compaction.lag.ms'", equalTo("5000"))
                .body("acks", equalTo("written"))
                .body("'segment.ms'", equalTo("1000"));
        get("/topics/tuned/config")
                .then()
                .statusCode(200)
                .body("'min.compaction.lag.ms'", equalTo("5000"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"nope\": 1}", "{\"acks\": \"maybe\"}", "{\"acks\": []}", "[]", "oops"})
    void a_change_that_is_wrong_changes_nothing(String json) {
        create("{\"name\": \"steady\"}");
        given().contentType(JSON)
                .body(json)
                .patch("/topics/steady/config")
                .then()
                .statusCode(400)
                .contentType(PROBLEM);
        get("/topics/steady/config").then().body("acks", equalTo("flushed"));
    }

    @Test
    void a_deleted_topic_is_gone_and_its_successor_has_another_epoch() {
        create("{\"name\": \"doomed\"}");
        String tag = given().body("x").put("/topics/doomed/keys/a").header("ETag");
        given().delete("/topics/doomed").then().statusCode(204);
        get("/topics/doomed").then().statusCode(404);
        given().delete("/topics/doomed").then().statusCode(404).contentType(PROBLEM);
        given().body("x").put("/topics/doomed/keys/a").then().statusCode(201);
        given().header("If-None-Match", tag)
                .get("/topics/doomed/keys/a")
                .then()
                .statusCode(200)
                .header("ETag", not(equalTo(tag)));
    }

    @Test
    void metrics_show_a_topic_while_it_is_there() {
        create("{\"name\": \"measured\"}");
        given().body("x").put("/topics/measured/keys/a");
        String gauge = "lastword_partition_live_keys{partition=\"0\",topic=\"measured\"} 1.0";
        String counter = "lastword_records_appended_total{topic=\"measured\"} 1.0";
        get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString(gauge))
                .body(containsString(counter));
        given().delete("/topics/measured");
        get("/q/metrics").then().statusCode(200).body(not(containsString("measured\"")));
    }
}
