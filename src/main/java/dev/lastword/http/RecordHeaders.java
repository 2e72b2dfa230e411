package dev.lastword.http;

import dev.lastword.log.Once;
import dev.lastword.record.Header;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Record headers as HTTP headers. `Lastword-Header-<name>` carries one each way: HTTP knows no
/// case in names, so they arrive in lower case; values are bytes and pass unchanged. The record
/// header `content-type` is the `Content-Type` of the value.
final class RecordHeaders {
    static final String PREFIX = "lastword-header-";
    static final String CONTENT_TYPE = "content-type";
    static final String DEFAULT_TYPE = "application/octet-stream";

    /// Names and values sent with one response.
    static final int RESPONSE_BYTES_MAX = 8 << 10;

    private RecordHeaders() {}

    /// What a request wants stored with its value.
    static List<Header> ofRequest(MultiMap headers) {
        List<Header> found = new ArrayList<>(2);
        for (Map.Entry<String, String> h : headers) {
            String name = h.getKey();
            if (name.length() == CONTENT_TYPE.length() && name.equalsIgnoreCase(CONTENT_TYPE)) {
                found.add(header(CONTENT_TYPE, h.getValue()));
            } else if (name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
                found.add(header(recordName(name), h.getValue()));
            }
        }
        return found;
    }

    private static String recordName(String httpName) {
        String name = httpName.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
        if (name.isEmpty() || name.equals(CONTENT_TYPE)) {
            throw new ProblemException(
                            400,
                            "invalid-header",
                            "Lastword-Header- needs the name of a record header behind it, other"
                                    + " than content-type: set Content-Type instead.")
                    .with("field", httpName);
        }
        return name;
    }

    private static Header header(String name, String value) {
        return new Header(name, value.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// The media type of a stored value, one that is safe to send.
    static String contentType(List<Header> headers) {
        for (int i = headers.size() - 1; i >= 0; i--) {
            Header h = headers.get(i);
            if (h.name().equals(CONTENT_TYPE)) {
                String type = sendable(h.value());
                return type == null || !isMediaType(type) ? DEFAULT_TYPE : type;
            }
        }
        return DEFAULT_TYPE;
    }

    private static boolean isMediaType(String type) {
        int semicolon = type.indexOf(';');
        String essence = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
        int slash = essence.indexOf('/');
        return slash > 0
                && isToken(essence.substring(0, slash))
                && isToken(essence.substring(slash + 1));
    }

    /// Hands over what can be sent, in order, and returns how many record headers cannot: no HTTP
    /// token as name, a value that is no visible ASCII, or beyond [#RESPONSE_BYTES_MAX] in total.
    static int toResponse(List<Header> headers, BiConsumer<String, String> response) {
        int omitted = 0;
        int room = RESPONSE_BYTES_MAX;
        for (Header h : headers) {
            if (h.name().equals(CONTENT_TYPE) || h.name().equals(Once.HEADER)) {
                continue;
            }
            String value = isToken(h.name()) ? sendable(h.value()) : null;
            int size = value == null ? 0 : PREFIX.length() + h.name().length() + value.length();
            if (value == null || size > room) {
                omitted++;
            } else {
                room -= size;
                response.accept("Lastword-Header-" + h.name(), value);
            }
        }
        return omitted;
    }

    private static @Nullable String sendable(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        for (byte b : value) {
            if (b < ' ' || b > '~') {
                return null;
            }
        }
        String text = new String(value, StandardCharsets.US_ASCII);
        return text.equals(text.strip()) ? text : null;
    }

    private static boolean isToken(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean alphanumeric =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return !name.isEmpty();
    }
}
