package dev.lastword.http;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every byte of what goes out over HTTP/2 without TLS, by both ways into it and with windows that
/// cut it anywhere. On the way by upgrade the first answer is seen by nobody else: Java's client
/// may lose some of it ([EventClient]).
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
@Timeout(180)
class Http2FramesTest {
    private static final int PARTITIONS = 3;
    private static final int RECORDS = 6000;
    private static final int RECORDS_AT_ONCE = 500;
    private static final int EVENTS_PER_STREAM_MAX = 1000;
    private static final int FOLLOWERS = 4;
    private static final int STREAMS_PER_CONNECTION = 3;

    private static final Pattern EVENT =
            Pattern.compile(
                    "id: ([0-9a-f]+;0:(\\d+),1:(\\d+),2:(\\d+))\n"
                            + "data: \\{\"partition\":(\\d),\"offset\":(\\d+),\"timestamp\":\\d{13},"
                            + "\"key\":\"k\\d+\",\"value\":(-?\\d+|null)}\n\n");
    private static final Pattern POSITION =
            Pattern.compile("id: ([0-9a-f]+;0:(\\d+),1:(\\d+),2:(\\d+))\n\n");

    private static int topics;

    private final String topic = "frames-" + topics++;

    @BeforeEach
    void write() {
        given().contentType("application/json")
                .body("{\"name\":\"%s\",\"partitions\":%d}".formatted(topic, PARTITIONS))
                .post("/topics")
                .then()
                .statusCode(201);
        Random random = new Random(1);
        for (int i = 0; i < RECORDS; i += RECORDS_AT_ONCE) {
            StringBuilder lines = new StringBuilder();
            for (int k = 0; k < RECORDS_AT_ONCE; k++) {
                String value = random.nextInt(4) == 0 ? null : Integer.toString(random.nextInt());
                lines.append("{\"key\":\"k%d\",\"value\":%s}\n".formatted(i + k, value));
            }
            given().header("Content-Type", "application/x-ndjson")
                    .body(lines.toString().getBytes(StandardCharsets.US_ASCII))
                    .post("/topics/" + topic + "/records")
                    .then()
                    .statusCode(200);
        }
    }

    private static RawHttp2 ask(
            boolean upgraded, int window, Random random, String target, String... headers)
            throws IOException {
        return upgraded
                ? RawHttp2.upgraded(window, random, target, headers)
                : RawHttp2.known(window, random, target, headers);
    }

    /// Clients at once, each of which leaves streams in the midst of an event and takes them up on
    /// the same connection, or on another.
    @ParameterizedTest
    @CsvSource({
        "true, 1000",
        "true, 65535",
        "true, 16777216",
        "false, 1000",
        "false, 65535",
        "false, 16777216"
    })
    void events_arrive_whole_and_once_however_streams_are_left(boolean upgraded, int window)
            throws Exception {
        List<Follower> followers = new ArrayList<>();
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < FOLLOWERS; i++) {
                Follower follower = new Follower(upgraded, window, new Random(window + i));
                followers.add(follower);
                running.add(
                        threads.submit(() -> {
                            follower.followAll();
                            return null;
                        }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        List<Integer> ends = get("/topics/" + topic).path("partitions.endOffset");
        long[] end = ends.stream().mapToLong(Integer::longValue).toArray();
        for (Follower follower : followers) {
            assertArrayEquals(end, follower.next);
        }
    }

    /// Takes all the events of the topic.
    private final class Follower {
        private final boolean upgraded;
        private final int window;
        private final Random random;

        private final long[] next = new long[PARTITIONS];
        private int taken;
        private String lastEventId = "";

        Follower(boolean upgraded, int window, Random random) {
            this.upgraded = upgraded;
            this.window = window;
            this.random = random;
        }

        void followAll() throws IOException {
            String target = "/topics/" + topic + "/changes?from=earliest";
            while (taken < RECORDS) {
                try (RawHttp2 http = ask(upgraded, window, random, target, headers())) {
                    follow(http);
                    for (int i = 1; i < STREAMS_PER_CONNECTION && taken < RECORDS; i++) {
                        http.askInstead(target, headers());
                        follow(http);
                    }
                }
            }
        }

        private String[] headers() {
            String[] headers = {"accept", "text/event-stream", "last-event-id", lastEventId};
            return lastEventId.isEmpty() ? Arrays.copyOf(headers, 2) : headers;
        }

        private void follow(RawHttp2 http) throws IOException {
            int enough = Math.min(RECORDS, taken + 1 + random.nextInt(EVENTS_PER_STREAM_MAX));
            StringBuilder text = new StringBuilder();
            while (taken < enough) {
                byte[] some = http.read();
                assertTrue(some.length > 0, "ended");
                text.append(new String(some, StandardCharsets.ISO_8859_1));
                int begin = 0;
                for (int e = text.indexOf("\n\n"); e >= 0; e = text.indexOf("\n\n", begin)) {
                    take(text.substring(begin, e + 2));
                    begin = e + 2;
                }
                text.delete(0, begin);
            }
        }

        private void take(String event) {
            Matcher m = EVENT.matcher(event);
            if (m.matches()) {
                int partition = Integer.parseInt(m.group(5));
                assertEquals(next[partition], Long.parseLong(m.group(6)), event);
                next[partition]++;
                taken++;
            } else {
                m = POSITION.matcher(event);
                assertTrue(m.matches(), event);
            }
            for (int p = 0; p < PARTITIONS; p++) {
                assertEquals(next[p], Long.parseLong(m.group(2 + p)), event);
            }
            lastEventId = m.group(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 1000", "true, 16777216", "false, 65535"})
    void a_snapshot_is_the_same_as_over_http_1(boolean upgraded, int window) throws Exception {
        String target = "/topics/" + topic + "/snapshot";
        try (RawHttp2 http = ask(upgraded, window, new Random(window), target)) {
            byte[] snapshot = http.readAll();
            assertEquals(get(target).asString(), new String(snapshot, StandardCharsets.UTF_8));
            assertTrue(snapshot.length > 100_000);
        }
    }
}
