package dev.lastword.cli.offline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// Puts together one JSON object on one line.
final class JsonLine {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final StringWriter text = new StringWriter();
    private final JsonGenerator json;

    /// @param type the value of the first member, which tells lines of several kinds apart
    JsonLine(String type) {
        try {
            json = FACTORY.createGenerator(text);
            json.writeStartObject();
            json.writeStringField("type", type);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    JsonLine put(String name, String value) {
        try {
            json.writeStringField(name, value);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    JsonLine put(String name, long value) {
        try {
            json.writeNumberField(name, value);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    JsonLine put(String name, boolean value) {
        try {
            json.writeBooleanField(name, value);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    /// As [#put(String, long)], unless the value is negative and so unknown.
    JsonLine putKnown(String name, long value) {
        return value < 0 ? this : put(name, value);
    }

    @Override
    public String toString() {
        try {
            json.writeEndObject();
            json.close();
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }
}
