package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/// The service's HTTP interface, as far as these tests use it. Whatever a call answers is the
/// caller's to judge; an [IOException] says that there is no answer. Thread-safe.
final class Api {
    static final ObjectMapper JSON = new ObjectMapper();

    /// One for all: a client has threads of its own.
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI service;

    Api(URI service) {
        this.service = service;
    }

    void awaitReady() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .ignoreException(IOException.class)
                .until(() -> get("/q/health/ready").statusCode() == 200);
    }

    HttpResponse<String> get(String target) throws IOException, InterruptedException {
        return send(request(target).GET());
    }

    HttpResponse<String> post(String target) throws IOException, InterruptedException {
        return send(request(target).POST(BodyPublishers.noBody()));
    }

    HttpResponse<String> delete(String target) throws IOException, InterruptedException {
        return send(request(target).DELETE());
    }

    /// @param config names and values in turn
    void createTopic(String name, int partitions, String... config) throws Exception {
        var topic = JSON.createObjectNode().put("name", name).put("partitions", partitions);
        var settings = topic.putObject("config");
        for (int i = 0; i < config.length; i += 2) {
            settings.put(config[i], config[i + 1]);
        }
        HttpResponse<String> response =
                send(
                        request("/topics")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(topic.toString())));
        assertEquals(201, response.statusCode(), response.body());
    }

    HttpResponse<String> putKey(String topic, String key, String json)
            throws IOException, InterruptedException {
        return send(
                request(keyTarget(topic, key))
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(json)));
    }

    HttpResponse<String> getKey(String topic, String key) throws IOException, InterruptedException {
        return get(keyTarget(topic, key));
    }

    HttpResponse<String> deleteKey(String topic, String key)
            throws IOException, InterruptedException {
        return delete(keyTarget(topic, key));
    }

    private static String keyTarget(String topic, String key) {
        return "/topics/"
                + topic
                + "/keys/"
                + URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /// Sends records, a line each.
    HttpResponse<String> write(String topic, BodyPublisher lines)
            throws IOException, InterruptedException {
        return send(
                request("/topics/" + topic + "/records")
                        .header("Content-Type", "application/x-ndjson")
                        .POST(lines));
    }

    /// Every live key with its value's text. A key that comes twice has the value it has last.
    Map<String, String> snapshot(String topic) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                HTTP.send(
                        request("/topics/" + topic + "/snapshot").GET().build(),
                        BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        Map<String, String> live = new TreeMap<>();
        try (MappingIterator<JsonNode> records =
                JSON.readerFor(JsonNode.class).readValues(response.body())) {
            while (records.hasNextValue()) {
                JsonNode record = records.nextValue();
                live.put(record.get("key").asText(), record.get("value").toString());
            }
        }
        return live;
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(service.resolve(target)).timeout(Duration.ofMinutes(2));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }
}
