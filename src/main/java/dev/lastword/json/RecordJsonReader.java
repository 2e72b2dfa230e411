package dev.lastword.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.lastword.log.Deadline;
import dev.lastword.log.NewRecord;
import dev.lastword.record.Header;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads records of the form that [RecordJson] describes, one call a record. Not thread-safe.
public final class RecordJsonReader {
    private static final int MESSAGE_CHARS_MAX = 200;
    private static final Header JSON_TYPE =
            new Header(
                    RecordJson.CONTENT_TYPE,
                    RecordJson.APPLICATION_JSON.getBytes(StandardCharsets.US_ASCII));

    private byte[] bytes = new byte[0];
    private int start;
    private int seen;
    private byte @Nullable [] key;
    private byte @Nullable [] value;
    private boolean hasValue;
    private boolean isJson;
    private boolean hasExactHeaders;
    private long timestamp;
    private long ttlMs;
    private List<Header> headers = List.of();

    /// Reads the one record in a range of bytes.
    ///
    /// @throws BadRecordException if there is not exactly one, or it is not of the form
    public NewRecord read(byte[] source, int from, int to) throws BadRecordException {
        int invalid = Utf8.firstInvalid(source, from, to);
        if (invalid >= 0) {
            throw malformed("It is not UTF-8 at its byte " + (invalid - from + 1) + ".", null);
        }
        reset(source, objectStart(source, from, to));
        try (JsonParser json = RecordJson.parser(source, start, to)) {
            json.nextToken();
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                member(json, name);
            }
            if (json.nextToken() != null) {
                throw malformed("Something follows the record.", null);
            }
        } catch (JsonProcessingException e) {
            throw malformed(notJson(e, from), null);
        } catch (BadRecordException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory", e);
        }
        return record();
    }

    /// Where the object begins.
    private static int objectStart(byte[] source, int from, int to) throws BadRecordException {
        int i = from;
        while (i < to && RecordJson.isSpace(source[i])) {
            i++;
        }
        if (i == to || source[i] != '{') {
            throw malformed("A record is a JSON object: {\"key\": …, \"value\": …}.", null);
        }
        if (i + 1 < to && source[i + 1] == 0) {
            throw malformed("It is not JSON: there is a NUL behind the first brace.", null);
        }
        return i;
    }

    private void reset(byte[] source, int objectStart) {
        bytes = source;
        start = objectStart;
        seen = 0;
        key = null;
        value = null;
        hasValue = false;
        isJson = false;
        hasExactHeaders = false;
        timestamp = NewRecord.NOW;
        ttlMs = NewRecord.FOR_EVER;
        headers = List.of();
    }

    private void member(JsonParser json, String name) throws IOException {
        switch (name) {
            case "key" -> key(once(0, name), text(json, name));
            case "keyBase64" -> key(once(1, name), base64(json, name));
            case "value" -> jsonValue(json, once(2, name));
            case "valueText" -> value(once(3, name), text(json, name));
            case "valueBase64" -> value(once(4, name), base64(json, name));
            case "timestamp" -> timestamp = time(json, once(5, name));
            case "headers" -> headers(json, once(6, name));
            case "ttl" -> ttlMs = ttl(json, once(9, name));
            case "offset" -> ignoreNumber(json, once(7, name));
            case "partition" -> ignoreNumber(json, once(8, name));
            default ->
                    throw malformed(
                            "A record has no member '"
                                    + cut(name)
                                    + "'; it has key or keyBase64, value, valueText or valueBase64,"
                                    + " timestamp, ttl and headers.",
                            cut(name));
        }
    }

    private String once(int member, String name) throws BadRecordException {
        int bit = 1 << member;
        if ((seen & bit) != 0) {
            throw malformed("It has '" + name + "' twice.", name);
        }
        seen |= bit;
        return name;
    }

    private void key(String name, byte[] bytesOfKey) throws BadRecordException {
        if (key != null) {
            throw malformed("It has both key and keyBase64; send one of them.", name);
        }
        if (bytesOfKey.length == 0) {
            throw malformed("'" + name + "' is empty; a key has at least one byte.", name);
        }
        key = bytesOfKey;
    }

    private void value(String name, byte @Nullable [] bytesOfValue) throws BadRecordException {
        if (hasValue) {
            throw malformed(
                    "It has more than one of value, valueText and valueBase64; send one of them.",
                    name);
        }
        hasValue = true;
        value = bytesOfValue;
    }

    /// Takes the value's text as it stands in the source.
    private void jsonValue(JsonParser json, String name) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            value(name, null);
            return;
        }
        int from = start + Math.toIntExact(json.currentTokenLocation().getByteOffset());
        if (json.currentToken().isStructStart()) {
            json.skipChildren();
        } else {
            json.finishToken();
        }
        int to = start + Math.toIntExact(json.currentLocation().getByteOffset());
        value(name, Arrays.copyOfRange(bytes, from, to));
        isJson = true;
    }

    private static byte[] text(JsonParser json, String name) throws IOException {
        return utf8(string(json, name), name);
    }

    private static String string(JsonParser json, String name) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw malformed("'" + name + "' must be a string.", name);
        }
        return json.getText();
    }

    private static byte[] utf8(String text, String name) throws BadRecordException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw malformed(
                            "'"
                                    + name
                                    + "' has half a surrogate pair, which is no character; bytes"
                                    + " that are no text go as base64.",
                            name);
                }
                i++;
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] base64(JsonParser json, String name) throws IOException {
        String text = string(json, name);
        boolean urlSafe = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
        try {
            return (urlSafe ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
        } catch (IllegalArgumentException e) {
            throw malformed("'" + name + "' is not base64: " + e.getMessage() + ".", name);
        }
    }

    private static long time(JsonParser json, String name) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            try {
                long ms = json.getLongValue();
                if (ms >= 0) {
                    return ms;
                }
            } catch (JsonProcessingException e) {
                // beyond a long: refused below
            }
        }
        throw malformed(
                "'" + name + "' must be a whole number of milliseconds since 1970, 0 or more.",
                name);
    }

    private static long ttl(JsonParser json, String name) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            try {
                long seconds = json.getLongValue();
                if (seconds >= 1 && seconds <= Deadline.TTL_MS_MAX / 1000) {
                    return seconds * 1000;
                }
            } catch (JsonProcessingException e) {
                // beyond a long: refused below
            }
        }
        throw malformed(
                "'"
                        + name
                        + "' must be a whole number of seconds, 1 to "
                        + Deadline.TTL_MS_MAX / 1000
                        + ".",
                name);
    }

    private static void ignoreNumber(JsonParser json, String name) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw malformed("'" + name + "' must be a whole number (it is ignored).", name);
        }
    }

    private void headers(JsonParser json, String name) throws IOException {
        headers = new ArrayList<>();
        switch (json.currentToken()) {
            case START_ARRAY -> {
                hasExactHeaders = true;
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    headers.add(header(json));
                }
            }
            case START_OBJECT -> {
                for (String header = json.nextFieldName();
                        header != null;
                        header = json.nextFieldName()) {
                    utf8(header, name);
                    json.nextToken();
                    addUnique(new Header(header, textOrNull(json, name)));
                }
            }
            case null, default ->
                    throw malformed(
                            "'headers' must be an array of {\"name\", \"value\" or"
                                    + " \"valueBase64\"}, or an object of names and strings.",
                            name);
        }
    }

    private void addUnique(Header header) throws BadRecordException {
        for (Header other : headers) {
            if (other.name().equals(header.name())) {
                throw malformed(
                        "It has the header '"
                                + cut(header.name())
                                + "' twice; the array form of headers can repeat a name.",
                        "headers");
            }
        }
        headers.add(header);
    }

    private static byte @Nullable [] textOrNull(JsonParser json, String name) throws IOException {
        return json.currentToken() == JsonToken.VALUE_NULL ? null : text(json, name);
    }

    private static Header header(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw malformed("Each of 'headers' must be an object.", "headers");
        }
        String name = null;
        byte @Nullable [] value = null;
        boolean hasValue = false;
        for (String member = json.nextFieldName(); member != null; member = json.nextFieldName()) {
            json.nextToken();
            boolean isName = member.equals("name");
            if (isName ? name != null : hasValue) {
                throw malformed(
                        "A header has one 'name' and one of 'value' and 'valueBase64'.", "headers");
            }
            switch (member) {
                case "name" -> {
                    name = string(json, "headers");
                    utf8(name, "headers");
                }
                case "value" -> value = textOrNull(json, "headers");
                case "valueBase64" -> value = base64(json, "headers");
                default ->
                        throw malformed("A header has no member '" + cut(member) + "'.", "headers");
            }
            hasValue |= !isName;
        }
        if (name == null || !hasValue) {
            throw malformed(
                    "A header needs a 'name' and one of 'value' and 'valueBase64'.", "headers");
        }
        return new Header(name, value);
    }

    private NewRecord record() throws BadRecordException {
        byte[] k = key;
        if (k == null) {
            throw malformed("It has no key; send 'key' (text) or 'keyBase64'.", "key");
        }
        if (!hasValue) {
            throw malformed(
                    "It has no value; send 'value' (JSON; null deletes the key), 'valueText' or"
                            + " 'valueBase64'.",
                    "value");
        }
        if (value == null && ttlMs != NewRecord.FOR_EVER) {
            throw malformed("A deletion has nothing that could expire; leave 'ttl' out.", "ttl");
        }
        return new NewRecord(k, value, timestamp, completeHeaders()).expiringAfter(ttlMs);
    }

    private List<Header> completeHeaders() {
        if (!isJson || hasExactHeaders || RecordJson.contentType(headers) != null) {
            return headers;
        }
        if (headers.isEmpty()) {
            return List.of(JSON_TYPE);
        }
        headers.add(JSON_TYPE);
        return headers;
    }

    private String notJson(JsonProcessingException e, int from) {
        String message = cut(e.getOriginalMessage());
        long column =
                e.getLocation() == null ? 0 : start - from + e.getLocation().getByteOffset() + 1;
        return "It is not JSON"
                + (column > 0 ? " at its byte " + column : "")
                + ": "
                + message
                + (message.endsWith(".") ? "" : ".");
    }

    private static String cut(String text) {
        if (text.length() <= MESSAGE_CHARS_MAX) {
            return text;
        }
        return text.substring(0, MESSAGE_CHARS_MAX) + "…";
    }

    private static BadRecordException malformed(String detail, @Nullable String field) {
        return BadRecordException.malformedRecord(detail, field);
    }
}
