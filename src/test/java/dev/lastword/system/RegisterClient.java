package dev.lastword.system;

import dev.lastword.system.RegisterHistory.Call;
import dev.lastword.system.RegisterHistory.Delete;
import dev.lastword.system.RegisterHistory.Read;
import dev.lastword.system.RegisterHistory.Refused;
import dev.lastword.system.RegisterHistory.Step;
import dev.lastword.system.RegisterHistory.Swap;
import dev.lastword.system.RegisterHistory.Write;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Reads, writes and deletes a few keys at random, conditionally on the version it saw last or not,
/// and writes down what it was answered and when. A version is an entity tag. For one thread.
final class RegisterClient {
    private final HttpClient http;
    private final URI topic;
    private final Random random;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final String name;

    /// The version of each key it saw last.
    private final Map<String, String> versions = new HashMap<>();

    private final Map<String, List<Call>> calls = new HashMap<>();

    /// The value that each version was seen with.
    private final Map<String, String> values = new HashMap<>();

    private int writes;

    RegisterClient(String name, HttpClient.Version version, URI topic, Random random) {
        this.name = name;
        this.http = HttpClient.newBuilder().version(version).build();
        this.topic = topic;
        this.random = random;
    }

    List<Call> calls(String key) {
        return calls.getOrDefault(key, List.of());
    }

    Map<String, String> values() {
        return values;
    }

    void callAtRandom(List<String> keys, int count) throws IOException, InterruptedException {
        try (http) {
            for (int i = 0; i < count; i++) {
                String key = keys.get(random.nextInt(keys.size()));
                long began = System.nanoTime();
                Step step = step(key);
                long ended = System.nanoTime();
                calls.computeIfAbsent(key, k -> new ArrayList<>())
                        .add(new Call(began, ended, step));
            }
        }
    }

    private Step step(String key) throws IOException, InterruptedException {
        String seen = versions.get(key);
        return switch (random.nextInt(seen == null ? 4 : 7)) {
            case 0 -> read(key);
            case 1 -> write(key);
            case 2 -> create(key);
            case 3 -> delete(key);
            case 4 -> deleteIf(key, String.valueOf(seen));
            default -> replace(key, String.valueOf(seen));
        };
    }

    private Step read(String key) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(key, "GET", null);
        return answer.statusCode() == 404 ? new Read(null) : new Read(note(key, answer));
    }

    private Step write(String key) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(key, "PUT", null);
        return new Write(note(key, answer), answer.statusCode() == 201);
    }

    private Step create(String key) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(key, "PUT", "If-None-Match: *");
        return isRefused(answer) ? new Refused(null) : new Swap(null, note(key, answer));
    }

    private Step replace(String key, String seen) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(key, "PUT", "If-Match: " + seen);
        return isRefused(answer) ? new Refused(seen) : new Swap(seen, note(key, answer));
    }

    private Step delete(String key) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(key, "DELETE", null);
        return answer.statusCode() == 404 ? new Read(null) : deleted(answer, new Delete());
    }

    private Step deleteIf(String key, String seen) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(key, "DELETE", "If-Match: " + seen);
        return isRefused(answer) ? new Refused(seen) : deleted(answer, new Swap(seen, null));
    }

    private static Step deleted(HttpResponse<String> answer, Step step) throws IOException {
        if (answer.statusCode() != 200) {
            throw new IOException(answer + ": " + answer.body());
        }
        return step;
    }

    private static boolean isRefused(HttpResponse<String> answer) {
        return answer.statusCode() == 412;
    }

    /// The version that an answer names.
    private String note(String key, HttpResponse<String> answer) throws IOException {
        String version =
                answer.headers()
                        .firstValue("ETag")
                        .orElseThrow(() -> new IOException(answer + ": " + answer.body()));
        versions.put(key, version);
        String value = answer.request().method().equals("PUT") ? lastValue() : answer.body();
        String other = values.put(version, value);
        if (other != null && !other.equals(value)) {
            throw new IOException(version + " is " + other + " and " + value);
        }
        return version;
    }

    private String lastValue() {
        return name + "-" + writes;
    }

    private HttpResponse<String> send(String key, String method, @Nullable String condition)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(topic.resolve("keys/" + key)).timeout(TIMEOUT);
        if (condition != null) {
            int colon = condition.indexOf(':');
            request.header(condition.substring(0, colon), condition.substring(colon + 2));
        }
        boolean writes = method.equals("PUT");
        if (writes) {
            this.writes++;
        }
        request.method(
                method, writes ? BodyPublishers.ofString(lastValue()) : BodyPublishers.noBody());
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
