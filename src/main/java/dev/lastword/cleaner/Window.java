package dev.lastword.cleaner;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.OffsetSet;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Batches that lie in the read buffer together, and which of their records are superseded. Where
/// the key index has to be asked it is about some thousand records at once: its memory is not in
/// the processor's caches, and the more accesses to it are under way at a time, the less each of
/// them costs. A few hundred at a time take twice as long, more than these no less.
///
/// Record `r` of batch `b` is number `first(b) + r` in the arrays. Not thread-safe.
final class Window {
    /// No batch is added once there are so many records.
    private static final int RECORDS = 8192;

    /// Nor once so many bytes have been unpacked.
    private static final int UNPACKED_BYTES = 1 << 20;

    /// Views whose buffers are larger than this together are not used again.
    private static final int UNPACKED_BYTES_KEPT = 4 << 20;

    private static final byte VALUE = 1;
    private static final byte TOMBSTONE = 2;
    private static final byte SUPERSEDED = 4;

    private final KeyHash hash = new KeyHash();
    private final List<RecordBatch> batches = new ArrayList<>();
    private int batchCount;
    private long[] positions = new long[64];

    /// Where the records of each batch begin in the arrays, and the next batch's would.
    private int[] firsts = new int[65];

    private long[] hi = new long[256];
    private long[] lo = new long[256];
    private long[] entries = new long[256];
    private long[] offsets = new long[256];
    private long[] timestamps = new long[256];

    /// [#VALUE], [#TOMBSTONE] or, for a record without a key, 0; and [#SUPERSEDED].
    private byte[] kinds = new byte[256];

    private long unpackedBytes;

    /// Forgets all batches.
    void clear() {
        if (unpackedBytes > 0) {
            long kept = 0;
            for (RecordBatch b : batches) {
                kept += b.unpackedCapacity();
            }
            if (kept > UNPACKED_BYTES_KEPT) {
                batches.clear();
            }
        }
        batchCount = 0;
        unpackedBytes = 0;
    }

    /// Adds the batch that a scanner is at; its records are hashed.
    void add(BatchScanner scanner, KeyHasher hasher) throws IOException {
        RecordBatch batch = begin(scanner);
        int n = firsts[batchCount];
        if (!batch.isControl()) {
            RecordCursor cursor = batch.cursor();
            for (; cursor.next(); n++) {
                note(n, cursor);
                if (cursor.keyLength() < 0) {
                    hi[n] = 0;
                    lo[n] = 0;
                } else {
                    hasher.hash(cursor.buffer(), cursor.keyPosition(), cursor.keyLength(), hash);
                    hi[n] = hash.hi;
                    lo[n] = hash.lo;
                }
            }
        }
        end(batch, n);
    }

    /// Adds the batch that a scanner is at, of which is known what is superseded. Its records are
    /// not looked at where without that all is known: values, no offset of the batch left out.
    ///
    /// @param tombstones whether there may be any
    void add(BatchScanner scanner, OffsetSet superseded, boolean tombstones) throws IOException {
        RecordBatch batch = begin(scanner);
        int first = firsts[batchCount];
        int n = first;
        if (!batch.isControl()) {
            if (!tombstones && batch.count() == batch.nextOffset() - batch.baseOffset()) {
                n += batch.count();
                noteValues(first, n, batch.baseOffset(), superseded);
            } else {
                RecordCursor cursor = batch.cursor();
                for (; cursor.next(); n++) {
                    note(n, cursor);
                    kinds[n] |= superseded.contains(offsets[n]) ? SUPERSEDED : 0;
                }
            }
        }
        end(batch, n);
    }

    private RecordBatch begin(BatchScanner scanner) throws IOException {
        if (batchCount == batches.size()) {
            batches.add(new RecordBatch());
        }
        RecordBatch batch = batches.get(batchCount);
        batch.wrap(scanner.buffer(), scanner.batch().position());
        if (!batch.isControl()) {
            var _ = batch.recordBytes(); // unpacked, it is known to have as many records as it says
        }
        ensureRoom(batch);
        positions[batchCount] = scanner.position();
        return batch;
    }

    private void note(int n, RecordCursor cursor) {
        offsets[n] = cursor.offset();
        timestamps[n] = cursor.timestamp();
        byte kind = cursor.isTombstone() ? TOMBSTONE : VALUE;
        kinds[n] = cursor.keyLength() < 0 ? 0 : kind;
    }

    private void noteValues(int first, int end, long baseOffset, OffsetSet superseded) {
        Arrays.fill(kinds, first, end, VALUE);
        for (int i = first; i < end; i++) {
            offsets[i] = baseOffset + (i - first);
        }
        long behind = baseOffset + (end - first);
        for (long at = superseded.next(baseOffset, behind);
                at >= 0;
                at = superseded.next(at + 1, behind)) {
            kinds[first + (int) (at - baseOffset)] |= SUPERSEDED;
        }
    }

    private void end(RecordBatch batch, int n) {
        firsts[++batchCount] = n;
        unpackedBytes += batch.unpackedCapacity();
    }

    private void ensureRoom(RecordBatch batch) {
        if (batchCount == positions.length) {
            positions = Arrays.copyOf(positions, 2 * batchCount);
            firsts = Arrays.copyOf(firsts, 2 * batchCount + 1);
        }
        int needed = firsts[batchCount] + batch.count();
        if (needed > hi.length) {
            int length = Math.max(needed, 2 * hi.length);
            hi = Arrays.copyOf(hi, length);
            lo = Arrays.copyOf(lo, length);
            entries = new long[length];
            offsets = Arrays.copyOf(offsets, length);
            timestamps = Arrays.copyOf(timestamps, length);
            kinds = Arrays.copyOf(kinds, length);
        }
    }

    /// Whether the batches added are to be dealt with before another one is added.
    boolean isFull() {
        return firsts[batchCount] >= RECORDS || unpackedBytes >= UNPACKED_BYTES;
    }

    /// Asks the index which records are superseded.
    void lookUp(KeyIndex index) {
        int n = firsts[batchCount];
        index.getAll(hi, lo, entries, n);
        for (int i = 0; i < n; i++) {
            boolean superseded =
                    entries[i] != KeyIndex.ABSENT && KeyIndex.offset(entries[i]) != offsets[i];
            kinds[i] |= superseded && kinds[i] != 0 ? SUPERSEDED : 0;
        }
    }

    int batchCount() {
        return batchCount;
    }

    RecordBatch batch(int batch) {
        return batches.get(batch);
    }

    /// Where a batch begins in the file.
    long position(int batch) {
        return positions[batch];
    }

    /// The number of a batch's first record.
    int first(int batch) {
        return firsts[batch];
    }

    /// The number of records of a batch; 0 of a control batch.
    int count(int batch) {
        return firsts[batch + 1] - firsts[batch];
    }

    boolean isSuperseded(int record) {
        return (kinds[record] & SUPERSEDED) != 0;
    }

    boolean isTombstone(int record) {
        return (kinds[record] & TOMBSTONE) != 0;
    }

    long offset(int record) {
        return offsets[record];
    }

    /// Not known of a record that was not looked at.
    long timestamp(int record) {
        return timestamps[record];
    }

    long hi(int record) {
        return hi[record];
    }

    long lo(int record) {
        return lo[record];
    }
}
