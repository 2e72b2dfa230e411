package dev.lastword.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyIndexTest {
    private final KeyIndex index = new KeyIndex(1);

    @AfterEach
    void all_invariants_hold() {
        index.verify();
    }

    @Test
    void an_empty_index_knows_no_key() {
        assertEquals(KeyIndex.ABSENT, index.get(Hashes.GOOD.of(1)));
        assertFalse(index.removeIfOffset(Hashes.GOOD.of(1), 0));
        assertEquals(0, index.keys());
    }

    @Test
    void a_key_has_what_was_put_last() {
        KeyHash key = Hashes.GOOD.of(1);
        assertEquals(KeyIndex.ABSENT, index.put(key, 5, false, 100));
        long first = index.get(key);
        assertEntry(first, 5, false, 100);
        assertEquals(first, index.put(key, 9, true, 4000));
        assertEntry(index.get(key), 9, true, 4000);
    }

    @Test
    void the_halves_of_the_range_fit_an_entry() {
        KeyHash key = Hashes.GOOD.of(1);
        long last = KeyIndex.OFFSET_LIMIT - 1;
        index.put(key, last, true, Integer.MAX_VALUE);
        assertEntry(index.get(key), last, true, Integer.MAX_VALUE);
        index.put(key, 0, false, 0);
        assertEquals(0, index.get(key));
        index.put(key, last, false, 0);
        assertEntry(index.get(key), last, false, 8);
    }

    @Test
    void what_is_out_of_range_is_refused_and_changes_nothing() {
        KeyHash key = Hashes.GOOD.of(1);
        long[] offsets = {-1, KeyIndex.OFFSET_LIMIT, Long.MAX_VALUE, Long.MIN_VALUE};
        for (long offset : offsets) {
            assertThrows(IllegalArgumentException.class, () -> index.put(key, offset, false, 1));
        }
        assertThrows(IllegalArgumentException.class, () -> index.put(key, 1, false, -1));
        assertEquals(KeyIndex.ABSENT, index.get(key));
        assertEquals(0, index.keys());
    }

    @Test
    void live_keys_and_tombstones_are_counted() {
        KeyHash one = Hashes.GOOD.of(1);
        KeyHash two = Hashes.GOOD.of(2);
        index.put(one, 1, false, 10);
        index.put(two, 2, true, 10);
        assertCounts(1, 1);
        index.put(one, 3, true, 10);
        assertCounts(0, 2);
        index.put(two, 4, false, 10);
        index.put(two, 5, false, 10);
        assertCounts(1, 1);
        assertTrue(index.removeIfOffset(one, 3));
        assertCounts(1, 0);
        index.put(one, 6, false, 10);
        assertCounts(2, 0);
    }

    @Test
    void a_key_is_removed_only_at_the_offset_that_is_named() {
        KeyHash key = Hashes.GOOD.of(1);
        index.put(key, 5, true, 10);
        index.put(key, 6, true, 10);
        assertFalse(index.removeIfOffset(key, 5));
        assertEquals(6, KeyIndex.offset(index.get(key)));
        assertTrue(index.removeIfOffset(key, 6));
        assertEquals(KeyIndex.ABSENT, index.get(key));
        assertFalse(index.removeIfOffset(key, 6));
        assertEquals(KeyIndex.ABSENT, index.put(key, 7, false, 10));
    }

    @Test
    void a_removed_slot_is_used_again_after_a_rebuild() {
        for (long round = 0; round < 200_000; round++) {
            KeyHash key = Hashes.GOOD.of(round);
            index.put(key, round, false, 10);
            assertTrue(index.removeIfOffset(key, round));
        }
        assertEquals(0, index.keys());
        assertTrue(index.memoryBytes() < 4096, () -> index.memoryBytes() + " bytes");
    }

    @Test
    void keys_alike_in_106_bits_are_one_key() {
        KeyHash one = Hashes.GOOD.of(1);
        KeyHash other = Hashes.GOOD.of(1);
        other.lo ^= 1L << 42;
        index.put(one, 1, false, 10);
        assertEquals(1, KeyIndex.offset(index.get(other)));
        for (int bit = 0; bit < 106; bit++) {
            KeyHash different = Hashes.GOOD.of(1);
            different.hi ^= bit < 64 ? 1L << bit : 0;
            different.lo ^= bit < 64 ? 0 : 1L << (bit - 64);
            assertEquals(KeyIndex.ABSENT, index.get(different), "bit " + bit);
        }
    }

    @Test
    void many_look_ups_at_once_give_what_single_ones_give() {
        int n = 1000;
        long[] hi = new long[n];
        long[] lo = new long[n];
        long[] entries = new long[n];
        for (int i = 0; i < n; i++) {
            KeyHash key = Hashes.GOOD.of(i);
            hi[i] = key.hi;
            lo[i] = key.lo;
        }
        index.getAll(hi, lo, entries, n);
        assertEquals(KeyIndex.ABSENT, entries[n - 1]);
        for (int i = 0; i < n; i += 3) {
            index.put(Hashes.GOOD.of(i), i, false, 10);
        }
        entries[n - 1] = 77;
        index.prefetch(hi, lo, 0, n);
        index.getAll(hi, lo, entries, n - 1);
        for (int i = 0; i < n - 1; i++) {
            assertEquals(index.get(Hashes.GOOD.of(i)), entries[i]);
        }
        assertEquals(77, entries[n - 1]);
        assertThrows(IndexOutOfBoundsException.class, () -> index.getAll(hi, lo, new long[2], 3));
    }

    private void assertCounts(long live, long tombstones) {
        assertEquals(live, index.liveKeys());
        assertEquals(tombstones, index.tombstones());
        assertEquals(live + tombstones, index.keys());
    }

    private static void assertEntry(long entry, long offset, boolean tombstone, int bytes) {
        assertEquals(offset, KeyIndex.offset(entry));
        assertEquals(tombstone, KeyIndex.isTombstone(entry));
        assertEquals(bytes, KeyIndex.approximateBytes(entry), Math.max(1, 0.09 * bytes));
        assertTrue(entry >= 0);
    }
}
