package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients of the REST Proxy and of Strimzi's bridge find what they know.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class RestProxyTest {
    private static final String JSON = "application/vnd.kafka.json.v2+json";
    private static final String BINARY = "application/vnd.kafka.binary.v2+json";

    private static ValidatableResponse post(String path, String type, String body) {
        return given().header("Content-Type", type)
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post("/topics/" + path)
                .then()
                .contentType("application/vnd.kafka.v2+json");
    }

    @Test
    void json_records_are_stored_as_their_text() {
        post(
                        "proxy",
                        JSON,
                        "{\"records\":[{\"key\":\"a\",\"value\":{\"n\":1.50}},"
                                + "{\"key\":{\"id\":7},\"value\":\"text\"},"
                                + "{\"key\":12,\"value\":[1, 2],\"partition\":0}]}")
                .statusCode(200)
                .body("offsets", hasSize(3))
                .body("offsets[2].partition", equalTo(0))
                .body("offsets[2].offset", notNullValue())
                .body("offsets[2].error_code", nullValue())
                .body("key_schema_id", nullValue());
        given().get("/topics/proxy/keys/a")
                .then()
                .contentType("application/json")
                .body(equalTo("{\"n\":1.50}"));
        given().queryParam("key", "{\"id\":7}")
                .get("/topics/proxy/keys")
                .then()
                .body(equalTo("\"text\""));
        given().get("/topics/proxy/keys/12").then().body(equalTo("[1,2]"));
    }

    @Test
    void binary_records_are_stored_as_their_bytes() {
        post("proxy-binary", BINARY, "{\"records\":[{\"key\":\"Yg==\",\"value\":\"AP+A\"}]}")
                .statusCode(200)
                .body("offsets[0].offset", equalTo(0));
        assertArrayEquals(
                new byte[] {0, (byte) 0xff, (byte) 0x80},
                given().get("/topics/proxy-binary/keys/b").asByteArray());
    }

    @Test
    void null_deletes() {
        post("proxy-null", JSON, "{\"records\":[{\"key\":\"a\",\"value\":1}]}");
        given().get("/topics/proxy-null/keys/a").then().statusCode(200);
        post("proxy-null", JSON, "{\"records\":[{\"key\":\"a\",\"value\":null}]}");
        given().get("/topics/proxy-null/keys/a").then().statusCode(404);
    }

    @Test
    void each_record_that_fails_is_told_and_the_others_are_stored() {
        post(
                        "proxy-mixed",
                        JSON,
                        "{\"records\":[{\"value\":1},{\"key\":\"a\",\"value\":1},{\"key\":\"b\"},3,"
                                + "{\"key\":\"\",\"value\":1},{\"key\":\"c\",\"value\":1,\"x\":1},"
                                + "{\"key\":\"d\",\"value\":1,\"partition\":1}]}")
                .statusCode(200)
                .body("offsets", hasSize(7))
                .body("offsets[0].error_code", equalTo(42200))
                .body("offsets[0].error", containsString("no key"))
                .body("offsets[0].message", containsString("no key"))
                .body("offsets[0].partition", nullValue())
                .body("offsets[1].offset", equalTo(0))
                .body("offsets[2].error", containsString("no value"))
                .body("offsets[3].error_code", equalTo(42200))
                .body("offsets[4].error", containsString("empty"))
                .body("offsets[5].error", containsString("'x'"))
                .body("offsets[6].error", containsString("partition 0"));
        given().get("/topics/proxy-mixed").then().body("partitions[0].endOffset", equalTo(1));
        post(
                        "proxy-mixed",
                        BINARY,
                        "{\"records\":[{\"key\":\"?\",\"value\":\"\"},{\"key\":\"Yg==\",\"value\":1}]}")
                .body("offsets[0].error", containsString("base64"))
                .body("offsets[1].error", containsString("base64"));
    }

    @Test
    void half_a_surrogate_pair_is_no_character() {
        post(
                        "proxy-half",
                        JSON,
                        "{\"records\":[{\"key\":\"\\ud800\",\"value\":1},"
                                + "{\"key\":\"a\",\"value\":\"\\udc00\"}]}")
                .statusCode(200)
                .body("offsets[0].error_code", equalTo(42200))
                .body("offsets[1].error_code", equalTo(42200));
    }

    @Test
    void no_topic_is_made_for_records_that_are_none() {
        post("proxy-none", JSON, "{\"records\":[{\"value\":1},{\"key\":\"a\"}]}")
                .statusCode(200)
                .body("offsets[1].error_code", equalTo(42200));
        post("proxy-none", JSON, "{\"records\":[{\"key\":\"a\",\"value\":1,\"partition\":7}]}")
                .statusCode(200)
                .body("offsets[0].error_code", equalTo(42200));
        post(
                        "proxy-none",
                        JSON,
                        "{\"records\":[{\"key\":\"a\",\"value\":\"" + "x".repeat(1 << 21) + "\"}]}")
                .statusCode(200)
                .body("offsets[0].error_code", equalTo(413));
        post("proxy-none/partitions/3", JSON, "{\"records\":[{\"key\":\"a\",\"value\":1}]}")
                .statusCode(404);
        given().get("/topics/proxy-none").then().statusCode(404);
    }

    @Test
    void a_record_too_large_fails_alone() {
        given().contentType("application/json")
                .body("{\"name\":\"proxy-small\",\"config\":{\"max.message.bytes\":\"500\"}}")
                .post("/topics");
        post(
                        "proxy-small",
                        JSON,
                        "{\"records\":[{\"key\":\"a\",\"value\":\""
                                + "x".repeat(600)
                                + "\"},"
                                + "{\"key\":\"b\",\"value\":1}]}")
                .statusCode(200)
                .body("offsets[0].error_code", equalTo(413))
                .body("offsets[1].offset", equalTo(0));
    }

    @Test
    void records_go_to_the_partition_that_has_their_key() {
        given().contentType("application/json")
                .body("{\"name\":\"proxy-parts\",\"partitions\":3}")
                .post("/topics");
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            records.append(i == 0 ? "" : ",")
                    .append("{\"key\":\"k" + i + "\",\"value\":" + i + "}");
        }
        post("proxy-parts/partitions/1", JSON, "{\"records\":[" + records + "]}")
                .statusCode(200)
                .body("offsets.findAll { it.partition == 1 }.size()", equalTo(own(records)))
                .body(
                        "offsets.findAll { it.error_code == 42200 }.size()",
                        equalTo(30 - own(records)));
        post("proxy-parts/partitions/3", JSON, "{\"records\":[" + records + "]}")
                .statusCode(404)
                .body("error_code", equalTo(40402));
        post("proxy-parts/partitions/x", JSON, "{\"records\":[" + records + "]}").statusCode(404);
    }

    /// How many of them belong to partition 1.
    private static int own(StringBuilder records) {
        int own = 0;
        for (int i = 0; i < 30; i++) {
            byte[] key = ("k" + i).getBytes(StandardCharsets.UTF_8);
            own += dev.lastword.record.KafkaPartitioner.partition(key, 3) == 1 ? 1 : 0;
        }
        return own;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "{}", "{\"records\":[]}", "{\"records\":{}}", "null", "{} x"})
    void a_body_that_is_no_request_is_refused_in_the_proxys_form(String body) {
        post("proxy-bad", JSON, body)
                .statusCode(422)
                .body("error_code", equalTo(42200))
                .body("message", notNullValue());
        given().get("/topics/proxy-bad").then().statusCode(404);
    }

    @Test
    void a_body_too_large_is_refused() {
        post("proxy-bad", JSON, " ".repeat(8 << 20))
                .statusCode(413)
                .body("error_code", equalTo(413));
    }

    @Test
    void another_media_type_is_told_what_is_taken() {
        given().contentType("application/json")
                .body("{}")
                .post("/topics/proxy")
                .then()
                .statusCode(415)
                .body("detail", containsString("application/vnd.kafka.json.v2+json"));
    }
}
