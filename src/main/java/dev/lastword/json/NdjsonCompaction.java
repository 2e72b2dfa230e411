package dev.lastword.json;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.NewRecord;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// Keeps the last record of each key out of lines of JSON, in two passes over the same bytes: the
/// first finds out which record is the last of its key, the second copies those lines as they are,
/// in their order. Nothing but the key index grows with the input (some 30 bytes a key), which is
/// also why the second pass reads each key again instead of remembering which lines stay.
///
/// A tombstone is the last word on its key like any other record. Unless it is asked to go, it
/// stays: so compacting two parts of a stream, and then both together, gives what compacting the
/// whole gives.
///
/// For one thread.
public final class NdjsonCompaction {
    /// How often the keys are counted, in records.
    private static final int COUNTED_EVERY = 1 << 10;

    /// Takes the lines that stay, and hears how far it is.
    public interface Sink {
        /// A line without its end, valid during the call.
        void line(byte[] bytes, int from, int length) throws IOException;
    }

    /// Told after every record, kept or not.
    public interface Progress {
        void read(long records);
    }

    /// What came of it.
    ///
    /// @param records records in the input
    /// @param kept those in the output
    /// @param superseded those left out for a later one of the same key
    /// @param deleted tombstones left out
    public record Result(long records, long kept, long superseded, long deleted) {}

    /// A line that is no record.
    public static final class BadLineException extends IOException {
        private static final long serialVersionUID = 1L;

        private final long line;
        private final BadRecordException reason;

        BadLineException(long line, BadRecordException reason) {
            super("Line " + line + ": " + reason.getMessage(), reason);
            this.line = line;
            this.reason = reason;
        }

        /// Its number, from 1.
        public long line() {
            return line;
        }

        public BadRecordException reason() {
            return reason;
        }
    }

    /// There are more keys than there may be memory for.
    public static final class TooManyKeysException extends IOException {
        private static final long serialVersionUID = 1L;

        TooManyKeysException(long keysMax) {
            super("The input has more than " + keysMax + " keys.");
        }
    }

    private final int lineBytesMax;
    private final long keysMax;
    private final boolean dropTombstones;
    private final Progress progress;
    private final RecordJsonReader reader = new RecordJsonReader();
    private final KeyIndex index;
    private final KeyHasher hasher;
    private final KeyHash hash = new KeyHash();
    private long records;

    /// @param lineBytesMax a line may be as long
    /// @param keysMax about so many keys may there be
    /// @param dropTombstones whether tombstones go, once they have removed what was before them
    public NdjsonCompaction(
            int lineBytesMax, long keysMax, boolean dropTombstones, Progress progress) {
        this.lineBytesMax = lineBytesMax;
        this.keysMax = keysMax;
        SecureRandom random = new SecureRandom();
        this.dropTombstones = dropTombstones;
        this.progress = progress;
        this.index = new KeyIndex(random.nextLong());
        this.hasher = KeyHasher.keyed(random.nextLong(), random.nextLong());
    }

    /// The first pass, over all of the input.
    ///
    /// @throws BadLineException at the first line that is no record
    /// @throws TooManyKeysException if there are too many keys
    public void decide(InputStream in) throws IOException {
        RecordSource lines = new NdjsonLines(in, lineBytesMax);
        for (NewRecord record = next(lines); record != null; record = next(lines)) {
            hasher.hash(record.key(), hash);
            index.put(hash, records, record.value() == null, 0);
            records++;
            if (records % COUNTED_EVERY == 0 && index.keys() > keysMax) {
                throw new TooManyKeysException(keysMax);
            }
            progress.read(records);
        }
    }

    /// Records in the input; after the first pass.
    public long records() {
        return records;
    }

    /// How many of them stay; after the first pass.
    public long remaining() {
        return dropTombstones ? index.liveKeys() : index.keys();
    }

    /// The second pass, over the same bytes; what was appended meanwhile is not looked at.
    public Result copy(InputStream in, Sink sink) throws IOException {
        RecordSource lines = new NdjsonLines(in, lineBytesMax);
        long kept = 0;
        long deleted = 0;
        for (long n = 0; n < records; n++) {
            NewRecord record = next(lines);
            if (record == null) {
                throw new IOException("The input got shorter while it was read.");
            }
            hasher.hash(record.key(), hash);
            long entry = index.get(hash);
            if (entry != KeyIndex.ABSENT && KeyIndex.offset(entry) == n) {
                if (dropTombstones && record.value() == null) {
                    deleted++;
                } else {
                    sink.line(lines.bytes(), lines.from(), lines.to() - lines.from());
                    kept++;
                }
            }
            progress.read(n + 1);
        }
        return new Result(records, kept, records - kept - deleted, deleted);
    }

    /// The next record, or null at the end.
    private @Nullable NewRecord next(RecordSource lines) throws IOException {
        try {
            return lines.next() ? reader.read(lines.bytes(), lines.from(), lines.to()) : null;
        } catch (BadRecordException e) {
            throw new BadLineException(lines.line(), e);
        }
    }
}
