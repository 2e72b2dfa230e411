package dev.lastword.log;

import dev.lastword.record.Header;
import dev.lastword.record.RecordCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// When the value of a key expires, as a record says it: in the header [#HEADER], milliseconds
/// since 1970 in decimal digits. A client names a time to live instead ([NewRecord#ttlMs]), from
/// which the appender makes the deadline; one that sends the header itself, such as with a record
/// that it read here, is taken at its word. Anything else in the header is no deadline.
///
/// Expired is a key once its tombstone is in the log ([Expiry]), for every reader alike.
public final class Deadline {
    public static final String HEADER = "lastword-expires";

    /// Of a record that does not expire.
    public static final long NONE = Long.MAX_VALUE;

    /// A hundred years.
    public static final long TTL_MS_MAX = 100L * 365 * 24 * 3_600_000;

    /// What the header adds to a record, at most.
    static final int BYTES_MAX = 48;

    private static final int DIGITS_MAX = 18;
    private static final byte[] NAME = HEADER.getBytes(StandardCharsets.US_ASCII);

    private Deadline() {}

    /// Of a record on its way in, or one that was read.
    static long of(byte @Nullable [] value, List<Header> headers) {
        if (value == null) {
            return NONE; // a tombstone
        }
        byte[] text = null;
        for (Header h : headers) {
            if (h.name().equals(HEADER)) {
                text = h.value();
            }
        }
        return parse(text);
    }

    /// Of a record on disk.
    static long of(RecordCursor record) {
        return record.headerCount() == 0 || record.isTombstone()
                ? NONE
                : parse(record.header(NAME));
    }

    private static long parse(byte @Nullable [] text) {
        if (text == null || text.length == 0 || text.length > DIGITS_MAX) {
            return NONE;
        }
        long ms = 0;
        for (byte b : text) {
            if (b < '0' || b > '9') {
                return NONE;
            }
            ms = 10 * ms + (b - '0');
        }
        return ms;
    }

    /// The record as it is stored: its time to live begins.
    static NewRecord begun(NewRecord record, long nowMs) {
        if (record.ttlMs() == NewRecord.FOR_EVER) {
            return record;
        }
        List<Header> headers = new ArrayList<>(record.headers());
        headers.removeIf(h -> h.name().equals(HEADER));
        String deadline = Long.toString(nowMs + record.ttlMs());
        headers.add(new Header(HEADER, deadline.getBytes(StandardCharsets.US_ASCII)));
        return record.withHeaders(headers).expiringAfter(NewRecord.FOR_EVER);
    }
}
