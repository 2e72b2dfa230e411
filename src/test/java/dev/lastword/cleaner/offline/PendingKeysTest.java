package dev.lastword.cleaner.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lastword.index.KeyHash;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PendingKeysTest {
    private static final long LARGE = 1L << 40;

    /// The tables are held against a map, in a small log and in a large one, with few keys and
    /// many.
    @Test
    void exactly_the_records_with_a_later_one_of_their_key_are_dead() {
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            int keys = 1 << (2 + random.nextInt(17));
            int records = 200_000;
            PendingKeys pending = PendingKeys.of(seed % 2 == 0 ? 1 : LARGE);
            OrdinalSet dead = new OrdinalSet();
            Map<Integer, Integer> latest = new HashMap<>();
            boolean[] superseded = new boolean[records];
            long count = 0;
            for (int i = 0; i < records; i++) {
                int key = random.nextInt(keys);
                Integer before = latest.put(key, i);
                if (before != null) {
                    superseded[before] = true;
                }
                int full = pending.add(hash(key), i);
                if (full >= 0) {
                    count += pending.drain(full, dead);
                }
            }
            count += pending.drainAll(dead);
            assertEquals(latest.size(), pending.keys(), "seed " + seed);
            assertEquals(records - latest.size(), count, "seed " + seed);
            for (int i = 0; i < records; i++) {
                assertEquals(superseded[i], dead.contains(i), "seed " + seed + " record " + i);
            }
            assertEquals(count, dead.count(0, records));
        }
    }

    /// Keys that differ in `hi` or in the low bits of `lo` alone are different keys, though they
    /// are in one place.
    @Test
    void keys_of_one_place_are_told_apart() {
        PendingKeys pending = PendingKeys.of(1);
        OrdinalSet dead = new OrdinalSet();
        for (int i = 0; i < 300; i++) {
            KeyHash hash = new KeyHash();
            hash.hi = i < 150 ? i : 7;
            hash.lo = i < 150 ? 9 : i;
            pending.add(hash, i);
        }
        assertEquals(0, pending.drainAll(dead));
        assertEquals(300, pending.keys());
    }

    @Test
    void the_members_of_any_range_are_counted() {
        Random random = new Random(5);
        OrdinalSet set = new OrdinalSet();
        boolean[] member = new boolean[400_000];
        for (int i = 0; i < 3000; i++) {
            int at = random.nextInt(member.length);
            set.add(at);
            member[at] = true;
        }
        for (int i = 0; i < 300; i++) {
            int from = random.nextInt(member.length);
            int to = Math.min(member.length, from + random.nextInt(i < 150 ? 200 : 300_000));
            long count = 0;
            for (int k = from; k < to; k++) {
                count += member[k] ? 1 : 0;
            }
            assertEquals(count, set.count(from, to));
        }
    }

    private static KeyHash hash(int key) {
        Random random = new Random(key);
        KeyHash hash = new KeyHash();
        hash.hi = random.nextLong();
        hash.lo = random.nextLong();
        return hash;
    }
}
