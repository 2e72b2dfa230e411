package dev.lastword.record;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One record taken out of its batch, with arrays of its own. Two records are equal when all their
/// bytes are.
///
/// @param offset its place in the partition, for ever
/// @param timestamp milliseconds since 1970, or -1 when unknown
/// @param key the key, not copied
/// @param value the value, not copied; null says that the key is deleted
/// @param headers the headers in their order on disk
@SuppressWarnings("ArrayRecordComponent") // compared by content below
public record LogRecord(
        long offset,
        long timestamp,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<Header> headers) {

    /// Makes the list of headers unmodifiable.
    public LogRecord {
        headers = List.copyOf(headers);
    }

    /// Whether this record deletes its key.
    public boolean isTombstone() {
        return value == null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LogRecord that
                && offset == that.offset
                && timestamp == that.timestamp
                && Arrays.equals(key, that.key)
                && Arrays.equals(value, that.value)
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                offset, timestamp, Arrays.hashCode(key), Arrays.hashCode(value), headers);
    }

    @Override
    public String toString() {
        return "LogRecord[offset=%d, timestamp=%d, key=%s, value=%s, headers=%s]"
                .formatted(offset, timestamp, lengthOf(key), lengthOf(value), headers);
    }

    private static String lengthOf(byte @Nullable [] bytes) {
        return bytes == null ? "null" : bytes.length + " bytes";
    }
}
