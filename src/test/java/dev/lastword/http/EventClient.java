package dev.lastword.http;

import io.restassured.RestAssured;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Server-sent events as a browser takes them: it keeps the last id, also of an event without data,
/// and names it when it connects again. An event that is cut off before its end has not come, and
/// neither has its id.
///
/// Over HTTP/2 an answer of a few bytes comes first, for Java's client (17 and 25 at least) may
/// lose buffers of the answer that upgrades a connection: of all that it read at once, the first
/// makes another thread change over to HTTP/2, which takes what is there by then, and the rest
/// still goes to where nobody reads any more (`Http1AsyncReceiver`, `onNext` and `drain`). One
/// buffer, 16 KiB, is safe. What the service sends on such a stream is looked at by
/// [Http2FramesTest].
final class EventClient implements AutoCloseable {
    /// @param type `message` unless the event says otherwise
    record Event(String type, String id, String data) {}

    private final HttpClient client;
    private final HttpClient.Version version;
    private final URI uri;
    private boolean upgraded;
    private String lastEventId = "";
    private @Nullable HttpResponse<InputStream> response;
    private @Nullable BufferedReader lines;

    EventClient(String target) {
        this(target, HttpClient.Version.HTTP_1_1);
    }

    EventClient(String target, HttpClient.Version version) {
        this(RestAssured.port, target, version);
    }

    EventClient(int port, String target, HttpClient.Version version) {
        this.version = version;
        this.client = HttpClient.newBuilder().version(version).build();
        this.uri = URI.create("http://localhost:" + port + target);
    }

    /// Connects, anew if it was connected before.
    EventClient connect() throws Exception {
        leave();
        if (version == HttpClient.Version.HTTP_2 && !upgraded) {
            URI small = uri.resolve("/q/health/live");
            client.send(HttpRequest.newBuilder(small).build(), BodyHandlers.discarding());
            upgraded = true;
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).header("Accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        response = client.send(request.build(), BodyHandlers.ofInputStream());
        if (response.version() != version) {
            throw new IOException("answered by " + response.version());
        }
        lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        return this;
    }

    HttpResponse<InputStream> response() {
        if (response == null) {
            throw new IllegalStateException("not connected");
        }
        return response;
    }

    String lastEventId() {
        return lastEventId;
    }

    /// The next event with data; null at the proper end of the stream.
    @Nullable Event next() throws IOException {
        Event event = nextOrPosition();
        while (event != null && event.data().isEmpty()) {
            event = nextOrPosition();
        }
        return event;
    }

    /// The next event, also one without data, which a browser would not tell of.
    @Nullable Event nextOrPosition() throws IOException {
        String id = lastEventId;
        String type = "message";
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty()) {
                lastEventId = id;
                return new Event(type, lastEventId, data.toString());
            } else if (!line.startsWith(":")) {
                int colon = line.indexOf(':');
                String value = line.substring(colon + 1).stripLeading();
                switch (line.substring(0, colon)) {
                    case "id" -> id = value;
                    case "event" -> type = value;
                    case "data" -> data.append(value);
                    default -> throw new IOException("what is " + line);
                }
            }
        }
        return null;
    }

    /// Reads until an id comes without data.
    void awaitPosition() throws IOException {
        for (Event e = nextOrPosition(); e != null; e = nextOrPosition()) {
            if (e.data().isEmpty()) {
                return;
            }
        }
        throw new IOException("the stream ended");
    }

    boolean isConnected() {
        return response != null;
    }

    void leave() throws IOException {
        if (response != null) {
            response.body().close();
            response = null;
        }
    }

    @Override
    public void close() throws IOException {
        leave();
        client.shutdownNow();
    }
}
