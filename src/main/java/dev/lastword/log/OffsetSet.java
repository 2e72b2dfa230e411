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
    static final int PAGE_OFFSETS = 1024;

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
        if (!ensurePlace(at, bytesMax)) {
            return null;
        }
        long[] page = pages[at];
        if (page == null && take(PAGE_BYTES, bytesMax)) {
            page = new long[PAGE_WORDS];
            pages[at] = page;
        }
        return page;
    }

    private boolean ensurePlace(int at, long bytesMax) {
        if (at < pages.length) {
            return true;
        }
        int length = Math.max(at + 1, Math.min(2 * pages.length, pages.length + 4096));
        if (!take((long) PLACE_BYTES * (length - pages.length), bytesMax)) {
            return false;
        }
        pages = Arrays.copyOf(pages, length);
        return true;
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

    /// Takes over from another set all offsets that lie in a range, and maybe some beside it. Pages
    /// that lie there wholly move, and are gone from the other; what they hold is not looked at.
    ///
    /// @param from not below this set's lowest
    /// @param to exclusive
    /// @return whether there was memory for them
    boolean takeAll(OffsetSet other, long from, long to, long bytesMax) {
        long first = Math.max(from / PAGE_OFFSETS, other.firstPage);
        long end = Math.min((to - 1) / PAGE_OFFSETS + 1, other.firstPage + other.pages.length);
        for (long number = first; number < end; number++) {
            int there = (int) (number - other.firstPage);
            long[] source = other.pages[there];
            if (source == null) {
                continue;
            }
            boolean whole = number * PAGE_OFFSETS >= from && (number + 1) * PAGE_OFFSETS <= to;
            if (whole) {
                other.pages[there] = null;
                other.giveBack(PAGE_BYTES);
            }
            int here = (int) (number - firstPage);
            if (!ensurePlace(here, bytesMax)) {
                return false;
            }
            long[] page = pages[here];
            if (page != null) {
                for (int w = 0; w < PAGE_WORDS; w++) {
                    page[w] |= source[w];
                }
            } else if (take(PAGE_BYTES, bytesMax)) {
                pages[here] = whole ? source : source.clone();
            } else {
                return false;
            }
        }
        return true;
    }

    private void giveBack(long less) {
        bytes -= less;
        memory.addAndGet(less);
    }

    /// Makes it empty and gives its memory back.
    void clear() {
        pages = new long[1][];
        giveBack(bytes);
    }

    /// Whether an offset is in the set.
    public boolean contains(long offset) {
        long[] page = page(offset);
        return page != null && (word(page, offset) & 1L << offset) != 0;
    }

    /// How many offsets of a range are in the set.
    ///
    /// @param to exclusive, not below `from`
    public int count(long from, long to) {
        int n = 0;
        long at = from;
        while (at < to) {
            long[] page = page(at);
            long end = Math.min(to, (at / PAGE_OFFSETS + 1) * PAGE_OFFSETS);
            for (; page != null && at < end; at = (at | (Long.SIZE - 1)) + 1) {
                n += Long.bitCount(word(page, at) & within(at, end));
            }
            at = end;
        }
        return n;
    }

    /// The lowest offset of a range that is in the set, or -1.
    ///
    /// @param to exclusive, not below `from`
    public long next(long from, long to) {
        long at = from;
        while (at < to) {
            long[] page = page(at);
            long end = Math.min(to, (at / PAGE_OFFSETS + 1) * PAGE_OFFSETS);
            for (; page != null && at < end; at = (at | (Long.SIZE - 1)) + 1) {
                long rest = word(page, at) & within(at, end);
                if (rest != 0) {
                    return (at & -Long.SIZE) + Long.numberOfTrailingZeros(rest);
                }
            }
            at = end;
        }
        return -1;
    }

    /// The bits of an offset's word that stand for it and those behind it, as far as below `to`.
    private static long within(long at, long to) {
        long bits = -1L << at;
        return to - (at & -Long.SIZE) < Long.SIZE ? bits & ~(-1L << to) : bits;
    }

    /// The 64 bits among which an offset's is.
    private static long word(long[] page, long offset) {
        return page[(int) (offset % PAGE_OFFSETS) / Long.SIZE];
    }

    private long @Nullable [] page(long offset) {
        long at = offset / PAGE_OFFSETS - firstPage;
        return at < 0 || at >= pages.length ? null : pages[(int) at];
    }
}
