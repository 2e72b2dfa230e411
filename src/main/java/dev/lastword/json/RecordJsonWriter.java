package dev.lastword.json;

import dev.lastword.log.ValueFormat;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes records in the form that [RecordJson] describes into a buffer that grows to the largest
/// record and is used again. Not thread-safe.
public final class RecordJsonWriter {
    private static final int CAPACITY = 80 << 10;
    private static final byte[] HEX = ascii("0123456789abcdef");

    private static final byte[] PARTITION = ascii("\"partition\":");
    private static final byte[] OFFSET = ascii("\"offset\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] KEY = ascii(",\"key\":");
    private static final byte[] KEY_BASE64 = ascii(",\"keyBase64\":");
    private static final byte[] VALUE = ascii(",\"value\":");
    private static final byte[] VALUE_TEXT = ascii(",\"valueText\":");
    private static final byte[] VALUE_BASE64 = ascii(",\"valueBase64\":");
    private static final byte[] HEADERS = ascii(",\"headers\":[");
    private static final byte[] NAME = ascii("{\"name\":");
    private static final byte[] NULL = ascii("null");

    private final ValueFormat format;
    private byte[] buffer = new byte[CAPACITY];
    private int size;

    /// @param format how values without a content type are shown
    public RecordJsonWriter(ValueFormat format) {
        this.format = format;
    }

    /// Bytes written since the last [#clear()].
    public int size() {
        return size;
    }

    /// What holds them; replaced when more is written.
    public byte[] buffer() {
        return buffer;
    }

    public void clear() {
        size = 0;
    }

    /// Writes a record of a known partition.
    public void write(LogRecord record) {
        put('{');
        body(record);
    }

    /// Writes a record with its partition.
    public void write(int partition, LogRecord record) {
        put('{');
        put(PARTITION);
        put(partition);
        put(',');
        body(record);
    }

    /// Writes a character of ASCII.
    public void put(char c) {
        ensure(1);
        buffer[size++] = (byte) c;
    }

    /// Writes text of ASCII as it is.
    public void put(String text) {
        put(ascii(text));
    }

    private void body(LogRecord record) {
        put(OFFSET);
        put(record.offset());
        if (record.timestamp() >= 0) {
            put(TIMESTAMP);
            put(record.timestamp());
        }
        byte[] key = record.key();
        if (key == null) {
            put(KEY);
            put(NULL);
        } else {
            textOrBase64(KEY, KEY_BASE64, key);
        }
        String contentType = RecordJson.contentType(record.headers());
        boolean isJson = value(record.value(), contentType);
        headers(record.headers(), isJson);
        put('}');
    }

    /// Writes the value; true says that it went out as JSON.
    private boolean value(byte @Nullable [] value, @Nullable String contentType) {
        if (value == null) {
            put(VALUE);
            put(NULL);
            return false;
        }
        if (showsJson(contentType) && RecordJson.canEmbed(value)) {
            put(VALUE);
            put(value);
            return true;
        }
        if (contentType == null && format == ValueFormat.BINARY) {
            put(VALUE_BASE64);
            base64(value);
        } else {
            textOrBase64(VALUE_TEXT, VALUE_BASE64, value);
        }
        return false;
    }

    private boolean showsJson(@Nullable String contentType) {
        return contentType == null
                ? format == ValueFormat.AUTO || format == ValueFormat.JSON
                : RecordJson.isJson(contentType);
    }

    /// Leaves them out where reading would put the very same back.
    private void headers(List<Header> headers, boolean isJson) {
        boolean implied = isJson ? isPlainJsonType(headers) : headers.isEmpty();
        if (implied) {
            return;
        }
        put(HEADERS);
        for (int i = 0; i < headers.size(); i++) {
            if (i > 0) {
                put(',');
            }
            Header h = headers.get(i);
            put(NAME);
            string(h.name().getBytes(StandardCharsets.UTF_8));
            byte[] value = h.value();
            if (value == null) {
                put(VALUE);
                put(NULL);
            } else {
                textOrBase64(VALUE, VALUE_BASE64, value);
            }
            put('}');
        }
        put(']');
    }

    private static boolean isPlainJsonType(List<Header> headers) {
        return headers.size() == 1
                && headers.getFirst().name().equals(RecordJson.CONTENT_TYPE)
                && RecordJson.APPLICATION_JSON.equals(RecordJson.contentType(headers));
    }

    private void textOrBase64(byte[] textMember, byte[] base64Member, byte[] bytes) {
        if (Utf8.isValid(bytes)) {
            put(textMember);
            string(bytes);
        } else {
            put(base64Member);
            base64(bytes);
        }
    }

    private void base64(byte[] bytes) {
        put('"');
        put(Base64.getEncoder().encode(bytes));
        put('"');
    }

    /// Writes UTF-8 as a JSON string. It escapes no more than it must.
    private void string(byte[] utf8) {
        put('"');
        int copied = 0;
        for (int i = 0; i < utf8.length; i++) {
            byte b = utf8[i];
            if ((b >= 0 && b < ' ') || b == '"' || b == '\\') {
                put(utf8, copied, i);
                escape(b);
                copied = i + 1;
            }
        }
        put(utf8, copied, utf8.length);
        put('"');
    }

    private void escape(byte b) {
        put('\\');
        switch (b) {
            case '"', '\\' -> put((char) b);
            case '\n' -> put('n');
            case '\r' -> put('r');
            case '\t' -> put('t');
            default -> {
                put('u');
                put('0');
                put('0');
                put((char) HEX[b >> 4]);
                put((char) HEX[b & 15]);
            }
        }
    }

    private void put(long number) {
        put(ascii(Long.toString(number)));
    }

    private void put(byte[] bytes) {
        put(bytes, 0, bytes.length);
    }

    private void put(byte[] bytes, int from, int to) {
        ensure(to - from);
        System.arraycopy(bytes, from, buffer, size, to - from);
        size += to - from;
    }

    private void ensure(int more) {
        int needed = Math.addExact(size, more);
        if (needed > buffer.length) {
            int doubled = (int) Math.min(2L * buffer.length, Integer.MAX_VALUE - 8);
            buffer = Arrays.copyOf(buffer, Math.max(needed, doubled));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
