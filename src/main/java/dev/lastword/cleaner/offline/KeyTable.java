package dev.lastword.cleaner.offline;

/// For each key the ordinal of its latest record so far: a hash table with open addressing and
/// linear probing. A slot is two longs,
///
/// ```
/// hi of the key's hash, 64 bits
/// low bits of lo, 24 bits | ordinal + 1, 40 bits         (0: the slot is free)
/// ```
///
/// It grows by [#GROWTH] when [#LOAD_MAX] of the slots are taken, so once it has grown it has at
/// most 31 bytes a key.
///
/// Why not the [dev.lastword.index.KeyIndex] of a running log: with one thread, no removal and no
/// reader at the same time, a put needs a tenth of the memory accesses and none of the fences.
///
/// *Collisions.* The part of the table that a key is in ([PendingKeys]) is told by seven further
/// bits, so a key is known by 95 bits of a hash with a secret of its own for each run, or by 88 in
/// a small log. If hashes are random, some two of n keys share them with a probability below n² /
/// 2^96: 1·10^-15 for 10^7 keys, 1·10^-11 for 10^9. Of the two only the later would be kept.
///
/// Not thread-safe.
final class KeyTable {
    /// Ordinals are below this.
    static final long ORDINAL_LIMIT = (1L << 40) - 1;

    private static final int ORDINAL_BITS = 40;
    private static final long ORDINAL_MASK = (1L << ORDINAL_BITS) - 1;
    private static final double LOAD_MAX = 0.75;
    private static final double GROWTH = 1.45;
    private static final int SLOTS_MIN = 1024;
    private static final int SLOTS_MAX = (Integer.MAX_VALUE - 8) / 2;
    private static final int SLOT_BYTES = 2 * Long.BYTES;
    private static final int BATCH = 128;

    private long[] words;
    private int slots;
    private int keys;
    private int keysMax;

    /// Takes the sum of what is loaded ahead, so that the loads are not optimised away.
    @SuppressWarnings("UnusedVariable")
    private long touched;

    /// An empty table.
    ///
    /// @param bytes how large it is at first, or a little larger
    KeyTable(long bytes) {
        slots = Math.clamp(bytes / SLOT_BYTES, SLOTS_MIN, SLOTS_MAX);
        keysMax = (int) (slots * LOAD_MAX);
        words = new long[2 * slots];
    }

    /// How many keys there are.
    int keys() {
        return keys;
    }

    /// Puts the keys `[from, from + n)`, one after the other.
    ///
    /// @param hi halves of the hashes; `lo` likewise
    /// @param ordinals of the records, below [#ORDINAL_LIMIT]
    /// @param replaced takes the ordinals that the keys had before, if any, in order
    /// @return how many those are
    int putAll(long[] hi, long[] lo, long[] ordinals, int from, int n, long[] replaced) {
        int count = 0;
        for (int start = from; start < from + n; start += BATCH) {
            int end = Math.min(from + n, start + BATCH);
            while (keys + (end - start) > keysMax) {
                grow();
            }
            touch(hi, start, end);
            for (int i = start; i < end; i++) {
                long before = put(hi[i], lo[i] << ORDINAL_BITS, ordinals[i] + 1);
                replaced[count] = before - 1;
                count += before == 0 ? 0 : 1;
            }
        }
        return count;
    }

    /// Loads where the searches for some keys begin. None waits for another, so the cache misses
    /// overlap.
    private void touch(long[] hi, int start, int end) {
        long[] w = words;
        long sum = 0;
        for (int i = start; i < end; i++) {
            sum += w[home(hi[i])];
        }
        touched = sum;
    }

    /// The ordinal + 1 that the key had, or 0.
    private long put(long hi, long tag, long ordinalPlus1) {
        long[] w = words;
        int at = home(hi);
        while (true) {
            long word = w[at + 1];
            if (word == 0) {
                w[at] = hi;
                w[at + 1] = tag | ordinalPlus1;
                keys++;
                return 0;
            }
            if (w[at] == hi && (word ^ tag) >>> ORDINAL_BITS == 0) {
                w[at + 1] = tag | ordinalPlus1;
                return word & ORDINAL_MASK;
            }
            at += 2;
            if (at == 2 * slots) {
                at = 0;
            }
        }
    }

    /// Where the search for a key starts; rises with `hi`, taken as unsigned, so that growing walks
    /// through both tables in order.
    private int home(long hi) {
        return (int) (((hi >>> 32) * slots) >>> 32) << 1;
    }

    private void grow() {
        long[] old = words;
        int oldSlots = slots;
        if (oldSlots > SLOTS_MAX / GROWTH) {
            throw new OutOfMemoryError("more keys than a table can hold");
        }
        slots = (int) (oldSlots * GROWTH);
        keysMax = (int) (slots * LOAD_MAX);
        words = new long[2 * slots];
        keys = 0;
        for (int at = 0; at < 2 * oldSlots; at += 2) {
            long word = old[at + 1];
            if (word != 0) {
                put(old[at], word & ~ORDINAL_MASK, word & ORDINAL_MASK);
            }
        }
    }
}
