package dev.lastword.cleaner.offline;

import dev.lastword.index.KeyHash;
import java.util.Arrays;

/// Finds out which records are superseded: for each key the latest record so far is remembered, in
/// [KeyTable]s, one for each value of the leading bits of `lo`. Keys wait until many have gathered
/// for a table and are then put into it at once, so that the places they go to lie close together
/// and are met in the cache. Keys of one table, and so equal keys, keep their order.
///
/// Not thread-safe.
final class PendingKeys {
    private static final int PARTS_LOG = 7;
    private static final int PART_KEYS = 1024;

    /// A log smaller than this has an index that the cache holds anyway.
    private static final long LARGE_LOG_BYTES = 64 << 20;

    /// The tables begin with a hundredth of the log's size, but no more than this: growing from
    /// nothing takes a tenth of the time of all.
    private static final long TABLES_BYTES_MAX = 64 << 20;

    /// How far `(int) lo` is shifted, twice, to give the part: 32 bits for a single one.
    private final int shift;

    private final KeyTable[] tables;
    private final int[] counts;
    private final long[] hi;
    private final long[] lo;
    private final long[] ordinals;
    private final long[] replaced = new long[PART_KEYS];

    private PendingKeys(int partsLog, long bytes) {
        int parts = 1 << partsLog;
        shift = 32 - partsLog;
        tables = new KeyTable[parts];
        long tableBytes = Math.min(bytes / 100, TABLES_BYTES_MAX) / parts;
        Arrays.setAll(tables, i -> new KeyTable(tableBytes));
        counts = new int[parts];
        hi = new long[parts * PART_KEYS];
        lo = new long[parts * PART_KEYS];
        ordinals = new long[parts * PART_KEYS];
    }

    /// For a log of so many bytes.
    static PendingKeys of(long bytes) {
        return new PendingKeys(bytes < LARGE_LOG_BYTES ? 0 : PARTS_LOG, bytes);
    }

    /// Takes a key in, with the ordinal of its record.
    ///
    /// @return the part that is full now and must be drained, or -1
    int add(KeyHash hash, long ordinal) {
        int part = (int) ((hash.lo & 0xffff_ffffL) >>> shift);
        int count = counts[part];
        int at = part * PART_KEYS + count;
        hi[at] = hash.hi;
        lo[at] = hash.lo;
        ordinals[at] = ordinal;
        counts[part] = count + 1;
        return count + 1 == PART_KEYS ? part : -1;
    }

    /// Puts the keys of one part into its table.
    ///
    /// @param dead takes the ordinals of records that turn out to be superseded
    /// @return how many those are
    int drain(int part, OrdinalSet dead) {
        int n = tables[part].putAll(hi, lo, ordinals, part * PART_KEYS, counts[part], replaced);
        for (int i = 0; i < n; i++) { // on its own, so that these cache misses overlap too
            dead.add(replaced[i]);
        }
        counts[part] = 0;
        return n;
    }

    /// As [#drain], for all parts.
    long drainAll(OrdinalSet dead) {
        long n = 0;
        for (int part = 0; part < counts.length; part++) {
            n += drain(part, dead);
        }
        return n;
    }

    /// Distinct keys met, but for those that wait.
    long keys() {
        long keys = 0;
        for (KeyTable t : tables) {
            keys += t.keys();
        }
        return keys;
    }
}
