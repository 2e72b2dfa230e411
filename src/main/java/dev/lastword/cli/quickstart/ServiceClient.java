package dev.lastword.cli.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// The calls that the quickstart makes. Bodies of records go out and come in as streams.
final class ServiceClient implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int NO_CONTENT = 204;
    private static final int NOT_FOUND = 404;
    private static final int TOLD_BYTES_MAX = 1 << 16;
    private static final long READY_SECONDS_MAX = 120;
    private static final long READY_EVERY_MS = 50;

    private final URI service;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();

    ServiceClient(URI service) {
        this.service = service;
    }

    URI service() {
        return service;
    }

    /// Waits until reads are right.
    void awaitReady(ChildService child) throws QuickstartException {
        long endNanos = System.nanoTime() + Duration.ofSeconds(READY_SECONDS_MAX).toNanos();
        while (!isReady()) {
            if (!child.isAlive() || System.nanoTime() > endNanos) {
                throw new QuickstartException(
                        "The service did not become ready:\n" + child.lastLines());
            }
            try {
                Thread.sleep(READY_EVERY_MS); // another process: it can only be asked
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new QuickstartException("stopped while the service started", e);
            }
        }
    }

    private boolean isReady() {
        try {
            return send(get("/q/health/ready"), BodyHandlers.discarding()).statusCode() == OK;
        } catch (QuickstartException e) {
            return false;
        }
    }

    boolean exists(String topic) throws QuickstartException {
        return send(get("/topics/" + topic), BodyHandlers.discarding()).statusCode() != NOT_FOUND;
    }

    void create(JsonNode topic) throws QuickstartException {
        HttpRequest request =
                request("/topics")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(topic.toString()))
                        .build();
        call("making the topic", request, CREATED);
    }

    void delete(String topic) throws QuickstartException {
        call("deleting the topic", request("/topics/" + topic).DELETE().build(), NO_CONTENT);
    }

    JsonNode describe(String topic) throws QuickstartException {
        return call("describing the topic", get("/topics/" + topic), OK);
    }

    /// Sends records, a line each.
    JsonNode write(String topic, BodyPublisher lines) throws QuickstartException {
        HttpRequest request =
                request("/topics/" + topic + "/records")
                        .header("Content-Type", "application/x-ndjson")
                        .POST(lines)
                        .build();
        return call("sending the records", request, OK);
    }

    JsonNode compact(String topic) throws QuickstartException {
        HttpRequest request =
                request("/topics/" + topic + "/compactions?wait=true")
                        .POST(BodyPublishers.noBody())
                        .build();
        return call("compacting", request, OK);
    }

    /// The live records, a line each. What is cut short ends with an [IOException].
    InputStream snapshot(String topic) throws QuickstartException {
        HttpResponse<InputStream> response =
                send(get("/topics/" + topic + "/snapshot"), BodyHandlers.ofInputStream());
        if (response.statusCode() != OK) {
            throw refused("reading the snapshot", response);
        }
        return response.body();
    }

    private JsonNode call(String what, HttpRequest request, int expected)
            throws QuickstartException {
        HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
        if (response.statusCode() != expected) {
            throw refused(what, response);
        }
        try (InputStream body = response.body()) {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new QuickstartException(what + ": the answer broke off", e);
        }
    }

    private static QuickstartException refused(String what, HttpResponse<InputStream> response) {
        String told;
        try (InputStream body = response.body()) {
            told = told(body.readNBytes(TOLD_BYTES_MAX));
        } catch (IOException e) {
            told = "(why it did cannot be read: " + e.getMessage() + ")";
        }
        return new QuickstartException(
                "The service refused " + what + " with " + response.statusCode() + ": " + told);
    }

    /// What a problem document says; of anything else, all of it.
    private static String told(byte[] body) {
        try {
            JsonNode problem = JSON.readTree(body);
            if (problem != null && problem.hasNonNull("detail")) {
                String accepted =
                        problem.hasNonNull("accepted")
                                ? " (" + problem.get("accepted").asLong() + " records are stored)"
                                : "";
                return problem.get("detail").asText() + accepted;
            }
        } catch (JsonProcessingException e) {
            // told as it is
        } catch (IOException e) {
            return e.toString();
        }
        return new String(body, StandardCharsets.UTF_8);
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws QuickstartException {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new QuickstartException(
                    "The service does not answer "
                            + request.method()
                            + " "
                            + request.uri().getPath()
                            + ": "
                            + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QuickstartException("stopped while waiting for the service", e);
        }
    }

    private HttpRequest get(String target) {
        return request(target).GET().build();
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(service.resolve(target));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
