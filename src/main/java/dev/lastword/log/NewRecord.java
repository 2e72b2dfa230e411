package dev.lastword.log;

import dev.lastword.record.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way into the log.
 *
 * @param key never empty
 * @param value the bytes, or null for a tombstone
 * @param timestamp create time in milliseconds since the epoch, or {@link #NOW}
 */
public record NewRecord(byte[] key, byte @Nullable [] value, long timestamp, List<Header> headers) {
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

    public boolean isTombstone() {
        return value == null;
    }
}
