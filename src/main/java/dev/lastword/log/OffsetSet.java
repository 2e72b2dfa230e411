package dev.lastword.log;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A set of offsets of one segment: a bit for each, in pages that are there once an offset of
/// theirs is in the set. So it costs an eighth of a byte an offset where many are in it, and little
/// where few are.
///
/// Not thread-safe; whoever hands it on sees to it that the next one sees what is in it.
public final class OffsetSet {
    /// Offsets of a page; pages of different sets begin at the same offsets.
    static final int PAGE_OFFSETS = 4096;

    private static final int PAGE_WORDS = PAGE_OFFSETS / Long.SIZE;

    /// What a page takes, its array's header and its place in the table included.
    static final int PAGE_BYTES = PAGE_WORDS * Long.BYTES + 24;

    private static final int PLACE_BYTES = 8;

    private final AtomicLong memory;
    private final long firstPage;
    private long[] @Nullable [] pages = new long[1][];
    private long bytes;

    /// An empty set.
    ///
    /// @param lowest no offset below it comes into the set
    /// @param memory bytes that may still be taken, by all sets that share it
    OffsetSet(long lowest, AtomicLong memory) {
        this.firstPage = lowest / PAGE_OFFSETS;
        this.memory = memory;
    }

    /// Adds an offset.
    ///
    /// @param bytesMax how large the set may get
    /// @return whether there was memory for it
    boolean add(long offset, long bytesMax) {
        long[] page = page((int) (offset / PAGE_OFFSETS - firstPage), bytesMax);
        if (page == null) {
            return false;
        }
        page[(int) (offset % PAGE_OFFSETS) / Long.SIZE] |= 1L << offset;
        return true;
    }

    private long @Nullable [] page(int at, long bytesMax) {
        if (at >= pages.length) {
            int length = Math.max(at + 1, Math.min(2 * pages.length, pages.length + 4096));
            if (!take((long) PLACE_BYTES * (length - pages.length), bytesMax)) {
                return null;
            }
            pages = Arrays.copyOf(pages, length);
        }
        long[] page = pages[at];
        if (page == null && take(PAGE_BYTES, bytesMax)) {
            page = new long[PAGE_WORDS];
            pages[at] = page;
        }
        return page;
    }

    private boolean take(long more, long bytesMax) {
        if (bytes + more > bytesMax) {
            return false;
        }
        if (memory.addAndGet(-more) < 0) {
            memory.addAndGet(more);
            return false;
        }
        bytes += more;
        return true;
    }

    /// Adds all offsets of another set that lie in a range, and some beside it.
    ///
    /// @param from not below this set's lowest
    /// @param to exclusive
    /// @return whether there was memory for them
    boolean addAll(OffsetSet other, long from, long to, long bytesMax) {
        long first = Math.max(from / PAGE_OFFSETS, other.firstPage);
        long end = Math.min((to - 1) / PAGE_OFFSETS + 1, other.firstPage + other.pages.length);
        for (long number = first; number < end; number++) {
            long[] source = other.pages[(int) (number - other.firstPage)];
            if (source == null) {
                continue;
            }
            long[] page = page((int) (number - firstPage), bytesMax);
            if (page == null) {
                return false;
            }
            for (int w = 0; w < PAGE_WORDS; w++) {
                page[w] |= source[w];
            }
        }
        return true;
    }

    /// Makes it empty and gives its memory back.
    void clear() {
        pages = new long[1][];
        memory.addAndGet(bytes);
        bytes = 0;
    }

    /// Whether an offset is in the set.
    public boolean contains(long offset) {
        return (word(offset) & 1L << offset) != 0;
    }

    /// How many offsets of a range are in the set.
    ///
    /// @param to exclusive, not below `from`
    public int count(long from, long to) {
        int n = 0;
        for (long at = from; at < to; at = (at | (Long.SIZE - 1)) + 1) {
            n += Long.bitCount(word(at) & within(at, to));
        }
        return n;
    }

    /// The lowest offset of a range that is in the set, or -1.
    ///
    /// @param to exclusive, not below `from`
    public long next(long from, long to) {
        for (long at = from; at < to; at = (at | (Long.SIZE - 1)) + 1) {
            long rest = word(at) & within(at, to);
            if (rest != 0) {
                return (at & -Long.SIZE) + Long.numberOfTrailingZeros(rest);
            }
        }
        return -1;
    }

    /// The bits of an offset's word that stand for it and those behind it, as far as below `to`.
    private static long within(long at, long to) {
        long bits = -1L << at;
        return to - (at & -Long.SIZE) < Long.SIZE ? bits & ~(-1L << to) : bits;
    }

    /// The 64 bits among which an offset's is.
    private long word(long offset) {
        long at = offset / PAGE_OFFSETS - firstPage;
        if (at < 0 || at >= pages.length) {
            return 0;
        }
        long[] page = pages[(int) at];
        return page == null ? 0 : page[(int) (offset % PAGE_OFFSETS) / Long.SIZE];
    }
}
