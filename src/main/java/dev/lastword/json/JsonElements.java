package dev.lastword.json;

import java.io.IOException;
import java.io.InputStream;

/// Splits a JSON document into its records: one object, or an array of objects of any length. It
/// finds where an object ends by its braces and strings alone; whether it is well-formed inside is
/// for the reader of the record to tell.
public final class JsonElements implements RecordSource {
    private enum Place {
        BEGIN,
        FIRST_ELEMENT,
        BEHIND_ELEMENT,
        BEHIND_ALL
    }

    private final InputWindow buffer;
    private Place place = Place.BEGIN;
    private boolean inArray;
    private long line = 1;
    private int from;
    private int length;

    /// @param bytesMax a record may be as long
    public JsonElements(InputStream in, int bytesMax) {
        this.buffer = new InputWindow(in, bytesMax);
    }

    @Override
    public boolean next() throws IOException {
        buffer.consume(length);
        length = 0;
        if (place == Place.BEGIN) {
            buffer.skipByteOrderMark();
            begin();
        } else if (place == Place.FIRST_ELEMENT || place == Place.BEHIND_ELEMENT) {
            line++;
            advance();
        }
        if (place == Place.BEHIND_ALL) {
            requireEnd();
            return false;
        }
        takeObject();
        place = inArray ? Place.BEHIND_ELEMENT : Place.BEHIND_ALL;
        return true;
    }

    /// Whether the document is an array, once its first record was asked for.
    public boolean isArray() {
        return inArray;
    }

    private void begin() throws IOException {
        int c = peek();
        if (c == '[') {
            inArray = true;
            buffer.consume(1);
            place = Place.FIRST_ELEMENT;
            if (peek() == ']') {
                buffer.consume(1);
                place = Place.BEHIND_ALL;
            }
        } else if (c < 0) {
            throw malformed("The body is empty; send a JSON object, or an array of them.");
        }
    }

    /// From behind an element to the next one or behind the array.
    private void advance() throws IOException {
        int c = peek();
        switch (c) {
            case ',' -> buffer.consume(1);
            case ']' -> {
                buffer.consume(1);
                place = Place.BEHIND_ALL;
            }
            case -1 -> throw malformed("The body ends in the middle of the array.");
            default -> throw malformed("A comma or the end of the array is missing here.");
        }
    }

    /// The next byte that is no white space; -1 at the end.
    private int peek() throws IOException {
        while (true) {
            while (buffer.length() > 0) {
                byte b = buffer.bytes()[buffer.start()];
                if (!RecordJson.isSpace(b)) {
                    return b & 0xff;
                }
                buffer.consume(1);
            }
            if (!buffer.fill()) {
                return -1;
            }
        }
    }

    private void requireEnd() throws IOException {
        if (peek() >= 0) {
            throw malformed("Something follows the end of the JSON document.");
        }
    }

    private void takeObject() throws IOException {
        if (peek() != '{') {
            throw malformed("A record is a JSON object: {\"key\": …, \"value\": …}.");
        }
        int depth = 0;
        boolean inString = false;
        int i = 0;
        while (true) {
            byte[] bytes = buffer.bytes();
            int start = buffer.start();
            int available = buffer.length();
            for (; i < available; i++) {
                byte b = bytes[start + i];
                if (inString) {
                    if (b == '\\') {
                        i++;
                    } else if (b == '"') {
                        inString = false;
                    }
                } else if (b == '"') {
                    inString = true;
                } else if (b == '{' || b == '[') {
                    depth++;
                } else if ((b == '}' || b == ']') && --depth == 0) {
                    from = start;
                    length = i + 1;
                    return;
                }
            }
            if (!buffer.fill()) {
                throw malformed("The body ends in the middle of this record.");
            }
        }
    }

    private static BadRecordException malformed(String detail) {
        return BadRecordException.malformedRecord(detail, null);
    }

    @Override
    public byte[] bytes() {
        return buffer.bytes();
    }

    @Override
    public int from() {
        return from;
    }

    @Override
    public int to() {
        return from + length;
    }

    @Override
    public long line() {
        return line;
    }
}
