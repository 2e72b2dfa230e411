package dev.lastword.security;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.http.TemporaryData;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clients over TLS whose requests never come to the end of their heads.
@QuarkusTest
@QuarkusTestResource(value = TemporaryData.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = IdentityFixture.class, restrictToAnnotatedClass = true)
@TestProfile(SlowTlsClientsTest.Impatient.class)
@Timeout(120)
class SlowTlsClientsTest {
    /// A head must be there within a second, the handshake before the first included.
    public static class Impatient implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("lastword.http.head-timeout", "1s");
        }
    }

    @TestHTTPResource(value = "/", tls = true)
    URI secure;

    private Socket connect() throws IOException, GeneralSecurityException {
        TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(IdentityFixture.store("trust"));
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trusted.getTrustManagers(), null);
        return tls.getSocketFactory().createSocket("127.0.0.1", secure.getPort());
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void assertCutWhileDripping(Socket socket) {
        await().pollInterval(Duration.ofMillis(50)).until(() -> isCut(socket));
    }

    private static boolean isCut(Socket socket) {
        try {
            send(socket, "x");
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void a_handshake_that_does_not_begin_is_not_waited_for() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", secure.getPort())) {
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    @Test
    void a_head_that_drips_is_not_waited_for() throws Exception {
        try (Socket socket = connect()) {
            send(socket, "GET / HTTP/1.1\r\nX: ");
            assertCutWhileDripping(socket);
        }
    }

    @Test
    void neither_is_the_next_head_of_a_connection() throws Exception {
        try (Socket socket = connect();
                BufferedReader answer =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.US_ASCII))) {
            send(socket, "HEAD /q/health/live HTTP/1.1\r\nHost: a\r\n\r\n");
            String status = answer.readLine();
            assertTrue(status.startsWith("HTTP/1.1 2"), status);
            send(socket, "GET / HTTP/1.1\r\nX: ");
            assertCutWhileDripping(socket);
        }
    }
}
