package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.record.Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Says of a record on its way in that it is to be stored once, however often it is sent. It
/// belongs to a *request*, known by a 128-bit hash of all that names it, and is a *line* of it: a
/// request of one record has line 1, a stream one for each of its records.
///
/// A partition gets a request's lines in ascending order, and after one that failed none. So what
/// it has of a request is a beginning, and for skipping it on a resend one [IdempotencyWindow]
/// entry is enough. So that another body under the same name is noticed, each line carries a
/// *fingerprint*: of its own content and of all lines of the request before it that went into the
/// same partition.
///
/// In the log it is the record header [#HEADER], from which the window is rebuilt after a crash:
///
/// ```
/// hash int64, int64 | line int64 | fingerprint int64 | appended at int64, ms | created int8
/// ```
///
/// @param hi the request's hash, first half
/// @param lo second half
/// @param line from 1
/// @param fingerprint of it and the lines before it
/// @param lineBefore the line of the request that went into the partition before; 0: none
/// @param fingerprintBefore its fingerprint
public record Once(
        long hi, long lo, long line, long fingerprint, long lineBefore, long fingerprintBefore) {
    /// Clients cannot set it.
    public static final String HEADER = "lastword-idempotency";

    /// What the header adds to a record, at most.
    static final int BYTES_MAX = 80;

    private static final int VALUE_BYTES = 5 * Long.BYTES + 1;
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    /// The only line of a request.
    ///
    /// @param fingerprint what another body differs in; 0 where bodies are not compared
    public static Once single(KeyHash request, long fingerprint) {
        return new Once(request.hi, request.lo, 1, fingerprint, 0, 0);
    }

    /// A fingerprint of a record's content, behind another.
    public static long fingerprint(long before, NewRecord record, KeyHasher hasher) {
        KeyHash hash = new KeyHash();
        long mixed = mixed(before, record.key(), hasher, hash);
        mixed = mixed(mixed, record.value(), hasher, hash);
        mixed = Long.rotateLeft(mixed ^ record.timestamp(), 23) * MIX;
        if (record.ttlMs() != NewRecord.FOR_EVER) {
            mixed = Long.rotateLeft(mixed ^ record.ttlMs(), 29) * MIX;
        }
        for (Header h : record.headers()) {
            mixed = Long.rotateLeft(mixed ^ h.name().hashCode(), 23) * MIX;
            mixed = mixed(mixed, h.value(), hasher, hash);
        }
        return mixed;
    }

    private static long mixed(
            long before, byte @Nullable [] bytes, KeyHasher hasher, KeyHash hash) {
        if (bytes == null) {
            return Long.rotateLeft(before ^ MIX, 17) * MIX;
        }
        hasher.hash(bytes, hash);
        return Long.rotateLeft(before ^ hash.lo, 23) * MIX + hash.hi;
    }

    /// The record as it is stored.
    NewRecord marked(NewRecord record, long nowMs, boolean created) {
        byte[] value =
                ByteBuffer.allocate(VALUE_BYTES)
                        .putLong(hi)
                        .putLong(lo)
                        .putLong(line)
                        .putLong(fingerprint)
                        .putLong(nowMs)
                        .put((byte) (created ? 1 : 0))
                        .array();
        List<Header> headers = new ArrayList<>(record.headers());
        headers.add(new Header(HEADER, value));
        return record.withHeaders(headers);
    }

    /// The record without a mark that its sender put there.
    static NewRecord unmarked(NewRecord record) {
        for (Header h : record.headers()) {
            if (h.name().equals(HEADER)) {
                List<Header> headers = new ArrayList<>(record.headers());
                headers.removeIf(other -> other.name().equals(HEADER));
                return record.withHeaders(headers);
            }
        }
        return record;
    }

    /// A mark as it stands in the log.
    record Mark(Once once, long atMs, boolean created) {}

    /// The mark among a record's headers; null without one.
    static @Nullable Mark markOf(List<Header> headers) {
        for (Header h : headers) {
            byte[] value = h.value();
            if (value != null && value.length == VALUE_BYTES && h.name().equals(HEADER)) {
                ByteBuffer in = ByteBuffer.wrap(value);
                Once once = new Once(in.getLong(), in.getLong(), in.getLong(), in.getLong(), 0, 0);
                return new Mark(once, in.getLong(), in.get() == 1);
            }
        }
        return null;
    }
}
