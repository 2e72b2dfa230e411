package dev.lastword.read;

import dev.lastword.record.LogRecord;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Small records that were read of late, by where they lie. Nothing in it becomes wrong: a log
/// gives an offset once and its record never changes, and which offset counts is always asked of
/// the index.
///
/// Each place in a log has one slot in a table; a record takes the slot of another. Where there are
/// too many bytes, a hand goes round the table and clears slots. Thread-safe without locks.
final class RecordCache {
    /// Larger ones are worth a read.
    static final int RECORD_BYTES_MAX = 8 << 10;

    /// What a record takes besides its bytes: the objects that hold it.
    private static final int OVERHEAD_BYTES = 160;

    private static final int BYTES_PER_SLOT = 512;

    private record Entry(long log, LogRecord record, int bytes) {}

    private final long bytesMax;
    private final AtomicReferenceArray<@Nullable Entry> slots;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger hand = new AtomicInteger();

    /// @param bytesMax how much it may hold; 0: nothing
    RecordCache(long bytesMax) {
        this.bytesMax = bytesMax;
        long wanted = Math.clamp(bytesMax / BYTES_PER_SLOT, 1, 1 << 24);
        this.slots = new AtomicReferenceArray<>((int) Long.highestOneBit(wanted));
    }

    /// The record at this offset of a log, or null if it is not here.
    ///
    /// @param log its id
    @Nullable LogRecord get(long log, long offset) {
        Entry entry = slots.get(slot(log, offset));
        return entry != null && entry.log == log && entry.record.offset() == offset
                ? entry.record
                : null;
    }

    void put(long log, LogRecord record) {
        long size = sizeOf(record);
        if (size > Math.min(RECORD_BYTES_MAX, bytesMax)) {
            return;
        }
        Entry entry = new Entry(log, record, (int) size);
        long held = exchange(slot(log, record.offset()), entry);
        while (held > bytesMax) {
            held = exchange(hand.getAndIncrement() & (slots.length() - 1), null);
        }
    }

    /// What its records take, about.
    long bytes() {
        return bytes.get();
    }

    private long exchange(int slot, @Nullable Entry entry) {
        Entry before = slots.getAndSet(slot, entry);
        int grown = (entry == null ? 0 : entry.bytes) - (before == null ? 0 : before.bytes);
        return grown == 0 ? bytes.get() : bytes.addAndGet(grown);
    }

    private int slot(long log, long offset) {
        long mixed = (log * 0x9E3779B97F4A7C15L + offset) * 0xD6E8FEB86659FD93L;
        return (int) (mixed >>> 40) & (slots.length() - 1);
    }

    static long sizeOf(LogRecord record) {
        long size = OVERHEAD_BYTES + lengthOf(record.key()) + lengthOf(record.value());
        for (var header : record.headers()) {
            size += OVERHEAD_BYTES + header.name().length() + lengthOf(header.value());
        }
        return size;
    }

    private static long lengthOf(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
