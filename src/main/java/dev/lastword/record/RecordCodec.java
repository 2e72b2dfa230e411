package dev.lastword.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The bytes of one record: its start, which depends on the batch around it, and its tail, which
/// does not. Positions are absolute; there must be room.
final class RecordCodec {
    private RecordCodec() {}

    /// The bytes behind the record's length field.
    static int bodyBytes(long timestampDelta, int offsetDelta, long tailBytes) {
        long bytes =
                1 + Varints.sizeOfLong(timestampDelta) + Varints.sizeOfInt(offsetDelta) + tailBytes;
        if (bytes > Integer.MAX_VALUE - Varints.INT_BYTES_MAX) {
            throw new IllegalArgumentException("a record of " + bytes + " bytes");
        }
        return (int) bytes;
    }

    /// The bytes of key, value and headers with their lengths.
    static long tailBytes(byte @Nullable [] key, byte @Nullable [] value, List<Header> headers) {
        long bytes = sizeOf(key) + sizeOf(value) + Varints.sizeOfInt(headers.size());
        for (int i = 0; i < headers.size(); i++) {
            Header header = headers.get(i);
            int nameBytes = utf8Bytes(header.name());
            bytes += Varints.sizeOfInt(nameBytes) + (long) nameBytes + sizeOf(header.value());
        }
        return bytes;
    }

    private static long sizeOf(byte @Nullable [] bytes) {
        return bytes == null ? 1 : Varints.sizeOfInt(bytes.length) + (long) bytes.length;
    }

    /// The length of `text` in UTF-8, as `String.getBytes` would give it: half a surrogate pair
    /// becomes a question mark.
    static int utf8Bytes(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                bytes++;
            }
        }
        return bytes;
    }

    /// Writes all before the key's length; returns the position behind it.
    static int putStart(
            ByteBuffer out,
            int position,
            int bodyBytes,
            byte attributes,
            long timestampDelta,
            int offsetDelta) {
        int at = Varints.putInt(out, position, bodyBytes);
        out.put(at++, attributes);
        at = Varints.putLong(out, at, timestampDelta);
        return Varints.putInt(out, at, offsetDelta);
    }

    /// Writes key, value and headers; returns the position behind them.
    static int putTail(
            ByteBuffer out,
            int position,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<Header> headers) {
        int at = putBytes(out, position, key);
        at = putBytes(out, at, value);
        at = Varints.putInt(out, at, headers.size());
        for (int i = 0; i < headers.size(); i++) {
            Header header = headers.get(i);
            at = putBytes(out, at, header.name().getBytes(StandardCharsets.UTF_8));
            at = putBytes(out, at, header.value());
        }
        return at;
    }

    private static int putBytes(ByteBuffer out, int position, byte @Nullable [] bytes) {
        if (bytes == null) {
            return Varints.putInt(out, position, -1);
        }
        int at = Varints.putInt(out, position, bytes.length);
        out.put(at, bytes);
        return at + bytes.length;
    }
}
