package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An orderly stop: requests in flight are answered, and the next start has nothing to recover.
class ShutdownIT {
    private static final String TOPIC = "stopped";
    private static final int RECORDS_EACH = 1000;

    /// A JVM that ends on SIGTERM has 143.
    private static final Set<Integer> EXIT_CODES = Set.of(0, 143);

    private static final String[] VERBOSE = {"-Dquarkus.log.category.\"dev.lastword\".level=DEBUG"};

    @TempDir private Path dataDir;

    @Test
    void a_request_in_flight_is_answered_and_the_next_start_recovers_nothing() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(dataDir, VERBOSE)) {
            stopInTheMiddleOfABody(service);
            assertTrue(EXIT_CODES.contains(service.awaitEnd()), service::output);
        }
        try (ServiceProcess service = ServiceProcess.start(dataDir, VERBOSE)) {
            assertTrue(service.output().contains("closed in order"), service::output);
            assertFalse(service.output().contains("recovered"), service::output);
            assertEquals(2 * RECORDS_EACH, new Api(service.uri()).snapshot(TOPIC).size());
        }
    }

    @Test
    void streams_of_changes_end_properly_when_the_service_stops() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(dataDir, VERBOSE)) {
            Api api = new Api(service.uri());
            api.putKey(TOPIC, "a", "1");
            HttpResponse<InputStream> changes =
                    HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(
                                                    service.uri()
                                                            .resolve(
                                                                    "/topics/"
                                                                            + TOPIC
                                                                            + "/changes?from=earliest"))
                                            .build(),
                                    BodyHandlers.ofInputStream());
            service.askToStop();
            String all = new String(changes.body().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(all.contains("\"key\":\"a\""), all);
            assertTrue(EXIT_CODES.contains(service.awaitEnd()), service::output);
            assertFalse(service.output().contains("Timed out waiting"), service::output);
        }
    }

    private static void stopInTheMiddleOfABody(ServiceProcess service) throws Exception {
        Api api = new Api(service.uri());
        try (SlowPost post = new SlowPost(service.uri(), "/topics/" + TOPIC + "/records")) {
            post.send(lines(0));
            awaitTaken(api);
            service.askToStop();
            awaitDraining(service);
            post.send(lines(RECORDS_EACH));
            String answer = post.end();
            assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        }
    }

    private static String lines(int from) {
        StringBuilder lines = new StringBuilder();
        for (int i = from; i < from + RECORDS_EACH; i++) {
            lines.append("{\"key\":\"").append(i).append("\",\"value\":").append(i).append("}\n");
        }
        return lines.toString();
    }

    /// Until the body is being read: its first record makes the topic.
    private static void awaitTaken(Api api) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> api.get("/topics/" + TOPIC).statusCode() == 200);
    }

    /// Until the stop has begun. Only its log tells, for it goes on to answer.
    private static void awaitDraining(ServiceProcess service) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> service.output().contains("Waiting for HTTP requests to complete"));
    }
}
