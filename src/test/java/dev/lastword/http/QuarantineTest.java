package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Damage, and the way out of it, over HTTP.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class QuarantineTest {
    private static final String PROBLEM = "application/problem+json";
    private static final String SEGMENT = "00000000000000000000.log";

    /// A topic whose first segment is damaged at its second batch, and whose file that is.
    static Path damaged(String topic) throws IOException {
        given().body("1").put("/topics/" + topic + "/keys/a");
        given().body("2").put("/topics/" + topic + "/keys/a");
        given().body("1").put("/topics/" + topic + "/keys/b");
        given().post("/topics/" + topic + "/compactions?wait=true").then().statusCode(200);
        given().body("3").put("/topics/" + topic + "/keys/a");
        Path file = TemporaryData.directory().resolve("logs/" + topic + "-0/" + SEGMENT);
        flip(file);
        given().post("/topics/" + topic + "/compactions?wait=true")
                .then()
                .statusCode(200)
                .body("state", equalTo("failed"))
                .body("error", containsString("CRC"));
        return file;
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 10] ^= 1; // b's record
        Files.write(file, bytes);
    }

    @Test
    void damage_is_told_wherever_an_operator_looks() throws IOException {
        damaged("told");
        String file = "told-0/" + SEGMENT;
        get("/topics/told")
                .then()
                .body("partitions[0].state", equalTo("quarantined"))
                .body("partitions[0].reason", containsString(file + " is damaged at byte"))
                .body("partitions[0].damage[0].file", equalTo(file))
                .body("partitions[0].damage[0].offset", equalTo(2))
                .body("partitions[0].damage[0].what", containsString("CRC"));
        get("/cleaner")
                .then()
                .body("partitions.find{it.topic=='told'}.damage[0].file", equalTo(file));
        get("/q/health/well")
                .then()
                .statusCode(503)
                .body(
                        "checks.find{it.name=='partitions'}.data.'told-0'",
                        containsString(file + " is damaged at byte"));
        get("/q/health/ready").then().statusCode(200);
        get("/q/metrics")
                .then()
                .body(containsString("lastword_partitions_quarantined"))
                .body(
                        containsString(
                                "lastword_partition_online{partition=\"0\",topic=\"told\"} 0.0"));
        given().delete("/topics/told").then().statusCode(204);
    }

    @Test
    void what_is_still_damaged_is_not_released_and_what_is_whole_again_is() throws IOException {
        Path file = damaged("mended");
        given().post("/topics/mended/partitions/0/release")
                .then()
                .statusCode(409)
                .contentType(PROBLEM)
                .body("type", equalTo("/problems/still-quarantined"))
                .body("segment", equalTo("mended-0/" + SEGMENT))
                .body("offset", equalTo(2))
                .body("detail", containsString("force=true"));
        flip(file);
        given().post("/topics/mended/partitions/0/release")
                .then()
                .statusCode(200)
                .body("state", equalTo("online"))
                .body("damage", nullValue())
                .body("moved.size()", equalTo(0));
        get("/topics/mended/keys/b").then().statusCode(200).body(equalTo("1"));
        get("/topics/mended/keys/a").then().statusCode(200).body(equalTo("3"));
        given().post("/topics/mended/compactions?wait=true").then().body("state", equalTo("done"));
    }

    @Test
    void by_force_the_damaged_bytes_are_moved_aside() throws IOException {
        Path file = damaged("forced");
        byte[] before = Files.readAllBytes(file);
        var answer =
                given().post("/topics/forced/partitions/0/release?force=true")
                        .then()
                        .statusCode(200)
                        .body("state", equalTo("online"))
                        .body("moved.size()", equalTo(1))
                        .body("moved[0].file", equalTo("forced-0/" + SEGMENT))
                        .body("moved[0].offset", equalTo(2))
                        .body("moved[0].to", endsWith(".damaged"))
                        .extract();
        int position = answer.path("moved[0].position");
        int bytes = answer.path("moved[0].bytes");
        assertArrayEquals(
                Arrays.copyOfRange(before, position, position + bytes),
                Files.readAllBytes(Path.of(answer.<String>path("moved[0].to"))));
        get("/topics/forced/keys/a").then().statusCode(200).body(equalTo("3"));
        get("/topics/forced/keys/b").then().statusCode(404);
        get("/topics/forced/snapshot").then().statusCode(200);
        given().body("4").put("/topics/forced/keys/b").then().statusCode(201);
        given().post("/topics/forced/compactions?wait=true").then().body("state", equalTo("done"));
    }

    @Test
    void a_call_that_makes_no_sense_is_refused() {
        given().body("1").put("/topics/healthy/keys/a");
        for (String call : new String[] {"reopen", "release", "release?force=true"}) {
            given().post("/topics/healthy/partitions/0/" + call)
                    .then()
                    .statusCode(409)
                    .contentType(PROBLEM)
                    .body("type", equalTo("/problems/wrong-state"))
                    .body("detail", containsString("online"));
            given().post("/topics/healthy/partitions/1/" + call)
                    .then()
                    .statusCode(404)
                    .body("type", equalTo("/problems/unknown-partition"));
            given().post("/topics/healthy/partitions/x/" + call).then().statusCode(404);
            given().post("/topics/nowhere/partitions/0/" + call)
                    .then()
                    .statusCode(404)
                    .body("type", equalTo("/problems/unknown-topic"));
        }
        given().post("/topics/healthy/partitions/0/release?force=maybe")
                .then()
                .statusCode(400)
                .body("field", equalTo("force"));
        get("/topics/healthy/partitions/0/release").then().statusCode(405);
    }
}
