package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.record.Seeds;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OffsetSetTest {
    private static final long ALL = Long.MAX_VALUE / 4;

    private final AtomicLong memory = new AtomicLong(ALL);

    private TreeSet<Long> fill(OffsetSet set, Random random, long lowest, int range) {
        TreeSet<Long> expected = new TreeSet<>();
        int n = random.nextInt(300);
        for (int i = 0; i < n; i++) {
            long offset = lowest + random.nextInt(range);
            assertTrue(set.add(offset, ALL));
            expected.add(offset);
        }
        return expected;
    }

    @Test
    void it_holds_what_was_added_and_nothing_else() throws Exception {
        Seeds.check(
                200,
                random -> {
                    long lowest = random.nextLong(1L << random.nextInt(1, 50));
                    int range = 1 + random.nextInt(random.nextBoolean() ? 300 : 40_000);
                    OffsetSet set = new OffsetSet(lowest, memory);
                    TreeSet<Long> expected = fill(set, random, lowest, range);
                    for (int i = 0; i < 200; i++) {
                        long from = Math.max(0, lowest - 100 + random.nextInt(range + 200));
                        long to = from + random.nextInt(random.nextBoolean() ? 100 : 10_000);
                        assertEquals(expected.contains(from), set.contains(from));
                        assertEquals(expected.subSet(from, to).size(), set.count(from, to));
                        Long next = expected.subSet(from, to).stream().findFirst().orElse(-1L);
                        assertEquals(next, set.next(from, to));
                    }
                });
    }

    @Test
    void another_one_is_added_as_far_as_it_lies_in_a_range() throws Exception {
        Seeds.check(
                200,
                random -> {
                    long lowest = random.nextLong(1L << 40);
                    OffsetSet set = new OffsetSet(lowest, memory);
                    TreeSet<Long> expected = fill(set, random, lowest, 30_000);
                    long otherLowest = lowest + random.nextInt(20_000) - 10_000;
                    OffsetSet other = new OffsetSet(Math.max(0, otherLowest), memory);
                    TreeSet<Long> more = fill(other, random, Math.max(0, otherLowest), 30_000);
                    long from = lowest + random.nextInt(30_000);
                    long to = from + 1 + random.nextInt(30_000);
                    assertTrue(set.takeAll(other, from, to, ALL));
                    expected.addAll(more.subSet(from, to));
                    for (long offset = from; offset < to; offset++) {
                        assertEquals(expected.contains(offset), set.contains(offset));
                    }
                    for (long offset : expected) {
                        assertTrue(set.contains(offset));
                    }
                });
    }

    @Test
    void it_takes_memory_for_what_is_in_it_and_gives_it_back() {
        AtomicLong shared = new AtomicLong(10_000);
        OffsetSet set = new OffsetSet(5, shared);
        assertTrue(set.add(5, 10_000));
        assertTrue(set.add(OffsetSet.PAGE_OFFSETS - 1, 10_000));
        assertEquals(10_000 - OffsetSet.PAGE_BYTES, shared.get());
        assertFalse(set.add(OffsetSet.PAGE_OFFSETS, OffsetSet.PAGE_BYTES)); // its own limit
        OffsetSet hungry = new OffsetSet(0, shared);
        int pages = 0;
        while (hungry.add((long) OffsetSet.PAGE_OFFSETS * pages, 10_000)) {
            pages++;
        }
        assertTrue(pages > 10, pages + " pages");
        long left = shared.get();
        assertTrue(left >= 0 && left < 2 * OffsetSet.PAGE_BYTES, left + " bytes");
        assertFalse(set.add((long) OffsetSet.PAGE_OFFSETS * 2, 10_000)); // that of all
        assertTrue(set.contains(5));
        assertTrue(shared.get() >= 0);
        set.clear();
        hungry.clear();
        assertEquals(10_000, shared.get());
        assertFalse(set.contains(5));
        assertEquals(0, hungry.count(0, 1_000_000));
    }

    @Test
    void one_offset_far_ahead_is_refused_where_the_way_there_takes_too_much() {
        OffsetSet set = new OffsetSet(0, memory);
        assertFalse(set.add(Integer.MAX_VALUE, 100_000));
        assertEquals(ALL, memory.get());
        assertTrue(set.add(Integer.MAX_VALUE, 20 << 20));
        assertEquals(Integer.MAX_VALUE, set.next(0, 1L << 32));
        set.clear();
        assertEquals(ALL, memory.get());
    }

    @Test
    void pages_that_move_take_no_memory_and_those_on_the_border_are_copied() {
        int page = OffsetSet.PAGE_OFFSETS;
        OffsetSet other = new OffsetSet(0, memory);
        for (int i = 0; i < 4; i++) {
            assertTrue(other.add((long) i * page + 7, ALL));
        }
        OffsetSet set = new OffsetSet(0, memory);
        for (int i = 0; i < 4; i++) {
            assertTrue(set.add((long) i * page + 100, ALL));
        }
        set.clear(); // its table grew and is gone; the places are taken anew
        long before = memory.get();
        assertTrue(set.takeAll(other, page - 1, 3L * page, ALL));
        long table = 3L * 8;
        assertEquals(before - OffsetSet.PAGE_BYTES - table, memory.get()); // the one on the border
        assertTrue(other.contains(7) && other.contains(3L * page + 7));
        assertFalse(other.contains(page + 7) || other.contains(2L * page + 7));
        assertTrue(set.contains(7) && set.contains(page + 7) && set.contains(2L * page + 7));
        assertFalse(set.contains(3L * page + 7));
        set.clear();
        other.clear();
        assertEquals(ALL, memory.get());
    }

    @Test
    void what_does_not_fit_is_not_taken_over() {
        int page = OffsetSet.PAGE_OFFSETS;
        OffsetSet other = new OffsetSet(0, memory);
        assertTrue(other.add(5, ALL) && other.add(3L * page, ALL));
        OffsetSet set = new OffsetSet(0, memory);
        assertFalse(set.takeAll(other, 0, 4L * page, OffsetSet.PAGE_BYTES - 1));
        OffsetSet narrow = new OffsetSet(0, memory);
        assertFalse(narrow.takeAll(other, 0, 4L * page, OffsetSet.PAGE_BYTES + 1)); // the table
        set.clear();
        narrow.clear();
        other.clear();
        assertEquals(ALL, memory.get());
    }
}
