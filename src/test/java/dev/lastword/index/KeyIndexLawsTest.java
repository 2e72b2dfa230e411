package dev.lastword.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Random operations on the index and on a map must give the same answers. `-Dseed=` replays one
/// seed.
class KeyIndexLawsTest {
    static Stream<Arguments> hashesAndSeeds() {
        Long replayed = Long.getLong("seed");
        return Stream.of(Hashes.values())
                .flatMap(hashes ->
                        (replayed == null ? LongStream.range(1, 6) : LongStream.of(replayed))
                                .mapToObj(seed -> Arguments.of(hashes, seed)));
    }

    /// Puts and removals in changing proportions, so that pages grow, split, empty and fill again.
    @ParameterizedTest
    @MethodSource("hashesAndSeeds")
    void the_index_answers_like_a_map(Hashes hashes, long seed) {
        Random random = new Random(seed);
        KeyIndex index = new KeyIndex(seed);
        Map<Long, Long> model = new HashMap<>();
        boolean slow = hashes == Hashes.SAME_HOME || hashes == Hashes.FEW_HOMES;
        int keySpace = hashes == Hashes.MORE_BITS_ONLY ? 1024 : slow ? 3000 : 60_000;
        long offset = 0;
        for (int phase = 0; phase < 6; phase++) {
            double removals = phase % 3 == 2 ? 0.9 : random.nextDouble() * 0.4;
            for (int i = 0; i < 2 * keySpace; i++) {
                long key = random.nextInt(keySpace);
                KeyHash hash = hashes.of(key);
                if (random.nextDouble() < removals) {
                    remove(index, model, key, hash, random);
                } else {
                    offset += 1 + random.nextInt(1000);
                    put(index, model, key, hash, offset, random);
                }
            }
            assertSame(index, model, hashes, keySpace);
            index.verify();
        }
    }

    /// The same with versions, through every growth, split and removal.
    @ParameterizedTest
    @MethodSource("hashesAndSeeds")
    void a_key_keeps_its_version_wherever_it_moves(Hashes hashes, long seed) throws Exception {
        boolean slow = hashes == Hashes.SAME_HOME || hashes == Hashes.FEW_HOMES;
        int keySpace = hashes == Hashes.MORE_BITS_ONLY ? 1024 : slow ? 2000 : 40_000;
        Random random = new Random(seed);
        KeyIndex index = new KeyIndex(seed, true);
        Map<Long, Long> versions = new HashMap<>();
        Map<Long, Long> offsets = new HashMap<>();
        for (int i = 0; i < 3 * keySpace; i++) {
            long key = random.nextInt(keySpace);
            KeyHash hash = hashes.of(key);
            if (random.nextInt(4) == 0 && offsets.containsKey(key)) {
                assertTrue(index.removeIfOffset(hash, offsets.remove(key)));
                versions.remove(key);
                assertEquals(0, index.version(hash));
            } else {
                long version = random.nextLong();
                index.put(hash, i, random.nextBoolean(), 20, version);
                versions.put(key, version);
                offsets.put(key, (long) i);
            }
        }
        for (Map.Entry<Long, Long> e : versions.entrySet()) {
            assertEquals(e.getValue(), index.version(hashes.of(e.getKey())));
        }
        Map<Long, Long> byOffset = new HashMap<>();
        index.forEach((_, _, entry, version) -> byOffset.put(KeyIndex.offset(entry), version));
        assertEquals(versions.size(), byOffset.size());
        offsets.forEach((key, offset) -> assertEquals(versions.get(key), byOffset.get(offset)));
        index.verify();
    }

    /// What a partition sees: new keys, then nothing but new keys in the place of removed ones.
    @ParameterizedTest
    @MethodSource("hashesAndSeeds")
    void a_moving_window_of_keys_needs_no_more_memory_than_its_size(Hashes hashes, long seed) {
        if (hashes == Hashes.MORE_BITS_ONLY) {
            return;
        }
        int window = hashes == Hashes.SAME_HOME || hashes == Hashes.FEW_HOMES ? 500 : 30_000;
        KeyIndex index = new KeyIndex(seed);
        KeyHash hash = new KeyHash();
        long high = 0;
        for (long key = 0; key < 10L * window; key++) {
            hashes.of(key, hash);
            assertEquals(KeyIndex.ABSENT, index.put(hash, key, (key & 1) == 0, 50));
            if (key >= window) {
                hashes.of(key - window, hash);
                assertTrue(index.removeIfOffset(hash, key - window));
            }
            if (key == 3L * window) {
                high = index.memoryBytes();
            }
        }
        assertEquals(window, index.keys());
        assertTrue(index.memoryBytes() < 1.5 * high, () -> index.memoryBytes() + " bytes");
        index.verify();
    }

    private static void put(
            KeyIndex index,
            Map<Long, Long> model,
            long key,
            KeyHash hash,
            long offset,
            Random random) {
        long previous = index.put(hash, offset, random.nextInt(4) == 0, random.nextInt(5000));
        assertEquals(model.getOrDefault(key, KeyIndex.ABSENT), previous);
        long entry = index.get(hash);
        assertEquals(offset, KeyIndex.offset(entry));
        model.put(key, entry);
    }

    private static void remove(
            KeyIndex index, Map<Long, Long> model, long key, KeyHash hash, Random random) {
        Long entry = model.get(key);
        boolean wrongOffset = random.nextInt(10) == 0;
        long offset = entry == null || wrongOffset ? random.nextInt(100) : KeyIndex.offset(entry);
        boolean expected = entry != null && KeyIndex.offset(entry) == offset;
        assertEquals(expected, index.removeIfOffset(hash, offset));
        if (expected) {
            model.remove(key);
        }
    }

    private static void assertSame(
            KeyIndex index, Map<Long, Long> model, Hashes hashes, int keySpace) {
        for (long key = 0; key < keySpace; key++) {
            assertEquals(model.getOrDefault(key, KeyIndex.ABSENT), index.get(hashes.of(key)));
        }
        long tombstones = model.values().stream().filter(KeyIndex::isTombstone).count();
        assertEquals(tombstones, index.tombstones());
        assertEquals(model.size(), index.keys());
    }
}
