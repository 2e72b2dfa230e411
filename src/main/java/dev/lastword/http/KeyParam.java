package dev.lastword.http;

import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The key that a request names: bytes, read from the raw request target, for decoded text would
/// have lost some of them.
final class KeyParam {
    static final int BYTES_MAX = 64 << 10;

    private static final String TOPICS = "/topics/";
    private static final String KEYS = "/keys/";

    private KeyParam() {}

    /// The key behind `/keys/`, up to the query, slashes included, percent-decoded once; where the
    /// path ends with `/keys`, the one in the query.
    static byte[] of(RoutingContext context) {
        return of(RawTarget.of(context), context::normalizedPath);
    }

    /// Whether a request names a key, in its path or its query.
    static boolean isNamed(RoutingContext context) {
        String target = RawTarget.of(context);
        return keysSegment(RawTarget.path(target)) >= 0
                || keysSegment(context.normalizedPath()) >= 0
                || inQuery(RawTarget.query(target), "key") != null;
    }

    /// @param normalizedPath asked where something before the key needs normalising
    static byte[] of(String target, Supplier<String> normalizedPath) {
        String path = RawTarget.path(target);
        int keys = keysSegment(path);
        if (keys < 0) {
            path = normalizedPath.get();
            keys = keysSegment(path);
        }
        return checked(
                keys < 0
                        ? ofQuery(RawTarget.query(target))
                        : decode(path, keys + KEYS.length(), path.length(), "key", false));
    }

    /// `key`, percent-encoded (a plus is a space, as forms have it), or `keyBase64`.
    private static byte[] ofQuery(String query) {
        byte[] key = inQuery(query, "key");
        if (key == null) {
            throw invalid("Name the key: /keys/{key}, ?key= (percent-encoded) or ?keyBase64=.");
        }
        return key;
    }

    /// The bytes that a query gives to a parameter: percent-encoded under its name, or as base64url
    /// under its name with `Base64` behind; null where it has neither.
    ///
    /// @throws ProblemException 400 where it is given twice, or cannot be decoded
    static byte @Nullable [] inQuery(String query, String name) {
        byte @Nullable [] bytes = null;
        for (int start = 0; start < query.length(); ) {
            int amp = query.indexOf('&', start);
            int end = amp < 0 ? query.length() : amp;
            byte @Nullable [] found = ofParameter(query, start, end, name);
            if (found != null && bytes != null) {
                throw invalid(name, "The query has more than one " + name + "; send one.");
            }
            bytes = found == null ? bytes : found;
            start = end + 1;
        }
        return bytes;
    }

    /// The text that a query gives to a parameter, null where it does not have it. (The framework's
    /// own reading of queries takes a semicolon for the end of a value.)
    static @Nullable String textInQuery(String query, String name) {
        byte[] bytes = inQuery(query, name);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte @Nullable [] ofParameter(String query, int start, int end, String name) {
        if (query.startsWith(name + "=", start)) {
            return decode(query, start + name.length() + 1, end, name, true);
        }
        String inBase64 = name + "Base64";
        if (query.startsWith(inBase64 + "=", start)) {
            return base64(decode(query, start + inBase64.length() + 1, end, name, false), inBase64);
        }
        return null;
    }

    /// Where `/keys/` starts behind the topic of a path, or -1.
    static int keysSegment(String path) {
        if (!path.startsWith(TOPICS)) {
            return -1;
        }
        int slash = path.indexOf('/', TOPICS.length());
        return slash >= 0 && path.startsWith(KEYS, slash) ? slash : -1;
    }

    static byte[] checked(byte[] key) {
        if (key.length == 0) {
            throw invalid("A key has at least one byte.");
        }
        if (key.length > BYTES_MAX) {
            throw new ProblemException(
                            413,
                            "key-too-large",
                            "The key takes "
                                    + key.length
                                    + " bytes; one may have "
                                    + BYTES_MAX
                                    + ". Send it through /records.")
                    .with("max", BYTES_MAX);
        }
        return key;
    }

    private static byte[] base64(byte[] text, String name) {
        byte[] urlSafe = text.clone();
        for (int i = 0; i < urlSafe.length; i++) {
            urlSafe[i] =
                    switch (urlSafe[i]) {
                        case '+' -> '-';
                        case '/' -> '_';
                        default -> urlSafe[i];
                    };
        }
        try {
            return Base64.getUrlDecoder().decode(urlSafe);
        } catch (IllegalArgumentException e) {
            throw invalid(name, name + " is not base64url: " + e.getMessage() + ".");
        }
    }

    private static byte[] decode(
            String text, int start, int end, String name, boolean plusIsSpace) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(end - start);
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == '%') {
                out.write(escaped(text, i, end, name));
                i += 2;
            } else if (c == '+' && plusIsSpace) {
                out.write(' ');
            } else if (c < 0x80) {
                out.write(c);
            } else { // not allowed in a target, but some clients send it
                out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return out.toByteArray();
    }

    private static int escaped(String text, int percent, int end, String name) {
        if (!RawTarget.isEscape(text, percent, end)) {
            String what = text.substring(percent, Math.min(percent + 3, end));
            throw invalid(
                    name,
                    "'"
                            + what
                            + "' in the "
                            + name
                            + " is no percent-escape; a percent sign is %25.");
        }
        return Integer.parseInt(text, percent + 1, percent + 3, 16);
    }

    private static ProblemException invalid(String detail) {
        return invalid("key", detail);
    }

    private static ProblemException invalid(String name, String detail) {
        String slug = name.startsWith("key") ? "invalid-key" : "invalid-parameter";
        return new ProblemException(400, slug, detail).with("field", name);
    }
}
