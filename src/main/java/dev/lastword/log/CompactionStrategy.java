package dev.lastword.log;

import dev.lastword.record.Header;
import dev.lastword.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which of a key's records counts (`compaction.strategy`): the one with the highest version, and
/// of equal versions the one with the highest offset. The version is
/// - `offset`: nothing, so that simply the last record counts;
/// - `timestamp`: the record's timestamp;
/// - `header:<name>`: a 64-bit number in the record's last header of that name, as decimal text
///   (digits, perhaps with a minus before them) or as eight bytes, big-endian and signed (KIP-280).
///   Eight bytes that can be read as text are: so they would have to be a number above 3.2·10^18. A
///   write without a number there is refused.
///
/// *A late event*, one with a lower version than its key's record, is stored and superseded at
/// once. It carries the header [#SUPERSEDED], so that whoever reads the log in order, a snapshot or
/// a stream of changes, can leave it out: without such records, the versions of a key's records
/// ascend with their offsets. Clients cannot set that header.
///
/// *Late events and tombstones.* A late event behind its key's tombstone would come back once the
/// tombstone is dropped, if the index were built anew before the event's own segment is cleaned.
/// Therefore the tombstone is repeated right behind the late event, in the same batch, with its own
/// version. This keeps the invariant:
///
/// > If the record of a key that counts is a tombstone, every other record of the key that is left
/// > anywhere lies before it.
///
/// Proof. A new record of the key either has at least the version of the one that counts; then it
/// counts itself and lies behind all others. Or it has a lower one; if a tombstone counts, that is
/// repeated behind the new record, and the repetition counts, for of equal versions the last does.
/// A crash takes both away or none, since a batch is accepted as a whole; and what it leaves is a
/// beginning of what was written. The cleaner takes records away that do not count, because of one
/// that does and is flushed; a rewritten batch goes into the place of its original. So nothing
/// changes the order, and what counts among the records that are left is what counted before.
///
/// So the rule for dropping tombstones is the same for every strategy: when an ordered pass meets a
/// tombstone that counts, all other records of its key are durably gone, or go in the same swap. An
/// event older than a tombstone that is dropped already meets an absent key, and revives it.
///
/// @param kind what the version is
/// @param header its name for [Kind#HEADER], else empty
public record CompactionStrategy(Kind kind, String header) {
    /// What the version of a record is.
    public enum Kind {
        OFFSET,
        TIMESTAMP,
        HEADER
    }

    /// Name of the header, without a value, that marks a record which was superseded when it came.
    public static final String SUPERSEDED = "lastword-superseded";

    static final String RANGE = "offset, timestamp or header:<name of a record header>";

    private static final String HEADER_PREFIX = "header:";

    /// The version of a record on disk that has none, in a log that others wrote: below all others.
    private static final long NONE = Long.MIN_VALUE;

    static CompactionStrategy parse(String text) {
        if (text.equals("offset")) {
            return new CompactionStrategy(Kind.OFFSET, "");
        }
        if (text.equals("timestamp")) {
            return new CompactionStrategy(Kind.TIMESTAMP, "");
        }
        String name = text.startsWith(HEADER_PREFIX) ? text.substring(HEADER_PREFIX.length()) : "";
        if (name.isBlank() || name.equals(SUPERSEDED)) {
            throw new IllegalArgumentException("no strategy");
        }
        return new CompactionStrategy(Kind.HEADER, name);
    }

    /// Whether records have versions.
    public boolean isVersioned() {
        return kind != Kind.OFFSET;
    }

    /// Looks at a record before it is taken.
    ///
    /// @throws LogException.InvalidVersion if its version cannot be read
    public void check(NewRecord record) {
        if (kind == Kind.HEADER && number(record.headers()) == null) {
            throw new LogException.InvalidVersion(header);
        }
    }

    /// The version of a record that was checked; 0 where there are none.
    long version(NewRecord record, long timestamp) {
        return version(timestamp, kind == Kind.HEADER ? record.headers() : List.of());
    }

    /// The version of a record on disk; 0 where there are none.
    long version(RecordCursor record) {
        return version(record.timestamp(), kind == Kind.HEADER ? record.headers() : List.of());
    }

    private long version(long timestamp, List<Header> headers) {
        return switch (kind) {
            case OFFSET -> 0;
            case TIMESTAMP -> timestamp;
            case HEADER -> {
                Long number = number(headers);
                yield number == null ? NONE : number;
            }
        };
    }

    private @Nullable Long number(List<Header> headers) {
        byte[] value = null;
        for (Header h : headers) {
            if (h.name().equals(header)) {
                value = h.value();
            }
        }
        if (value == null) {
            return null;
        }
        if (isText(value)) {
            try {
                return Long.parseLong(new String(value, StandardCharsets.US_ASCII));
            } catch (NumberFormatException e) {
                return null; // beyond 64 bits
            }
        }
        return value.length == Long.BYTES ? ByteBuffer.wrap(value).getLong() : null;
    }

    private static boolean isText(byte[] value) {
        int from = value.length > 1 && value[0] == '-' ? 1 : 0;
        for (int i = from; i < value.length; i++) {
            if (value[i] < '0' || value[i] > '9') {
                return false;
            }
        }
        return value.length > 0;
    }

    /// Whether a record on disk was superseded when it came.
    public boolean wasLate(RecordCursor record) {
        return isVersioned()
                && record.headers().stream().anyMatch(h -> h.name().equals(SUPERSEDED));
    }

    /// The record as it is stored when it counts: without a mark that its sender put there.
    static NewRecord counting(NewRecord record) {
        for (Header h : record.headers()) {
            if (h.name().equals(SUPERSEDED)) {
                return record.withHeaders(unmarked(record));
            }
        }
        return record;
    }

    /// The record as it is stored when it comes late.
    static NewRecord late(NewRecord record) {
        List<Header> headers = unmarked(record);
        headers.add(new Header(SUPERSEDED, null));
        return record.withHeaders(headers);
    }

    private static List<Header> unmarked(NewRecord record) {
        List<Header> headers = new ArrayList<>(record.headers());
        headers.removeIf(h -> h.name().equals(SUPERSEDED));
        return headers;
    }

    /// A tombstone of a key that counts where a record of this version does.
    ///
    /// @param timestamp for it, where the version does not say it
    NewRecord tombstone(byte[] key, long version, long timestamp) {
        return kind == Kind.TIMESTAMP
                ? new NewRecord(key, null, version, List.of())
                : new NewRecord(
                        key,
                        null,
                        timestamp,
                        List.of(
                                new Header(
                                        header,
                                        Long.toString(version)
                                                .getBytes(StandardCharsets.US_ASCII))));
    }

    /// As in the settings of a topic.
    @Override
    public String toString() {
        return switch (kind) {
            case OFFSET -> "offset";
            case TIMESTAMP -> "timestamp";
            case HEADER -> HEADER_PREFIX + header;
        };
    }
}
