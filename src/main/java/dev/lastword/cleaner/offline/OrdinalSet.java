package dev.lastword.cleaner.offline;

import java.util.Arrays;

/// A set of ordinals, one bit each, in chunks that are made when they are first needed: so a set of
/// few members costs little, and none grows by copying. Not thread-safe.
final class OrdinalSet {
    private static final int CHUNK_SHIFT = 17;
    private static final int WORDS = 1 << (CHUNK_SHIFT - 6);
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
    private static final long[] NONE = new long[0];

    private long[][] chunks = new long[16][];

    OrdinalSet() {
        Arrays.fill(chunks, NONE);
    }

    void add(long ordinal) {
        int chunk = (int) (ordinal >>> CHUNK_SHIFT);
        if (chunk >= chunks.length || chunks[chunk].length == 0) {
            makeRoom(chunk);
        }
        chunks[chunk][((int) ordinal & CHUNK_MASK) >>> 6] |= 1L << ordinal;
    }

    private void makeRoom(int chunk) {
        if (chunk >= chunks.length) {
            int before = chunks.length;
            chunks = Arrays.copyOf(chunks, Math.max(chunk + 1, 2 * before));
            Arrays.fill(chunks, before, chunks.length, NONE);
        }
        chunks[chunk] = new long[WORDS];
    }

    boolean contains(long ordinal) {
        return (word(ordinal >>> 6) & 1L << ordinal) != 0;
    }

    /// How many of `[from, to)` are members.
    long count(long from, long to) {
        if (from >= to) {
            return 0;
        }
        long first = from >>> 6;
        long last = (to - 1) >>> 6;
        long headMask = -1L << from;
        long tailMask = -1L >>> -to;
        if (first == last) {
            return Long.bitCount(word(first) & headMask & tailMask);
        }
        long count = Long.bitCount(word(first) & headMask);
        for (long i = first + 1; i < last; i++) {
            count += Long.bitCount(word(i));
        }
        return count + Long.bitCount(word(last) & tailMask);
    }

    /// Ordinals `[64 i, 64 i + 64)`.
    private long word(long i) {
        int chunk = (int) (i >>> (CHUNK_SHIFT - 6));
        if (chunk >= chunks.length || chunks[chunk].length == 0) {
            return 0;
        }
        return chunks[chunk][(int) i & (WORDS - 1)];
    }
}
