package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.Compression;
import dev.lastword.record.Header;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.TimestampType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The records of one group commit: their bytes, in batches ready to be written, and for each
/// record what the key index must learn once the group is durable. Offsets follow each other
/// without gaps, unless records bring theirs. Reused; used by one thread at a time.
final class Group {
    /// Size at which a batch ends. Small, for looking one key up reads and checks a whole batch.
    static final int BATCH_BYTES = 16 * 1024;

    private static final int BYTES_MIN = 64 * 1024;

    /// What batch headers and the last batch may add to a group's records.
    private static final int SLACK_BYTES = 512 * 1024;

    /// A usual record is not smaller.
    private static final int RECORD_BYTES_MIN = 32;

    /// No buffer is made larger than this, unless one record needs it.
    private static final int CAPACITY_MAX = Appender.GROUP_BYTES_MAX + SLACK_BYTES;

    /// What is noted of a record, in bytes.
    private static final int RECORD_MEMORY_BYTES = 6 * Long.BYTES + Integer.BYTES;

    private static final int ROOM = 64;
    private static final int TABLE_MIN = 64;

    private final KeyHasher hasher;
    private final BatchWriter writer = new BatchWriter();
    private final KeyHash hash = new KeyHash();

    private ByteBuffer bytes;
    private long nextOffset;
    private int records;
    private int batches;
    private Compression compression = Compression.NONE;
    private boolean batchOpen;
    private int openFirstRecord;
    private long openMaxTimestamp;
    private TimestampType timestampType = TimestampType.CREATE_TIME;
    private int leaderEpoch;

    private int[] batchEnd = new int[16];
    private long[] batchLastOffset = new long[16];
    private long[] batchMaxTimestamp = new long[16];

    private long[] offsets = new long[ROOM];
    private long[] hi = new long[ROOM];
    private long[] lo = new long[ROOM];
    private long[] timestamps = new long[ROOM];
    private long[] versions = new long[ROOM];
    private long[] deadlines = new long[ROOM];

    /// Records that a record before them supersedes.
    private final BitSet late = new BitSet();

    /// Size on disk; negative for a tombstone.
    private int[] sizes = new int[ROOM];

    /// Open addressing: the place + 1 of the record that counts, of those with a key.
    private int[] table = new int[TABLE_MIN];

    Group(KeyHasher hasher) {
        this(hasher, BYTES_MIN);
    }

    /// @param capacity bytes to begin with; it grows
    Group(KeyHasher hasher, int capacity) {
        this.hasher = hasher;
        this.bytes = ByteBuffer.allocateDirect(capacity);
    }

    /// Starts over.
    void begin(long firstOffset, Compression newCompression) {
        compression = newCompression;
        nextOffset = firstOffset;
        timestampType = TimestampType.CREATE_TIME;
        leaderEpoch = 0;
        records = 0;
        batches = 0;
        batchOpen = false;
        late.clear();
        bytes.clear();
        Arrays.fill(table, 0);
    }

    /// Gives memory back that only an unusually large group needed.
    ///
    /// @param bytesUsual how many bytes of records a usual group has
    void trim(int bytesUsual) {
        if (bytes.capacity() > bytesUsual + SLACK_BYTES) {
            bytes = ByteBuffer.allocateDirect(BYTES_MIN);
        }
        if (hi.length > bytesUsual / RECORD_BYTES_MIN) {
            offsets = new long[ROOM];
            hi = new long[ROOM];
            lo = new long[ROOM];
            timestamps = new long[ROOM];
            versions = new long[ROOM];
            deadlines = new long[ROOM];
            sizes = new int[ROOM];
            table = new int[TABLE_MIN];
        }
    }

    /// Appends a record that counts, and returns its place in the group.
    int add(NewRecord record, long timestamp, long version) {
        makeRoom(sizeBound(record));
        int i = append(record, timestamp, version);
        remember(i);
        return i;
    }

    /// Appends a record at its own offset, which is not below [#nextOffset], and returns its place
    /// in the group. [#latest] does not know of it: who mirrors asks no conditions.
    ///
    /// @param bound the most bytes that it takes ([BatchWriter#maxSizeOf])
    int addMirrored(
            int bound,
            byte[] key,
            byte @Nullable [] value,
            long timestamp,
            List<Header> headers,
            long offset,
            TimestampType type,
            int epoch) {
        boolean otherTime = type == TimestampType.LOG_APPEND_TIME && timestamp != openMaxTimestamp;
        if (batchOpen && (type != timestampType || epoch != leaderEpoch || otherTime)) {
            endBatch();
        }
        timestampType = type;
        leaderEpoch = epoch;
        nextOffset = offset;
        makeRoom(bound);
        return append(key, value, timestamp, headers, 0);
    }

    /// Appends all of another group of mirrored records, whose offsets are above those here.
    void addAll(Group next) {
        finish();
        ByteBuffer more = next.finish();
        int base = bytes.position();
        ensureRemaining(more.remaining());
        bytes.put(more);
        ensureRecords(records + next.records);
        System.arraycopy(next.offsets, 0, offsets, records, next.records);
        System.arraycopy(next.hi, 0, hi, records, next.records);
        System.arraycopy(next.lo, 0, lo, records, next.records);
        System.arraycopy(next.timestamps, 0, timestamps, records, next.records);
        System.arraycopy(next.versions, 0, versions, records, next.records);
        System.arraycopy(next.deadlines, 0, deadlines, records, next.records);
        System.arraycopy(next.sizes, 0, sizes, records, next.records);
        records += next.records;
        for (int b = 0; b < next.batches; b++) {
            noteBatch(base + next.batchEnd[b], next.batchLastOffset[b], next.batchMaxTimestamp[b]);
        }
        nextOffset = next.nextOffset;
    }

    /// Appends a record that does not count, and returns its place in the group.
    int addLate(NewRecord record, long timestamp, long version) {
        makeRoom(sizeBound(record));
        int i = append(record, timestamp, version);
        late.set(i);
        return i;
    }

    /// Appends a record that does not count and, in the same batch behind it, its key's tombstone
    /// once more; returns the record's place in the group.
    int addLate(
            NewRecord record,
            long timestamp,
            long version,
            NewRecord tombstone,
            long tombstoneVersion) {
        makeRoom(sizeBound(record) + sizeBound(tombstone));
        int i = append(record, timestamp, version);
        late.set(i);
        remember(append(tombstone, tombstone.timestamp(), tombstoneVersion));
        return i;
    }

    private static int sizeBound(NewRecord record) {
        return BatchWriter.maxSizeOf(record.key(), record.value(), record.headers());
    }

    private void makeRoom(int bound) {
        if (batchOpen && writer.sizeSoFar() + bound > BATCH_BYTES) {
            endBatch();
        }
        if (!batchOpen) {
            beginBatch(bound);
        }
    }

    private int append(NewRecord record, long timestamp, long version) {
        return append(record.key(), record.value(), timestamp, record.headers(), version);
    }

    private int append(
            byte[] key,
            byte @Nullable [] value,
            long timestamp,
            List<Header> headers,
            long version) {
        int before = writer.sizeSoFar();
        int i = records;
        writer.append(nextOffset, timestamp, key, value, headers);
        int size = writer.sizeSoFar() - before;
        openMaxTimestamp = Math.max(openMaxTimestamp, timestamp);
        ensureRecords(i + 1);
        hasher.hash(key, hash);
        offsets[i] = nextOffset++;
        hi[i] = hash.hi;
        lo[i] = hash.lo;
        timestamps[i] = timestamp;
        versions[i] = version;
        deadlines[i] = Deadline.of(value, headers);
        sizes[i] = value == null ? -size : size;
        records = i + 1;
        return i;
    }

    private void ensureRecords(int count) {
        if (count > hi.length) {
            int length = Math.max(count, 2 * hi.length);
            offsets = Arrays.copyOf(offsets, length);
            hi = Arrays.copyOf(hi, length);
            lo = Arrays.copyOf(lo, length);
            timestamps = Arrays.copyOf(timestamps, length);
            versions = Arrays.copyOf(versions, length);
            deadlines = Arrays.copyOf(deadlines, length);
            sizes = Arrays.copyOf(sizes, length);
        }
    }

    private void ensureRemaining(int needed) {
        if (bytes.remaining() < needed) {
            int capacity =
                    Math.max(
                            Math.min(2 * bytes.capacity(), CAPACITY_MAX),
                            bytes.position() + needed);
            ByteBuffer larger = ByteBuffer.allocateDirect(capacity);
            larger.put(bytes.flip());
            bytes = larger;
        }
    }

    private void beginBatch(int recordBound) {
        ensureRemaining(RecordBatch.HEADER_BYTES + Math.max(BATCH_BYTES, recordBound));
        writer.begin(bytes, nextOffset, compression);
        writer.origin(timestampType, leaderEpoch);
        openFirstRecord = records;
        openMaxTimestamp = -1;
        batchOpen = true;
    }

    private void endBatch() {
        int plainBytes = writer.sizeSoFar();
        int storedBytes = writer.end();
        if (storedBytes < plainBytes) {
            shareOut(storedBytes - RecordBatch.HEADER_BYTES, plainBytes - RecordBatch.HEADER_BYTES);
        }
        noteBatch(bytes.position(), offsets[records - 1], openMaxTimestamp);
        batchOpen = false;
    }

    private void noteBatch(int end, long lastOffset, long maxTimestamp) {
        if (batches == batchEnd.length) {
            batchEnd = Arrays.copyOf(batchEnd, 2 * batches);
            batchLastOffset = Arrays.copyOf(batchLastOffset, 2 * batches);
            batchMaxTimestamp = Arrays.copyOf(batchMaxTimestamp, 2 * batches);
        }
        batchEnd[batches] = end;
        batchLastOffset[batches] = lastOffset;
        batchMaxTimestamp[batches] = maxTimestamp;
        batches++;
    }

    /// Gives each record of the batch just packed its share of the bytes on disk.
    private void shareOut(int storedBytes, int plainBytes) {
        for (int i = openFirstRecord; i < records; i++) {
            int share = RecordBatch.share(Math.abs(sizes[i]), storedBytes, plainBytes);
            sizes[i] = sizes[i] < 0 ? -share : share;
        }
    }

    private void remember(int i) {
        if (2 * records > table.length) {
            table = new int[4 * table.length];
            for (int j = 0; j < records; j++) {
                if (!late.get(j)) {
                    table[slot(hi[j], lo[j])] = j + 1;
                }
            }
        } else {
            table[slot(hi[i], lo[i])] = i + 1;
        }
    }

    private int slot(long h, long l) {
        int mask = table.length - 1;
        int s = (int) (h ^ (h >>> 32)) & mask;
        while (table[s] != 0 && (hi[table[s] - 1] != h || lo[table[s] - 1] != l)) {
            s = (s + 1) & mask;
        }
        return s;
    }

    /// The place of the record of this key in the group that counts, or -1.
    int latest(KeyHash key) {
        return table[slot(key.hi, key.lo)] - 1;
    }

    /// Ends the last batch; the bytes to write lie between position and limit.
    ByteBuffer finish() {
        if (batchOpen) {
            endBatch();
        }
        return bytes.duplicate().flip();
    }

    /// The memory that it takes, in bytes.
    int capacity() {
        return bytes.capacity() + RECORD_MEMORY_BYTES * hi.length;
    }

    /// The size of [#finish] now, or more where a batch will be packed.
    int bytesSoFar() {
        return bytes.position() + (batchOpen ? writer.sizeSoFar() : 0);
    }

    boolean isEmpty() {
        return records == 0;
    }

    /// The offset that the next record gets, or the lowest that it may bring.
    long nextOffset() {
        return nextOffset;
    }

    int records() {
        return records;
    }

    long offset(int i) {
        return offsets[i];
    }

    void hash(int i, KeyHash out) {
        out.hi = hi[i];
        out.lo = lo[i];
    }

    /// Has an index load the places of some records' keys all at once.
    void prefetch(KeyIndex index, int from, int count) {
        index.prefetch(hi, lo, from, count);
    }

    boolean isTombstone(int i) {
        return sizes[i] < 0;
    }

    int size(int i) {
        return Math.abs(sizes[i]);
    }

    long timestamp(int i) {
        return timestamps[i];
    }

    /// Whether a record of the group or before it supersedes this one.
    boolean isLate(int i) {
        return late.get(i);
    }

    long version(int i) {
        return versions[i];
    }

    /// When the record's key expires, or [Deadline#NONE].
    long deadline(int i) {
        return deadlines[i];
    }

    int batches() {
        return batches;
    }

    int batchBytes(int b) {
        return batchEnd[b] - (b == 0 ? 0 : batchEnd[b - 1]);
    }

    long batchLastOffset(int b) {
        return batchLastOffset[b];
    }

    long batchMaxTimestamp(int b) {
        return batchMaxTimestamp[b];
    }
}
