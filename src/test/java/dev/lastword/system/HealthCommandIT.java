package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `lastword health`, which an image's health check calls.
@Timeout(120)
class HealthCommandIT {
    @TempDir private Path dataDir;

    private record Outcome(int exitCode, String output) {}

    private static Outcome health(Map<String, String> environment, String... arguments)
            throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of("health"));
        all.addAll(List.of(arguments));
        ProcessBuilder command = Packaged.command(List.of(), all);
        command.environment().putAll(environment);
        Process process = command.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    @Test
    void a_running_service_is_found_by_its_url_and_by_its_port() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(dataDir)) {
            Outcome byUrl = health(Map.of(), "--url", service.uri().toString(), "--check", "ready");
            assertEquals(0, byUrl.exitCode(), byUrl::output);
            String port = Integer.toString(service.uri().getPort());
            Outcome byPort = health(Map.of("QUARKUS_HTTP_PORT", port));
            assertEquals(0, byPort.exitCode(), byPort::output);
        }
    }

    @Test
    void a_service_that_does_not_answer_is_not_healthy() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        Outcome outcome = health(Map.of(), "--url", "http://127.0.0.1:" + free);
        assertEquals(1, outcome.exitCode(), outcome::output);
        assertTrue(outcome.output().contains("does not answer"), outcome::output);
    }
}
