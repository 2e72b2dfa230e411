package dev.lastword.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.log.AppendRequest;
import dev.lastword.log.LogStore;
import dev.lastword.log.MirroredRecords;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.StreamFence;
import dev.lastword.record.TimestampType;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reads of many keys, packed reads, and reads that wait.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@Timeout(180)
class KeyListsTest {
    private static final String PROBLEM = "application/problem+json";

    private static int topics;

    @Inject LogStore store;

    private final String topic = "lists-" + topics++;
    private final String base = "/topics/" + topic;

    private String put(String key, String value) {
        return given().contentType("application/json")
                .urlEncodingEnabled(false)
                .body(value)
                .put(base + "/keys/" + key)
                .header("ETag");
    }

    private Response batch(String accept, String body) {
        return given().accept(accept)
                .contentType("application/json")
                .urlEncodingEnabled(false)
                .body(body)
                .post(base + "/keys:get");
    }

    @Test
    void keys_are_answered_in_the_order_asked_and_those_without_a_value_left_out() {
        put("a", "1");
        put("b", "2");
        put("%FF", "3");
        put("gone", "4");
        given().delete(base + "/keys/gone");
        String asked =
                "{\"keys\":[\"b\",\"none\",{\"keyBase64\":\"/w==\"},\"gone\",{\"key\":\"a\"}]}";
        String lines = batch("*/*", asked).then().statusCode(200).extract().asString();
        assertEquals(
                List.of("2", "3", "1"),
                lines.lines().map(l -> new JsonPath(l).getString("value")).toList());
        batch("application/json", asked)
                .then()
                .statusCode(200)
                .contentType("application/json")
                .body("key", equalTo(Arrays.asList("b", null, "a")))
                .body("offset", equalTo(List.of(1, 2, 0)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "[] | ",
                "{} | keys",
                "{\"keys\":1} | keys",
                "{\"keys\":[],\"more\":1} | keys",
                "{\"keys\":[\"a\",7]} | keys[1]",
                "{\"keys\":[null]} | keys[0]",
                "{\"keys\":[{}]} | keys[0]",
                "{\"keys\":[{\"key\":\"a\",\"keyBase64\":\"YQ==\"}]} | keys[0]",
                "{\"keys\":[{\"keyBase64\":\"*\"}]} | keys[0]",
                "{\"keys\":[\"\\ud800\"]} | keys[0]",
                "{\"keys\":[\"a\" | "
            })
    void a_batch_that_is_none_is_refused_and_named(String body, String field) {
        put("a", "1");
        batch("*/*", body)
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("field", equalTo(field));
    }

    @Test
    void a_batch_has_a_bound() {
        put("a", "1");
        String keys = "\"a\",".repeat(1000) + "\"a\"";
        batch("*/*", "{\"keys\":[" + keys + "]}").then().statusCode(400);
        String fewer = "\"a\",".repeat(999) + "\"a\"";
        String lines =
                batch("*/*", "{\"keys\":[" + fewer + "]}")
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString();
        assertEquals(1000, lines.lines().count());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void pages_are_all_live_keys_in_the_order_of_their_bytes(long seed) {
        given().contentType("application/json")
                .body("{\"name\":\"" + topic + "\",\"partitions\":3}")
                .post("/topics");
        Random random = new Random(seed);
        TreeMap<byte[], String> model = new TreeMap<>(Arrays::compareUnsigned);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            byte[] key = new byte[1 + random.nextInt(3)];
            random.nextBytes(key);
            key[0] = (byte) (random.nextInt(3) * 127);
            String base64 = Base64.getEncoder().encodeToString(key);
            boolean gone = random.nextInt(5) == 0;
            lines.append(
                    "{\"keyBase64\":\"" + base64 + "\",\"value\":" + (gone ? null : i) + "}\n");
            if (gone) {
                model.remove(key);
            } else {
                model.put(key, Integer.toString(i));
            }
        }
        given().header("Content-Type", "application/x-ndjson")
                .body(lines.toString().getBytes(StandardCharsets.US_ASCII))
                .post(base + "/records")
                .then()
                .statusCode(200);
        assertEquals(new ArrayList<>(model.values()), walk(base + "/keys?limit=7"));
        assertEquals(new ArrayList<>(model.values()), walk(base + "/keys?limit=1000"));
        var middle = model.subMap(new byte[] {127}, true, new byte[] {(byte) 128}, false);
        assertEquals(
                new ArrayList<>(middle.values()), walk(base + "/keys?prefixBase64=fw&limit=20"));
    }

    private static List<String> walk(String first) {
        List<String> values = new ArrayList<>();
        String next = first;
        while (next != null) {
            Response page = given().accept("application/json").urlEncodingEnabled(false).get(next);
            assertEquals(200, page.statusCode(), page.asString());
            List<Object> found = page.path("value");
            found.forEach(v -> values.add(String.valueOf(v)));
            String link = page.header("Link");
            next = link == null ? null : link.substring(1, link.indexOf('>'));
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"limit=0, limit", "limit=1001, limit", "limit=x, limit", "after=%2, after"})
    void a_page_that_makes_no_sense_is_refused_and_named(String query, String field)
            throws IOException {
        put("a", "1");
        try (RawHttp http = new RawHttp()) {
            http.head("GET " + base + "/keys?" + query);
            RawHttp.Answer answer = http.answer();
            assertEquals(400, answer.status());
            assertTrue(answer.body().contains("\"field\":\"" + field + "\""), answer.body());
        }
    }

    private HttpResponse<byte[]> getPacked(String target, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + target))
                        .header("Accept-Encoding", "gzip");
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        }
    }

    private static byte[] unpack(byte[] packed) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
    }

    @Test
    void a_large_text_is_packed_on_demand_and_has_a_tag_of_its_own() throws Exception {
        String value = "\"" + "lastword ".repeat(1000) + "\"";
        String tag = put("a", value);
        String packedTag = tag.substring(0, tag.length() - 1) + "-gzip\"";
        HttpResponse<byte[]> packed = getPacked(base + "/keys/a");
        assertEquals("gzip", packed.headers().firstValue("content-encoding").get());
        assertEquals("Accept, Accept-Encoding", packed.headers().firstValue("vary").get());
        assertEquals(packedTag, packed.headers().firstValue("etag").get());
        assertArrayEquals(value.getBytes(StandardCharsets.UTF_8), unpack(packed.body()));
        assertTrue(packed.body().length < 1000);
        for (String known : List.of(tag, packedTag, "W/" + packedTag)) {
            HttpResponse<byte[]> same = getPacked(base + "/keys/a", "If-None-Match", known);
            assertEquals(304, same.statusCode());
            assertEquals(packedTag, same.headers().firstValue("etag").get());
        }
        given().header("If-Match", "W/" + packedTag)
                .body("new")
                .put(base + "/keys/a")
                .then()
                .statusCode(200);
        given().header("If-Match", packedTag)
                .body("new")
                .put(base + "/keys/a")
                .then()
                .statusCode(412);
    }

    @Test
    void small_values_and_those_that_are_packed_already_are_left_alone() throws Exception {
        put("small", "1");
        given().contentType("image/png").body(new byte[5000]).put(base + "/keys/image");
        for (String key : List.of("small", "image")) {
            HttpResponse<byte[]> plain = getPacked(base + "/keys/" + key);
            assertTrue(plain.headers().firstValue("content-encoding").isEmpty());
        }
    }

    @Test
    void streams_are_packed_on_demand() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            lines.append("{\"key\":\"k" + i + "\",\"value\":\"" + "x".repeat(i % 50) + "\"}\n");
        }
        given().header("Content-Type", "application/x-ndjson")
                .body(lines.toString().getBytes(StandardCharsets.US_ASCII))
                .post(base + "/records");
        for (String target : List.of("/snapshot", "/partitions/0/records?limit=9000", "/keys")) {
            HttpResponse<byte[]> packed = getPacked(base + target);
            assertEquals("gzip", packed.headers().firstValue("content-encoding").get());
            byte[] plain = given().get(base + target).asByteArray();
            assertArrayEquals(plain, unpack(packed.body()));
            assertTrue(packed.body().length < plain.length / 2);
        }
    }

    private CompletableFuture<Response> later(String query) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        Thread.startVirtualThread(() ->
                answer.complete(given().urlEncodingEnabled(false).get(base + "/keys/" + query)));
        org.awaitility.Awaitility.await()
                .until(() ->
                        given().get("/q/metrics").asString().contains("lastword_subscribers 1"));
        return answer;
    }

    @Test
    void a_read_waits_for_a_newer_version_of_its_key() {
        String tag = put("a", "1").replace("\"", "");
        CompletableFuture<Response> answer = later("a?wait=3m&ifNewer=" + tag);
        put("b", "1");
        put("a", "2");
        answer.join().then().statusCode(200).body(equalTo("2"));
        given().get(base + "/keys/a?wait=3m&ifNewer=" + tag).then().body(equalTo("2"));
    }

    @Test
    void a_read_waits_for_a_deletion_and_for_a_first_value() {
        String tag = put("a", "1").replace("\"", "%22");
        CompletableFuture<Response> gone = later("a?wait=3m&ifNewer=" + tag);
        given().delete(base + "/keys/a");
        gone.join().then().statusCode(404);
        CompletableFuture<Response> back = later("a?wait=3m");
        put("a", "2");
        back.join().then().statusCode(200).body(equalTo("2"));
    }

    private void mirror(int partition, long offset, long timestamp, String value) {
        PartitionLog log = store.topic(topic).partition(partition);
        MirroredRecords records = MirroredRecords.into(log);
        records.add(
                offset,
                TimestampType.CREATE_TIME,
                0,
                timestamp,
                new byte[] {'a'},
                value.getBytes(StandardCharsets.UTF_8),
                List.of());
        AppendRequest request = AppendRequest.mirrored(records, new StreamFence());
        log.append(request);
        request.result().join();
    }

    @Test
    void a_read_waits_for_a_mirrored_key_in_whatever_partition_it_comes() {
        store.createMirrored(topic, 2, "id");
        for (int partition = 0; partition < 2; partition++) {
            mirror(partition, 5, 1000 + partition, "p" + partition);
        }
        String tag = given().get(base + "/keys/a").header("ETag").replace("\"", "");
        for (int partition = 0; partition < 2; partition++) {
            CompletableFuture<Response> answer = later("a?wait=3m&ifNewer=" + tag);
            mirror(partition, 9, 2000 + partition, "new" + partition);
            answer.join().then().statusCode(200).body(equalTo("new" + partition));
            given().get(base + "/keys/a?wait=3m&ifNewer=" + tag)
                    .then()
                    .body(equalTo("new" + partition));
            tag = given().get(base + "/keys/a").header("ETag").replace("\"", "");
        }
    }

    @Test
    void a_read_does_not_wait_for_ever() {
        String tag = put("a", "1").replace("\"", "");
        given().get(base + "/keys/a?wait=10ms&ifNewer=" + tag).then().statusCode(304);
        given().get(base + "/keys/a?wait=0s&ifNewer=W/%22" + tag + "%22").then().statusCode(200);
        given().urlEncodingEnabled(false)
                .get(base + "/keys/a?wait=0s&ifNewer=W/%22" + tag + "%22")
                .then()
                .statusCode(304);
        given().get(base + "/keys/b?wait=10ms").then().statusCode(404);
        CompletableFuture<Response> ended = later("b?wait=3m");
        given().delete(base).then().statusCode(204);
        assertTrue(ended.join().statusCode() >= 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait=", "wait=11m", "wait=1h", "wait=-1", "wait=1s&ifNewer=\"a"})
    void a_wait_that_makes_no_sense_is_refused(String query) throws IOException {
        put("a", "1");
        try (RawHttp http = new RawHttp()) {
            http.head("GET " + base + "/keys/a?" + query);
            RawHttp.Answer answer = http.answer();
            assertEquals(400, answer.status());
            assertTrue(answer.headers().get("content-type").startsWith(PROBLEM));
        }
        given().get(base + "/keys/a")
                .then()
                .statusCode(200)
                .header("Vary", "Accept, Accept-Encoding");
    }
}
