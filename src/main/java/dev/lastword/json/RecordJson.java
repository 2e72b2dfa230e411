package dev.lastword.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.lastword.record.Header;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A record as JSON, the form in which records come in and go out over HTTP.
///
/// | member | in | out |
/// |---|---|---|
/// | `key`, `keyBase64` | exactly one, not empty; text or base64 (also base64url) | `key` where it is UTF-8 |
/// | `value` | any JSON, stored as its text as sent; `null` is a tombstone | where the value is JSON |
/// | `valueText`, `valueBase64` | a string, stored as UTF-8; base64 of the bytes | where it is none |
/// | `timestamp` | milliseconds since 1970, 0 or more; now where it is missing | where it is known |
/// | `ttl` | seconds after which the key expires ([dev.lastword.log.Deadline]) | never: the deadline is a header |
/// | `headers` | see below | where they are not what reading adds |
/// | `partition`, `offset` | ignored, so that what came out can be sent back | always |
///
/// Exactly one of the three value members is there. Unknown and repeated members are refused.
///
/// `headers` is an array of `{"name", "value" | "valueBase64"}` (`"value": null` is a header
/// without value): exactly the record's headers, in order, for names may repeat. Or it is an object
/// of names and strings, or it is left out: then a record with `value` also gets `content-type:
/// application/json`, unless it has a content type. So an empty array says "no headers at all".
///
/// **What is written and read again stores the same key, value and headers.** So a JSON value is
/// written as `value` only where reading would find those very bytes in it: not with a line break
/// in it, for records stand on lines; not with white space around it, nor the text `null`. Such a
/// value goes out as `valueText`.
public final class RecordJson {
    static final String CONTENT_TYPE = "content-type";
    static final String APPLICATION_JSON = "application/json";

    /// Objects and arrays in one another, in a record that comes in.
    private static final int DEPTH_MAX = 512;

    /// The same in a value that goes out, which has the record around it.
    private static final int VALUE_DEPTH_MAX = DEPTH_MAX - 12;

    private static final JsonFactory RECORDS = factory(DEPTH_MAX);
    private static final JsonFactory VALUES = factory(VALUE_DEPTH_MAX);

    private RecordJson() {}

    /// Field names are not interned: they come from outside and have no bound. (Without a table of
    /// names Jackson would decode to characters first, and byte offsets would be lost.)
    private static JsonFactory factory(int depthMax) {
        return JsonFactory.builder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNestingDepth(depthMax)
                                .maxNumberLength(Integer.MAX_VALUE)
                                .maxStringLength(Integer.MAX_VALUE)
                                .maxNameLength(Integer.MAX_VALUE)
                                .build())
                .build();
    }

    /// A parser of these bytes, which must be UTF-8 and begin with the text's first character: it
    /// would take a mark or NUL bytes there as a sign of another encoding.
    static JsonParser parser(byte[] bytes, int from, int to) throws IOException {
        return RECORDS.createParser(bytes, from, to - from);
    }

    /// The media type that the headers give the value; null without one.
    static @Nullable String contentType(List<Header> headers) {
        for (int i = headers.size() - 1; i >= 0; i--) {
            Header h = headers.get(i);
            if (isContentType(h)) {
                byte[] value = h.value();
                return value == null ? "" : new String(value, StandardCharsets.ISO_8859_1);
            }
        }
        return null;
    }

    static boolean isContentType(Header header) {
        return header.name().equalsIgnoreCase(CONTENT_TYPE);
    }

    /// Whether a media type, parameters aside, is JSON's.
    static boolean isJson(String mediaType) {
        int semicolon = mediaType.indexOf(';');
        String type =
                (semicolon < 0 ? mediaType : mediaType.substring(0, semicolon))
                        .strip()
                        .toLowerCase(Locale.ROOT);
        return type.equals(APPLICATION_JSON) || type.endsWith("+json");
    }

    /// Whether a value is one JSON text that can stand in a record's line and is found there again
    /// byte for byte.
    static boolean canEmbed(byte[] value) {
        if (value.length == 0 || !canBegin(value[0]) || isSpace(value[value.length - 1])) {
            return false;
        }
        for (byte b : value) {
            if (b >= 0 && b < ' ' && b != '\t') {
                return false;
            }
        }
        return Utf8.isValid(value) && isOneText(value);
    }

    /// Objects, arrays, strings, numbers, `true` and `false`, but not `null`.
    private static boolean canBegin(byte b) {
        return switch (b) {
            case '{', '[', '"', '-', 't', 'f' -> true;
            default -> b >= '0' && b <= '9';
        };
    }

    static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    private static boolean isOneText(byte[] value) {
        try (JsonParser parser = VALUES.createParser(value)) {
            JsonToken first = parser.nextToken();
            if (first.isStructStart()) {
                parser.skipChildren();
            } else {
                parser.finishToken();
            }
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }
}
