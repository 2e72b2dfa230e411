package dev.lastword.app;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.config.InvalidSettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenCheckTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.1.2.3"})
    void loopback_needs_no_permission(String host) {
        assertDoesNotThrow(() -> ListenCheck.check(host, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "10.0.0.1"})
    void serving_others_names_the_remedies(String host) {
        InvalidSettingException e =
                assertThrows(InvalidSettingException.class, () -> ListenCheck.check(host, false));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("lastword.security.users-file"), message);
        assertTrue(message.contains("quarkus.oidc.tenant-enabled"), message);
        assertTrue(message.contains("lastword.security.client-certificates"), message);
        assertTrue(message.contains("quarkus.http.host=127.0.0.1"), message);
        assertTrue(message.contains("lastword.security.allow-anonymous=true"), message);
    }

    @Test
    void serving_others_can_be_allowed() {
        assertDoesNotThrow(() -> ListenCheck.check("0.0.0.0", true));
    }
}
