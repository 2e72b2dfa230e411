package dev.lastword.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class KeyIndexMemoryTest {
    private final KeyHash hash = new KeyHash();

    @Test
    void an_empty_index_takes_less_than_a_kilobyte() {
        KeyIndex index = new KeyIndex(1);
        assertTrue(index.memoryBytes() < 1024, () -> index.memoryBytes() + " bytes");
        put(index, 0, 5);
        assertTrue(index.memoryBytes() < 1024, () -> index.memoryBytes() + " bytes");
    }

    /// Looked at after every put from a quarter of a million keys on, so at the worst moment too:
    /// the chunks of a page that was just copied are free, but still counted.
    @Test
    void a_key_takes_at_most_32_bytes_at_any_moment() {
        for (long seed = 1; seed <= 3; seed++) {
            KeyIndex index = new KeyIndex(seed);
            put(index, 0, 250_000);
            for (int key = 250_000; key < 1_100_000; key++) {
                put(index, key, key + 1);
                long bytes = index.memoryBytes();
                assertTrue(bytes <= 32L * index.keys(), index.keys() + " keys in " + bytes);
            }
            index.verify();
        }
    }

    @Test
    void a_key_with_its_version_takes_at_most_44_bytes_at_any_moment() {
        KeyIndex index = new KeyIndex(1, true);
        double most = 0;
        for (int key = 0; key < 1_100_000; key++) {
            put(index, key, key + 1);
            if (key >= 250_000) {
                most = Math.max(most, (double) index.memoryBytes() / index.keys());
            }
        }
        assertTrue(most <= 44, most + " bytes a key");
        index.verify();
    }

    @Test
    void equal_seeds_grow_alike_and_others_do_not() {
        long[] one = memoryWhileGrowing(1);
        assertArrayEquals(one, memoryWhileGrowing(1));
        assertFalse(Arrays.equals(one, memoryWhileGrowing(2)));
    }

    /// Without staggering, all pages of a size would split within 3 % more keys or so.
    @Test
    void pages_do_not_all_grow_at_once() {
        KeyIndex index = new KeyIndex(1);
        put(index, 0, 600_000);
        int keys = 600_000;
        while (keys < 2_000_000) {
            int before = index.pageCount();
            int next = keys + keys / 50;
            put(index, keys, next);
            int split = index.pageCount() - before;
            assertTrue(split < before / 4, split + " of " + before + " pages at " + next + " keys");
            keys = next;
        }
    }

    /// The writer never copies more than a page: what a put may cost does not grow with the index.
    @Test
    void pages_stay_small_however_many_there_are() {
        KeyIndex index = new KeyIndex(1);
        put(index, 0, 1_000_000);
        double keysPerPage = 1e6 / index.pageCount();
        assertTrue(keysPerPage < 13_000, () -> keysPerPage + " keys a page");
        assertTrue(keysPerPage > 5_000, () -> keysPerPage + " keys a page");
    }

    @Test
    void equal_page_bits_do_not_blow_up_the_directory() {
        KeyIndex index = new KeyIndex(1);
        for (int key = 0; key < 200_000; key++) {
            Hashes.SAME_PAGE.of(key, hash);
            index.put(hash, key, false, 10);
        }
        index.verify();
        assertTrue(index.pageCount() < 10);
        assertTrue(index.memoryBytes() < 200_000L * 64, () -> index.memoryBytes() + " bytes");
    }

    @Test
    void memory_of_removed_keys_serves_others() {
        KeyIndex index = new KeyIndex(1);
        put(index, 0, 300_000);
        long bytes = index.memoryBytes();
        for (int key = 0; key < 300_000; key++) {
            Hashes.GOOD.of(key, hash);
            assertTrue(index.removeIfOffset(hash, key));
        }
        put(index, 300_000, 590_000);
        index.verify();
        assertEquals(290_000, index.keys());
        assertTrue(index.memoryBytes() <= 1.1 * bytes, () -> index.memoryBytes() + " bytes");
    }

    private long[] memoryWhileGrowing(long seed) {
        KeyIndex index = new KeyIndex(seed);
        long[] bytes = new long[1000];
        for (int i = 0; i < bytes.length; i++) {
            put(index, i * 200, i * 200 + 200);
            bytes[i] = index.memoryBytes();
        }
        return bytes;
    }

    private void put(KeyIndex index, int from, int to) {
        for (int key = from; key < to; key++) {
            Hashes.GOOD.of(key, hash);
            index.put(hash, key, false, 100);
        }
    }
}
