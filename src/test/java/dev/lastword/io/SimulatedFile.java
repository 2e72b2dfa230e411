package dev.lastword.io;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;

/// The content of a file twice: as programs see it (the page cache) and as the medium has it.
///
/// A page is clean (both agree), dirty (written since the last sync; a power failure keeps or loses
/// it), or lost (a sync failed on it: programs see it, the medium never gets it, and no later sync
/// tries again unless the page is written once more). Both contents read as zeros beyond their
/// size.
///
/// Guarded by its disk's monitor. Up to 1 GiB.
final class SimulatedFile implements SimulatedNode {

    static final int PAGE_BYTES = 4096;
    static final int SECTOR_BYTES = 512;
    private static final long MAX_BYTES = 1 << 30;

    private byte[] current;
    private int size;
    private byte[] durable;
    private int durableSize;

    /// The least size since the last sync: the medium may have seen any size from it up to the
    /// current one.
    private int leastSize;

    private final BitSet dirty = new BitSet();
    private final BitSet lost = new BitSet();

    /// Open handles, and whether a directory names this file: with neither, its space is free.
    int handles;

    boolean linked = true;

    SimulatedFile() {
        this(new byte[0]);
    }

    /// A file that is wholly durable.
    private SimulatedFile(byte[] content) {
        current = content;
        size = content.length;
        durable = content.clone();
        durableSize = size;
        leastSize = size;
    }

    int size() {
        return size;
    }

    /// Copies up to `length` bytes at a position; fewer only at the end of the file.
    byte[] read(long position, int length) {
        int from = (int) Math.min(position, size);
        return Arrays.copyOfRange(current, from, from + Math.min(length, size - from));
    }

    void write(byte[] bytes, int length, long position) {
        if (length == 0) {
            return;
        }
        long end = position + length;
        if (end > MAX_BYTES) {
            throw new IllegalArgumentException("a simulated file ends at 1 GiB, not at " + end);
        }
        current = grown(current, (int) end);
        System.arraycopy(bytes, 0, current, (int) position, length);
        touch(Math.min((int) position, size), (int) end);
        size = Math.max(size, (int) end);
    }

    void truncate(long newSize) {
        if (newSize >= size) {
            return;
        }
        Arrays.fill(current, (int) newSize, size, (byte) 0);
        touch((int) newSize, size);
        size = (int) newSize;
        leastSize = Math.min(leastSize, size);
    }

    private void touch(int from, int to) {
        int firstPage = from / PAGE_BYTES;
        int pages = (to + PAGE_BYTES - 1) / PAGE_BYTES;
        dirty.set(firstPage, pages);
        lost.clear(firstPage, pages);
    }

    void sync() {
        durable = grown(durable, size);
        dirty.stream().forEach(page -> copyPage(page, current, durable));
        dirty.clear();
        Arrays.fill(durable, size, durable.length, (byte) 0);
        durableSize = size;
        leastSize = size;
    }

    /// The medium refuses the dirty pages, and the cache calls them clean. The size is metadata and
    /// goes with a later sync.
    void failSync() {
        lost.or(dirty);
        dirty.clear();
    }

    /// Forgets the pages that a failed sync left in the cache: the medium's content shows.
    void dropLostPages() {
        durable = grown(durable, size);
        lost.stream().forEach(page -> copyPage(page, durable, current));
        lost.clear();
    }

    void flipBit(long position, int bit) {
        if (position < 0 || position >= size || bit < 0 || bit > 7) {
            throw new IllegalArgumentException(
                    "no bit %d of byte %d in %d bytes".formatted(bit, position, size));
        }
        current[(int) position] ^= (byte) (1 << bit);
        if (position < durableSize) {
            durable[(int) position] ^= (byte) (1 << bit);
        }
    }

    @Override
    public SimulatedFile afterPowerLoss(PowerLoss loss) {
        int end = survivingSize(loss);
        byte[] content = Arrays.copyOf(Arrays.copyOf(durable, Math.min(durableSize, end)), end);
        int torn = tornPage(loss);
        dirty.stream()
                // Pages cut off by a truncation have nothing to write.
                .takeWhile(page -> page * PAGE_BYTES < size)
                .forEach(page -> {
                    boolean survives = loss.pageSurvives();
                    if (page == torn) {
                        tear(page, loss.between(1, PAGE_BYTES / SECTOR_BYTES - 1), content);
                    } else if (survives) {
                        copyPage(page, current, content);
                    }
                });
        return new SimulatedFile(content);
    }

    private int survivingSize(PowerLoss loss) {
        if (loss.pages() == 0) {
            return durableSize;
        }
        if (loss.pages() == 1) {
            return size;
        }
        return switch (loss.between(0, 2)) {
            case 0 -> durableSize;
            case 1 -> size;
            default -> loss.between(leastSize, size);
        };
    }

    /// A page of which only the first sectors were written, or -1.
    private int tornPage(PowerLoss loss) {
        boolean tears = loss.pages() > 0 && loss.pages() < 1 && loss.between(0, 1) == 0;
        return tears && !dirty.isEmpty()
                ? dirty.nextSetBit(loss.between(0, dirty.length() - 1))
                : -1;
    }

    private void tear(int page, int sectors, byte[] content) {
        int from = page * PAGE_BYTES;
        int to = Math.min(from + sectors * SECTOR_BYTES, Math.min(content.length, current.length));
        if (from < to) {
            System.arraycopy(current, from, content, from, to - from);
        }
    }

    @Override
    public SimulatedFile copy(Map<SimulatedNode, SimulatedNode> copies) {
        SimulatedNode known = copies.get(this);
        if (known != null) {
            return (SimulatedFile) known;
        }
        SimulatedFile copy = new SimulatedFile(Arrays.copyOf(current, size));
        copy.durable = durable.clone();
        copy.durableSize = durableSize;
        copy.leastSize = leastSize;
        copy.dirty.or(dirty);
        copy.lost.or(lost);
        copies.put(this, copy);
        return copy;
    }

    /// Copies what both arrays have of a page; beyond its end `from` reads as zeros.
    private static void copyPage(int page, byte[] from, byte[] to) {
        int start = page * PAGE_BYTES;
        int end = Math.min(start + PAGE_BYTES, to.length);
        int middle = Math.min(end, from.length);
        if (start < middle) {
            System.arraycopy(from, start, to, start, middle - start);
        }
        if (Math.max(start, middle) < end) {
            Arrays.fill(to, Math.max(start, middle), end, (byte) 0);
        }
    }

    private static byte[] grown(byte[] bytes, int length) {
        return length <= bytes.length
                ? bytes
                : Arrays.copyOf(
                        bytes, (int) Math.min(MAX_BYTES, Math.max(length, 2L * bytes.length)));
    }

    @Override
    public String toString() {
        return "%d bytes, %d durable, dirty pages %s, lost pages %s"
                .formatted(size, durableSize, dirty, lost);
    }
}
