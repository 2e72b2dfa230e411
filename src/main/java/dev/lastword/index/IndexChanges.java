package dev.lastword.index;

import java.util.ArrayList;
import java.util.List;

/// Changes of an index in their order, each four numbers: `hi`, `lo`, and the new entry with its
/// version, or [KeyIndex#ABSENT] with the offset of the entry that was removed. Bounded: beyond
/// [#MAX] they count as lost. Not thread-safe.
public final class IndexChanges {
    /// How many numbers a change has.
    public static final int LONGS = 4;

    /// So many changes at most, 32 MiB.
    public static final int MAX = 1 << 20;

    private static final int BLOCK_LONGS = 1024 * LONGS;

    /// All full but the last; no block is ever copied, for the writer waits meanwhile.
    private final List<long[]> blocks = new ArrayList<>();

    private int count;

    void add(long hi, long lo, long entry, long version) {
        int at = count * LONGS % BLOCK_LONGS;
        if (count < MAX) {
            if (at == 0) {
                blocks.add(new long[BLOCK_LONGS]);
            }
            long[] block = blocks.getLast();
            block[at] = hi;
            block[at + 1] = lo;
            block[at + 2] = entry;
            block[at + 3] = version;
        }
        count++;
    }

    /// How many there are.
    public int count() {
        return count;
    }

    /// Whether there were more than are kept.
    public boolean isIncomplete() {
        return count > MAX;
    }

    /// One of the numbers, of which each change has [#LONGS].
    public long get(int i) {
        return blocks.get(i / BLOCK_LONGS)[i % BLOCK_LONGS];
    }
}
