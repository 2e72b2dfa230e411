package dev.lastword.cli.quickstart;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;

/// Changes as the records that are sent: the path is the key, what it holds now the value, null
/// where it is deleted.
final class ChangeJson {
    private static final JsonFactory JSON = new JsonFactory();

    private ChangeJson() {}

    /// A line of NDJSON, with its line feed.
    static byte[] line(Change change) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator((OutputStream) line)) {
            json.writeStartObject();
            writeKey(json, change.path());
            if (change.isDeletion()) {
                json.writeNullField("value");
            } else {
                json.writeObjectFieldStart("value");
                json.writeStringField("mode", change.mode());
                json.writeStringField("blob", change.blob());
                json.writeStringField("commit", change.commit());
                json.writeEndObject();
            }
            json.writeNumberField("timestamp", change.timestampMs());
            json.writeEndObject();
        }
        line.write('\n');
        return line.toByteArray();
    }

    private static void writeKey(JsonGenerator json, FilePath path) throws IOException {
        String text = path.utf8();
        if (text != null) {
            json.writeStringField("key", text);
        } else {
            json.writeStringField("keyBase64", Base64.getEncoder().encodeToString(path.bytes()));
        }
    }
}
