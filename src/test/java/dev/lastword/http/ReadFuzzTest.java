package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Random requests at every call that reads: none is answered as if the service were at fault, none
/// changes anything, none leaves a stream behind. `-Dfuzz=` sends more, `-Dseed=` others.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class ReadFuzzTest {
    private static final int REQUESTS = 3000;
    private static final String TOPIC = "fuzz";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> TARGETS =
            List.of(
                    "/topics",
                    "/topics/fuzz",
                    "/topics/fuzz/config",
                    "/topics/fuzz/keys/$K",
                    "/topics/fuzz/keys/$K?wait=1ms&ifNewer=$E-0-1",
                    "/topics/fuzz/keys/$K?wait=$D&ifNewer=$V",
                    "/topics/fuzz/keys?key=$K",
                    "/topics/fuzz/keys?keyBase64=$V",
                    "/topics/fuzz/keys?prefix=$K&limit=$N&after=$K",
                    "/topics/fuzz/keys?prefixBase64=$V&afterBase64=$V",
                    "/topics/fuzz/partitions/$N/records?offset=$N&limit=$N&maxBytes=$N",
                    "/topics/fuzz/partitions/0/records?offset=$N",
                    "/topics/fuzz/snapshot?prefix=$K",
                    "/topics/fuzz/changes?from=$V&partitions=$N-$N",
                    "/topics/fuzz/changes?from=$E;0:$N,1:$N&key=$K",
                    "/topics/fuzz/changes?from=earliest&prefix=$K",
                    "/topics/fuzz/compactions",
                    "/topics/fuzz/compactions/$V",
                    "/cleaner",
                    "/$V");

    private static final List<String> HEADERS =
            List.of(
                    "Accept: $V",
                    "Accept: text/event-stream",
                    "Accept: application/json;q=0.5, */*;q=$V",
                    "Accept-Encoding: gzip",
                    "Accept-Encoding: $V",
                    "If-None-Match: $V",
                    "If-Match: \"$E-0-$N\"",
                    "If-None-Match: W/\"$E-0-$N-gzip\", \"$V\"",
                    "Last-Event-ID: $V",
                    "Last-Event-ID: $E;0:$N",
                    "Range: bytes=$N-$N",
                    "Expect: $V");

    private static final String ODD =
            "az09%/\\\"'<>;:,.?&=#+-_~ \t{}[]*()\u0000\u0001\u007f\u00e9\u20ac\u2028\ud83d\ude00";

    private static String epoch = "";

    @Test
    void reads_never_fail_and_change_nothing() throws IOException {
        long seed = Long.getLong("seed", 5);
        Random random = new Random(seed);
        given().contentType("application/json")
                .body("{\"name\":\"fuzz\",\"partitions\":2}")
                .post("/topics");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            lines.append(
                    "{\"key\":\"k" + i % 50 + "\",\"value\":" + (i % 7 == 0 ? null : i) + "}\n");
        }
        given().header("Content-Type", "application/x-ndjson")
                .body(lines.toString().getBytes(StandardCharsets.US_ASCII))
                .post("/topics/fuzz/records")
                .then()
                .statusCode(200);
        epoch = get("/topics/fuzz").path("epoch");
        String before = state();
        Map<Integer, Integer> statuses = new TreeMap<>();
        int requests = Integer.getInteger("fuzz", REQUESTS);
        for (int i = 0; i < requests; i++) {
            String request = request(random);
            try {
                RawHttp.Answer answer = send(request);
                statuses.merge(answer.status(), 1, Integer::sum);
                check(answer);
            } catch (IOException | AssertionError e) {
                throw new AssertionError(
                        e.getMessage() + " to request " + i + " of seed " + seed + ":\n" + request,
                        e);
            }
        }
        assertEquals(before, state());
        assertTrue(statuses.getOrDefault(200, 0) > requests / 10, statuses::toString);
        assertTrue(statuses.getOrDefault(400, 0) > requests / 10, statuses::toString);
        Awaitility.await()
                .until(() -> get("/q/metrics").asString().contains("\nlastword_subscribers 0.0\n"));
    }

    private static String state() {
        return get("/topics").asString() + get("/topics/" + TOPIC + "/snapshot").asString();
    }

    private static String request(Random random) {
        StringBuilder text = new StringBuilder();
        text.append(random.nextInt(10) == 0 ? "HEAD " : "GET ");
        text.append(fill(random, TARGETS.get(random.nextInt(TARGETS.size())), false));
        text.append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(fill(random, HEADERS.get(random.nextInt(HEADERS.size())), true));
            text.append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    private static String fill(Random random, String template, boolean header) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < template.length(); i++) {
            if (template.charAt(i) != '$') {
                text.append(template.charAt(i));
                continue;
            }
            i++;
            switch (template.charAt(i)) {
                case 'K' ->
                        text.append(
                                random.nextBoolean()
                                        ? "k" + random.nextInt(60)
                                        : odd(random, header));
                case 'V' -> text.append(odd(random, header));
                case 'D' -> text.append(random.nextInt(3)).append("ms");
                case 'E' -> text.append(random.nextInt(4) == 0 ? "ffff" : epoch);
                case 'N' ->
                        text.append(
                                switch (random.nextInt(5)) {
                                    case 0 -> Long.toString(random.nextLong());
                                    case 1 -> "";
                                    case 2 -> "99999999999999999999";
                                    default -> Integer.toString(random.nextInt(200));
                                });
                default -> throw new IllegalArgumentException(template);
            }
        }
        return text.toString();
    }

    /// In a target and in a header no spaces and line ends, which would make another request of it.
    private static String odd(Random random, boolean header) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(20) == 0 ? random.nextInt(6000) : random.nextInt(12);
        while (text.length() < length) {
            char c = ODD.charAt(random.nextInt(ODD.length()));
            if (header ? c >= ' ' : c > ' ') {
                text.append(c);
            }
            if (random.nextInt(3) == 0 && !header) {
                text.append(String.format("%%%02x", random.nextInt(256)));
            }
        }
        return text.toString();
    }

    /// The whole answer, but for changes, which would not end.
    private static RawHttp.Answer send(String request) throws IOException {
        try (RawHttp raw = new RawHttp()) {
            RawHttp.Answer head = raw.send(request).answerHead();
            boolean isEmpty = request.startsWith("HEAD") || head.status() == 304;
            boolean isEndless = request.contains("/changes") && head.status() == 200;
            return isEmpty || isEndless ? head : raw.withBody(head);
        }
    }

    /// Each refusal says what to do, but for that of what is no HTTP.
    private static void check(RawHttp.Answer answer) throws IOException {
        int status = answer.status();
        assertTrue(status < 500 || status == 503, answer::toString);
        if (status < 400) {
            return;
        }
        String type = answer.headers().get("content-type");
        if (type == null) {
            assertTrue(status == 400 || status == 431, answer::toString);
            assertEquals("", answer.body());
            return;
        }
        assertEquals("application/problem+json", type, answer::toString);
        if (!answer.body().isEmpty()) { // HEAD
            JsonNode problem = JSON.readTree(answer.body());
            assertEquals(status, problem.path("status").asInt(), answer::toString);
            assertTrue(problem.path("detail").asText().length() > 15, answer::toString);
        }
    }
}
