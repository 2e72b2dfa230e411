package dev.lastword.system;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Key and value of a record, byte for byte: each character stands for one byte. A deletion has no
/// value.
record StoredRecord(String key, @Nullable String value) {
    private static final JsonFactory JSON = new JsonFactory();

    static StoredRecord of(byte[] key, byte @Nullable [] value) {
        return new StoredRecord(bytes(key), value == null ? null : bytes(value));
    }

    static String bytes(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String utf8(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(String text) {
        return bytes(Base64.getDecoder().decode(text));
    }

    /// The record in a line of an answer. A JSON value is its text as it stands there.
    static StoredRecord parse(String line) throws IOException {
        String key = null;
        String value = null;
        try (JsonParser json = JSON.createParser(line)) {
            json.nextToken();
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                switch (name) {
                    case "key" -> key = utf8(json.getText());
                    case "keyBase64" -> key = base64(json.getText());
                    case "value" -> value = source(json, line);
                    case "valueText" -> value = utf8(json.getText());
                    case "valueBase64" -> value = base64(json.getText());
                    default -> json.skipChildren();
                }
            }
        }
        if (key == null) {
            throw new IOException("no key in " + line);
        }
        return new StoredRecord(key, value);
    }

    private static @Nullable String source(JsonParser json, String line) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        int from = (int) json.currentTokenLocation().getCharOffset();
        if (json.currentToken().isStructStart()) {
            json.skipChildren();
        } else {
            json.finishToken();
        }
        return utf8(line.substring(from, (int) json.currentLocation().getCharOffset()));
    }
}
