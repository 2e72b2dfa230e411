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
 */
public record NewRecord(
        byte[] key,
        byte @Nullable [] value,
        long timestamp,
        List<Header> headers,
        @Nullable Once once) {
    /** Stands for the time at which the record is appended. */
    public static final long NOW = -1;

    public NewRecord {
        headers = List.copyOf(headers);
        if (key.length == 0) {
            throw new IllegalArgumentException("a key has at least one byte");
        }
        if (timestamp < NOW) {
            throw new IllegalArgumentException("timestamp " + timestamp + " is negative");
        }
    }

    /** A record that is stored as often as it comes. */
    public NewRecord(byte[] key, byte @Nullable [] value, long timestamp, List<Header> headers) {
        this(key, value, timestamp, headers, null);
    }

    /** The same, stored once. */
    public NewRecord storedOnce(Once name) {
        return new NewRecord(key, value, timestamp, headers, name);
    }

    /** A bound of what is added to it on its way into the log. */
    int addedBytesMax() {
        return once == null ? 0 : Once.BYTES_MAX;
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
