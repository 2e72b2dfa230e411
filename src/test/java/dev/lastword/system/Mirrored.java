package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastword.interop.KafkaSource.Seen;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// What the service has of a mirrored topic.
final class Mirrored {
    private final Api api;
    private final String topic;

    Mirrored(Api api, String topic) {
        this.api = api;
        this.topic = topic;
    }

    JsonNode description() throws Exception {
        return Api.JSON.readTree(api.get("/topics/" + topic).body());
    }

    JsonNode partition(int p) throws Exception {
        return description().path("partitions").path(p);
    }

    void awaitState(int partition, String state) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() ->
                        assertEquals(
                                state,
                                partition(partition).path("mirrorState").asText(),
                                () -> describe()));
    }

    private String describe() {
        try {
            return description().toString();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// Waits until its records are these, no more and no fewer.
    void awaitRecords(List<Seen> expected) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptionsInstanceOf(java.io.IOException.class)
                .untilAsserted(() -> assertSame(expected, records()));
    }

    private static void assertSame(List<Seen> expected, List<Seen> actual) {
        int same = 0;
        while (same < Math.min(expected.size(), actual.size())
                && expected.get(same).equals(actual.get(same))) {
            same++;
        }
        if (same < Math.max(expected.size(), actual.size())) {
            throw new AssertionError(
                    "%d records expected, %d there; from the %dth on: expected %s, was %s"
                            .formatted(
                                    expected.size(),
                                    actual.size(),
                                    same,
                                    same < expected.size() ? expected.get(same) : "none",
                                    same < actual.size() ? actual.get(same) : "none"));
        }
    }

    List<Seen> records() throws Exception {
        List<Seen> all = new ArrayList<>();
        int partitions = description().path("partitions").size();
        for (int p = 0; p < partitions; p++) {
            long offset = partition(p).get("startOffset").asLong();
            while (true) {
                HttpResponse<String> page =
                        api.get(
                                "/topics/%s/partitions/%d/records?limit=10000&offset=%d"
                                        .formatted(topic, p, offset));
                assertEquals(200, page.statusCode(), page.body());
                for (String line : page.body().lines().toList()) {
                    all.add(seen(p, Api.JSON.readTree(line)));
                }
                long next =
                        Long.parseLong(
                                page.headers().firstValue("Lastword-Next-Offset").orElseThrow());
                if (next == offset) {
                    break;
                }
                offset = next;
            }
        }
        return all;
    }

    private static Seen seen(int partition, JsonNode r) {
        List<String> headers = new ArrayList<>();
        r.path("headers")
                .forEach(h -> headers.add(h.get("name").asText() + "=" + bytes(h, "value")));
        return new Seen(
                partition,
                r.get("offset").asLong(),
                bytes(r, "key"),
                r.has("valueText")
                        ? r.get("valueText").asText()
                        : r.has("valueBase64") ? bytes(r, "value") : text(r.get("value")),
                r.get("timestamp").asLong(),
                headers);
    }

    private static @Nullable String bytes(JsonNode node, String name) {
        if (node.has(name + "Base64")) {
            byte[] bytes = Base64.getDecoder().decode(node.get(name + "Base64").asText());
            return new String(bytes, StandardCharsets.UTF_8);
        }
        JsonNode text = node.get(name);
        return text == null || text.isNull() ? null : text.asText();
    }

    private static @Nullable String text(@Nullable JsonNode value) {
        return value == null || value.isNull() ? null : value.toString();
    }
}
