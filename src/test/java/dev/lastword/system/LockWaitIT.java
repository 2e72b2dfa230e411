package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A new process waits for an older one to let go of the data directory.
class LockWaitIT {
    private static final Set<Integer> ORDERLY = Set.of(0, 143);

    @TempDir Path dir;
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void closeClient() {
        client.close();
    }

    private HttpResponse<String> send(int port, String method, String path, String body)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void who_waits_for_the_lock_is_live_and_not_ready_until_it_is_free() throws Exception {
        try (StartAttempt old = StartAttempt.start(dir)) {
            assertEquals(201, send(old.port(), "PUT", "/topics/t/keys/a", "1").statusCode());
            try (StartAttempt next = StartAttempt.start(dir, "lastword.data-dir.lock-wait=60s")) {
                int port = next.port();
                assertEquals(200, send(port, "GET", "/q/health/live", "").statusCode());
                assertEquals(200, send(port, "GET", "/q/health/well", "").statusCode());
                assertEquals(503, send(port, "GET", "/q/health/ready", "").statusCode());
                HttpResponse<String> early = send(port, "GET", "/topics/t/keys/a", "");
                assertEquals(503, early.statusCode());
                assertTrue(early.headers().firstValue("Retry-After").isPresent());
                old.terminate();
                Awaitility.await()
                        .until(() -> send(port, "GET", "/q/health/ready", "").statusCode() == 200);
                assertEquals("1", send(port, "GET", "/topics/t/keys/a", "").body());
                next.terminate();
                StartAttempt.Ended ended = next.ended();
                assertTrue(
                        ORDERLY.contains(ended.exitCode()), () -> "exit code " + ended.exitCode());
            }
        }
    }

    @Test
    void who_waits_for_the_lock_in_vain_gives_up_with_one_line() throws Exception {
        try (StartAttempt old = StartAttempt.start(dir)) {
            assertTrue(old.port() > 0);
            try (StartAttempt next = StartAttempt.start(dir, "lastword.data-dir.lock-wait=1s")) {
                StartAttempt.Ended ended = next.ended();
                assertEquals(1, ended.exitCode());
                assertEquals(1, ended.stderr().lines().count(), ended.stderr());
                assertTrue(ended.stderr().contains("in use"), ended.stderr());
            }
        }
    }
}
