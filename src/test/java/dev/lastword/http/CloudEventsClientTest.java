package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What CloudEvents' own SDK sends over Java's HTTP client comes back as the same event.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class CloudEventsClientTest {
    private static final JsonFormat JSON = new JsonFormat();

    private static CloudEventBuilder event(String key) {
        return CloudEventBuilder.v1()
                .withId(UUID.randomUUID().toString())
                .withSource(URI.create("https://example.com/houses/7?floor=1#hall"))
                .withType("com.example.lamp.switched")
                .withTime(OffsetDateTime.parse("2026-02-28T23:59:59.123456789+05:30"))
                .withSubject("the hall")
                .withExtension("partitionkey", key)
                .withExtension("sequence", 7)
                .withExtension("urgent", true);
    }

    /// Data of each kind: JSON, text, bytes that are no text, an empty one and none.
    private static List<CloudEvent> events(String prefix) {
        byte[] bytes = {0, (byte) 0xff, (byte) 0x80, '"', '\n'};
        return List.of(
                event(prefix + "json")
                        .withData("application/json", utf8("{\"on\":true,\"level\":[1,2.5]}"))
                        .withDataSchema(URI.create("https://example.com/schemas/lamp"))
                        .build(),
                event(prefix + "text").withData("text/plain", utf8("hello ü€😀")).build(),
                event(prefix + "bytes").withData("application/octet-stream", bytes).build(),
                event(prefix + "empty").withData("text/plain", new byte[0]).build(),
                event(prefix + "none").build());
    }

    /// The same event about what only JSON can carry: in binary mode the SDK does not encode.
    private static CloudEvent aboutMore(CloudEvent event) {
        return CloudEventBuilder.v1(event).withSubject("hall \"100 %\" ü€😀").build();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static HttpClient client(Version version) {
        return HttpClient.newBuilder().version(version).build();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://localhost:" + RestAssured.port + "/topics/sdk-events" + path));
    }

    private static HttpRequest.Builder withBody(HttpRequest.Builder request, byte[] body) {
        return request.POST(
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request)
            throws Exception {
        HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
        assertEquals(202, answer.statusCode(), answer::body);
        assertEquals("", answer.body());
        return answer;
    }

    private static CloudEvent read(HttpClient client, String key) throws Exception {
        HttpResponse<byte[]> answer =
                client.send(
                        request("/keys/" + key).header("Accept", JsonFormat.CONTENT_TYPE).build(),
                        BodyHandlers.ofByteArray());
        assertEquals(200, answer.statusCode());
        return HttpMessageFactory.createReaderFromMultimap(answer.headers().map(), answer.body())
                .toEvent();
    }

    private static void assertSame(CloudEvent sent, CloudEvent read) {
        assertEquals(sent.getAttributeNames(), read.getAttributeNames());
        for (String name : sent.getAttributeNames()) {
            assertEquals(sent.getAttribute(name), read.getAttribute(name), name);
        }
        assertEquals(sent.getExtensionNames(), read.getExtensionNames());
        for (String name : sent.getExtensionNames()) {
            // what is a header on its way is text
            assertEquals(
                    String.valueOf(sent.getExtension(name)),
                    String.valueOf(read.getExtension(name)));
        }
        CloudEventData data = sent.getData();
        if (data == null) {
            assertNull(read.getData());
        } else if (data.toBytes().length > 0) {
            assertArrayEquals(data.toBytes(), read.getData().toBytes());
        } else {
            // no data and empty data are the same to most senders
            assertTrue(read.getData() == null || read.getData().toBytes().length == 0);
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void an_event_sent_in_binary_mode_comes_back_the_same(Version version) throws Exception {
        try (HttpClient client = client(version)) {
            for (CloudEvent sent : events("binary-" + version)) {
                HttpRequest.Builder request = request("/records");
                HttpMessageFactory.createWriter(request::header, body -> withBody(request, body))
                        .writeBinary(sent);
                send(client, request);
                assertSame(sent, read(client, (String) sent.getExtension("partitionkey")));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void an_event_sent_in_structured_mode_comes_back_the_same(Version version) throws Exception {
        try (HttpClient client = client(version)) {
            for (CloudEvent event : events("structured-" + version)) {
                CloudEvent sent = aboutMore(event);
                HttpRequest.Builder request = request("/records");
                HttpMessageFactory.createWriter(request::header, body -> withBody(request, body))
                        .writeStructured(sent, JSON);
                send(client, request);
                assertSame(sent, read(client, (String) sent.getExtension("partitionkey")));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void events_sent_in_a_batch_come_back_the_same(Version version) throws Exception {
        List<CloudEvent> sent =
                events("batch-" + version).stream().map(CloudEventsClientTest::aboutMore).toList();
        try (HttpClient client = client(version)) {
            HttpResponse<String> answer =
                    send(
                            client,
                            withBody(request("/records"), batch(sent))
                                    .header(
                                            "Content-Type",
                                            "application/cloudevents-batch+json; charset=UTF-8"));
            assertEquals("5", answer.headers().firstValue("Lastword-Count").orElseThrow());
            for (CloudEvent event : sent) {
                assertSame(event, read(client, (String) event.getExtension("partitionkey")));
            }
        }
    }

    /// The SDK has no writer of batches.
    private static byte[] batch(List<CloudEvent> events) {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        String separator = "[";
        for (CloudEvent event : events) {
            batch.writeBytes(utf8(separator));
            batch.writeBytes(JSON.serialize(event));
            separator = ",";
        }
        batch.write(']');
        return batch.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void an_event_sent_again_is_the_same_event(Version version) throws Exception {
        CloudEvent event = event("again-" + version).withData("text/plain", utf8("1")).build();
        try (HttpClient client = client(version)) {
            String offset = null;
            for (int i = 0; i < 3; i++) {
                HttpRequest.Builder request = request("/records");
                HttpMessageFactory.createWriter(request::header, body -> withBody(request, body))
                        .writeBinary(event);
                String stored =
                        send(client, request).headers().firstValue("Lastword-Offset").orElseThrow();
                assertTrue(offset == null || offset.equals(stored));
                offset = stored;
            }
        }
    }
}
