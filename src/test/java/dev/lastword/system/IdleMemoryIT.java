package dev.lastword.system;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The native service is small while nothing happens, and works on.
@EnabledIfSystemProperty(named = "native", matches = ".*", disabledReason = "of the native binary")
@EnabledOnOs(OS.LINUX)
class IdleMemoryIT {
    private static final long IDLE_KB_MAX = 50_000;

    @TempDir Path dir;

    @Test
    void an_idle_service_gives_its_memory_back_and_then_serves() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(dir.resolve("data"))) {
            Api api = new Api(service.uri());
            api.createTopic("t", 1);
            for (int busy = 0; busy < 3; busy++) {
                for (int i = 0; i < 100; i++) {
                    assertEquals(
                            busy == 0 ? 201 : 200,
                            api.putKey("t", "k" + i, "" + busy).statusCode());
                }
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> residentKb(service) < IDLE_KB_MAX);
                for (int i = 0; i < 100; i++) {
                    assertEquals("" + busy, api.getKey("t", "k" + i).body());
                }
            }
        }
    }

    private static long residentKb(ServiceProcess service) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + service.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
