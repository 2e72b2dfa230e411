package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyParamTest {

    private static byte[] key(String target) {
        return KeyParam.of(target, () -> RawTarget.path(target));
    }

    private static void assertKey(String expected, String target) {
        assertEquals(expected, new String(key(target), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "/topics/t/keys/a, a",
        "/topics/t/keys/a/b, a/b",
        "/topics/t/keys/a%2Fb, a/b",
        "/topics/t/keys//, /",
        "/topics/t/keys/a//b, a//b",
        "/topics/t/keys/../x, ../x",
        "/topics/t/keys/%2e%2e, ..",
        "/topics/t/keys/a%252Fb, a%2Fb",
        "/topics/t/keys/a+b, a+b",
        "/topics/t/keys/a?b=c, a",
        "/topics/keys/keys/keys/x, keys/x",
        "http://host:1/topics/t/keys/a%20b, a b",
    })
    void a_key_in_the_path_is_all_behind_keys_decoded_once(String target, String key) {
        assertKey(key, target);
    }

    @ParameterizedTest
    @CsvSource({
        "/topics/t/keys?key=a%2Fb, a/b",
        "/topics/t/keys?key=a+b, a b",
        "/topics/t/keys?x=1&key=%2B&y=2, +",
        "/topics/t/keys?keyBase64=YS9i, a/b",
        "/topics/t/keys?keyBase64=YQ, a",
        "/topics/t/keys?keyBase64=YQ%3D%3D, a",
    })
    void a_key_in_the_query_is_text_or_base64(String target, String key) {
        assertKey(key, target);
    }

    @Test
    void a_key_may_be_any_bytes() {
        assertArrayEquals(new byte[] {-1, 0, -2}, key("/topics/t/keys/%ff%00%FE"));
        assertArrayEquals(new byte[] {-1, -2}, key("/topics/t/keys?keyBase64=__4"));
        assertArrayEquals(new byte[] {-1, -2}, key("/topics/t/keys?keyBase64=//4="));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/topics/t/keys/",
                "/topics/t/keys",
                "/topics/t/keys?key=",
                "/topics/t/keys?keyBase64=",
                "/topics/t/keys?other=1",
                "/topics/t/keys?key=a&key=b",
                "/topics/t/keys?key=a&keyBase64=YQ",
                "/topics/t/keys?keyBase64=!",
                "/topics/t/keys/%",
                "/topics/t/keys/%4",
                "/topics/t/keys/%zz",
                "/topics/t/keys/%+1",
                "/topics/t/keys?key=%g0",
            })
    void an_empty_absent_or_badly_escaped_key_is_refused(String target) {
        ProblemException e = assertThrows(ProblemException.class, () -> key(target));
        assertEquals(400, e.status());
        assertTrue(e.members().get("field").toString().startsWith("key"));
    }

    @Test
    void a_key_has_a_bound() {
        String most = "k".repeat(KeyParam.BYTES_MAX);
        assertKey(most, "/topics/t/keys/" + most);
        ProblemException e =
                assertThrows(ProblemException.class, () -> key("/topics/t/keys/" + most + "k"));
        assertEquals(413, e.status());
        assertEquals(KeyParam.BYTES_MAX, e.members().get("max"));
    }
}
