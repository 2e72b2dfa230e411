package dev.lastword.log;

import dev.lastword.record.BatchWriter;
import dev.lastword.record.Header;
import dev.lastword.record.RecordBatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way into the log.
 *
 * @param key never empty
 * @param value the bytes, or null for a tombstone
 * @param timestamp create time in milliseconds since the epoch, or {@link #NOW}
 * @param once under which name it is stored no more than once; null: as often as it comes
 * @param ttlMs how long after it is appended its key expires ({@link Deadline}), or {@link
 *     #FOR_EVER}
 */
public record NewRecord(
        byte[] key,
        byte @Nullable [] value,
        long timestamp,
        List<Header> headers,
        @Nullable Once once,
        long ttlMs) {
    /** Stands for the time at which the record is appended. */
    public static final long NOW = -1;

    /** Stands for no time to live. */
    public static final long FOR_EVER = 0;

    public NewRecord {
        headers = List.copyOf(headers);
        if (key.length == 0) {
            throw new IllegalArgumentException("a key has at least one byte");
        }
        if (timestamp < NOW) {
            throw new IllegalArgumentException("timestamp " + timestamp + " is negative");
        }
        if (ttlMs < 0 || ttlMs > Deadline.TTL_MS_MAX || (ttlMs > 0 && value == null)) {
            throw new IllegalArgumentException("no record lives for " + ttlMs + " ms");
        }
    }

    /** A record that is stored as often as it comes. */
    public NewRecord(byte[] key, byte @Nullable [] value, long timestamp, List<Header> headers) {
        this(key, value, timestamp, headers, null, FOR_EVER);
    }

    /** The same, stored once. */
    public NewRecord storedOnce(Once name) {
        return new NewRecord(key, value, timestamp, headers, name, ttlMs);
    }

    /** The same with other headers. */
    NewRecord withHeaders(List<Header> others) {
        return new NewRecord(key, value, timestamp, others, once, ttlMs);
    }

    /** The same with a time to live. */
    public NewRecord expiringAfter(long ms) {
        return new NewRecord(key, value, timestamp, headers, once, ms);
    }

    /** A bound of what is added to it on its way into the log. */
    int addedBytesMax() {
        return (once == null ? 0 : Once.BYTES_MAX) + (ttlMs == FOR_EVER ? 0 : Deadline.BYTES_MAX);
    }

    /** What a batch with nothing else takes. */
    public long sizeInBatch() {
        return RecordBatch.HEADER_BYTES
                + (long) BatchWriter.sizeOf(0, 0, key, value, headers)
                + addedBytesMax();
    }

    public boolean isTombstone() {
        return value == null;
    }
}
