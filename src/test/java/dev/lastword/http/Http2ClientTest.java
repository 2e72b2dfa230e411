package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/2 without TLS, by both ways into it: upgraded from HTTP/1.1, as Java's client does, and
/// known beforehand.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@Timeout(180)
class Http2ClientTest {
    private static final int WRITERS = 40;
    private static final int WRITES = 25;

    private static int topics;

    private final String topic = "http2-" + topics++;

    private HttpRequest.Builder key(String key) {
        return HttpRequest.newBuilder(
                        URI.create(
                                "http://localhost:"
                                        + RestAssured.port
                                        + "/topics/"
                                        + topic
                                        + "/keys/"
                                        + key))
                .timeout(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 70_000, 900_000})
    void the_first_request_of_a_connection_may_be_a_write_of_any_size(int bytes) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(Version.HTTP_2).build()) {
            String value = "x".repeat(bytes);
            HttpResponse<String> put =
                    client.send(
                            key("first").PUT(BodyPublishers.ofString(value)).build(),
                            BodyHandlers.ofString());
            assertEquals(201, put.statusCode(), put::body);
            HttpResponse<String> read = client.send(key("first").build(), BodyHandlers.ofString());
            assertEquals(Version.HTTP_2, read.version());
            assertEquals(value, read.body());
        }
    }

    @Test
    void streams_of_one_connection_write_and_read_at_once_and_each_finds_what_it_wrote()
            throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(Version.HTTP_2).build();
                ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            // upgrades the connection, on which the others are streams then
            client.send(
                    key("first").PUT(BodyPublishers.ofString("0")).build(),
                    BodyHandlers.discarding());
            List<Future<?>> running = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                String key = "k" + w;
                running.add(
                        writers.submit(() -> {
                            writeAndRead(client, key);
                            return null;
                        }));
            }
            for (Future<?> writer : running) {
                writer.get();
            }
        }
        List<Integer> ends = get("/topics/" + topic).path("partitions.endOffset");
        assertEquals(List.of(WRITERS * WRITES + 1), ends);
    }

    private void writeAndRead(HttpClient client, String key) throws Exception {
        String tag = null;
        for (int i = 0; i < WRITES; i++) {
            HttpRequest.Builder put = key(key).PUT(BodyPublishers.ofString(key + "=" + i));
            if (tag == null) {
                put.header("If-None-Match", "*");
            } else {
                put.header("If-Match", tag);
            }
            HttpResponse<String> written = client.send(put.build(), BodyHandlers.ofString());
            assertEquals(tag == null ? 201 : 200, written.statusCode(), written::body);
            assertEquals(Version.HTTP_2, written.version());
            HttpResponse<String> read = client.send(key(key).build(), BodyHandlers.ofString());
            assertEquals(key + "=" + i, read.body());
            tag = read.headers().firstValue("etag").orElseThrow();
            assertEquals(written.headers().firstValue("etag").orElseThrow(), tag);
        }
    }

    @Test
    void a_client_that_knows_beforehand_begins_with_http2() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            var client =
                    vertx.createHttpClient(
                            new HttpClientOptions()
                                    .setProtocolVersion(HttpVersion.HTTP_2)
                                    .setHttp2ClearTextUpgrade(false)
                                    .setDefaultPort(RestAssured.port));
            String path = "/topics/" + topic + "/keys/a";
            Buffer read =
                    client.request(HttpMethod.PUT, path)
                            .compose(r -> r.send(Buffer.buffer("1")))
                            .compose(put -> {
                                assertEquals(201, put.statusCode());
                                assertEquals(HttpVersion.HTTP_2, put.version());
                                return client.request(HttpMethod.GET, path);
                            })
                            .compose(r -> r.send())
                            .compose(found -> found.body())
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS);
            assertEquals("1", read.toString());
        } finally {
            assertTrue(
                    vertx.close()
                            .toCompletionStage()
                            .toCompletableFuture()
                            .handle((done, e) -> e == null)
                            .get(60, TimeUnit.SECONDS));
        }
    }
}
