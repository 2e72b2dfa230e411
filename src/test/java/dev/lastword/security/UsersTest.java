package dev.lastword.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.config.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The file of users.
class UsersTest {
    /// Of the password `secret`, as `htpasswd -nbB` makes it.
    static final String SECRET = "$2y$05$Q/297KXtkOHAtC4LvIpqYutT4mkpY/rEP93Ol40P.qqMQ1criPFd.";

    @TempDir private Path folder;

    private Users users(String... lines) throws IOException {
        return Users.read(Files.write(folder.resolve("users"), java.util.List.of(lines)));
    }

    @Test
    void a_user_has_the_grants_of_its_line_if_the_password_is_right() throws IOException {
        Users users = users("# comment", "", "alice:" + SECRET + ":admin", "bob:" + SECRET);
        for (int i = 0; i < 2; i++) { // the second time from memory
            assertEquals(Set.of("admin"), users.grants("alice", "secret".toCharArray()));
            assertEquals(Set.of(), users.grants("bob", "secret".toCharArray()));
            assertNull(users.grants("alice", "Secret".toCharArray()));
            assertNull(users.grants("carol", "secret".toCharArray()));
        }
    }

    @Test
    void a_name_of_a_token_or_a_certificate_has_the_grants_of_its_line() throws IOException {
        Users users =
                users(
                        "token:system:serviceaccount:a:b:reader,writer@orders-*",
                        "certificate:CN=billing, O=Acme:admin",
                        "token:" + SECRET + ":admin");
        assertEquals(
                Set.of("reader", "writer@orders-*"),
                users.grants("token:system:serviceaccount:a:b"));
        assertEquals(Set.of("admin"), users.grants("certificate:CN=billing,O=Acme"));
        assertEquals(Set.of(), users.grants("certificate:CN=Billing,O=Acme"));
        assertEquals(Set.of(), users.grants("token:system"));
        assertEquals(Set.of("admin"), users.grants("token", "secret".toCharArray()));
        assertNull(users.grants("token:system:serviceaccount:a:b", "".toCharArray()));
        assertTrue(users.hasPasswords());
        assertFalse(users("token:a:reader").hasPasswords());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice",
                "alice:secret",
                "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
                ":" + SECRET,
                "alice:" + SECRET + ":boss",
                "alice:" + SECRET + ":reader:x",
                "token:robot",
                "token::reader",
                "token:robot:boss",
                "certificate:billing:reader",
                "bob:" + SECRET
            })
    void a_line_that_is_none_stops_the_start_and_is_named(String line) {
        var e = assertThrows(InvalidSettingException.class, () -> users("bob:" + SECRET, line));
        assertTrue(String.valueOf(e.getMessage()).contains("line 2"), e::getMessage);
    }

    @Test
    void a_file_that_is_not_there_stops_the_start() {
        assertThrows(InvalidSettingException.class, () -> Users.read(folder.resolve("none")));
    }
}
