package dev.lastword.log;

import java.util.Arrays;

/// Ascending offsets, to be asked whether one is among them. Read by any thread once it is filled.
final class OffsetList {
    private long[] offsets = new long[64];
    private int count;

    /// @param offset higher than all before
    void add(long offset) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * count);
        }
        offsets[count++] = offset;
    }

    boolean contains(long offset) {
        return Arrays.binarySearch(offsets, 0, count, offset) >= 0;
    }
}
