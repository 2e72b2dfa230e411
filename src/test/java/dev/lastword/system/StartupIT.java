package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A start that can be, and ones that cannot: one line on stderr that tells the remedy, and an exit
/// code.
class StartupIT {
    @TempDir Path dir;

    private void assertRefused(String told, String... settings) throws IOException {
        assertRefused(dir.resolve("data"), told, settings);
    }

    private static void assertRefused(Path dataDir, String told, String... settings)
            throws IOException {
        try (StartAttempt app = StartAttempt.start(dataDir, settings)) {
            StartAttempt.Ended ended = app.ended();
            assertNotEquals(0, ended.exitCode());
            assertTrue(ended.stderr().contains(told), ended.stderr());
            assertEquals(1, ended.stderr().lines().count(), ended.stderr());
            assertFalse(ended.stdout().contains("\tat "), ended.stdout());
        }
    }

    @Test
    void one_that_can_be_warns_of_nothing() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(dir.resolve("data"))) {
            service.askToStop();
            service.awaitEnd();
            assertTrue(service.output().contains("started in"), service.output());
            assertFalse(service.output().contains(" WARN "), service.output());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lastword.cleaner.threads=0, whole number from 1 to 64",
        "lastword.auto-create-topics=maybe, true or false",
        "lastword.topic-defaults.segment.bytes=1, from 1024",
        "lastword.no-such-setting=1, lastword.no-such-setting",
        "quarkus.http.port=http, quarkus.http.port",
    })
    void a_wrong_setting_is_told(String setting, String told) throws IOException {
        assertRefused(told, setting);
    }

    @Test
    void serving_others_needs_to_be_allowed() throws IOException {
        assertRefused("lastword.security.allow-anonymous=true", "quarkus.http.host=0.0.0.0");
    }

    @Test
    void tokens_that_nobody_looks_at_are_told() throws IOException {
        assertRefused(
                "quarkus.oidc.tenant-enabled=true",
                "quarkus.oidc.auth-server-url=http://a.invalid");
    }

    @Test
    void certificates_need_somebody_to_issue_them() throws IOException {
        assertRefused("quarkus.tls.trust-store", "lastword.security.client-certificates=request");
    }

    @Test
    void a_data_directory_that_is_none_is_told() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "not a directory");
        assertRefused(file, file.toString());
    }

    @Test
    void a_data_directory_in_use_is_told() throws IOException {
        Path data = dir.resolve("data");
        try (StartAttempt first = StartAttempt.start(data)) {
            assertNotEquals(0, first.port());
            assertRefused(data, "in use");
        }
    }

    @Test
    void a_port_that_is_taken_is_told() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertRefused(
                    "Port " + taken.getLocalPort(), "quarkus.http.port=" + taken.getLocalPort());
        }
    }
}
