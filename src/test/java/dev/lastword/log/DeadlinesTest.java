package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlinesTest {
    private record Entry(long deadlineMs, long offset) {}

    private static final Comparator<Entry> NEAREST =
            Comparator.comparingLong(Entry::deadlineMs).thenComparingLong(Entry::offset);

    private final Deadlines deadlines = new Deadlines();

    /// Against a set without a bound: what is taken is a beginning of it, up to the horizon.
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000, 1_000_000_000})
    void what_is_taken_is_all_that_is_due_below_the_horizon(int range) {
        Random random = new Random(range);
        TreeSet<Entry> model = new TreeSet<>(NEAREST);
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < 50_000; i++) {
                Entry e = new Entry(random.nextInt(range), round * 1_000_000L + i);
                model.add(e);
                deadlines.add(e.deadlineMs, e.offset);
            }
            assertTrue(deadlines.size() <= Deadlines.ENTRIES_MAX);
            long nowMs = random.nextInt(range);
            long[] due = new long[20_000];
            int n = deadlines.takeDue(nowMs, due);
            for (int i = 0; i < n; i++) {
                long deadline = model.first().deadlineMs;
                assertTrue(deadline <= nowMs);
                long offset = due[i];
                assertTrue(model.remove(new Entry(deadline, offset)), "taken out of turn");
            }
            if (n < due.length) {
                assertTrue(
                        model.first().deadlineMs > nowMs || deadlines.horizonMs() <= nowMs,
                        "something due is missing");
            }
        }
    }

    @Test
    void so_many_with_one_deadline_are_not_all_given_up() {
        for (int i = 0; i < Deadlines.ENTRIES_MAX + 1; i++) {
            deadlines.add(5, i);
        }
        long[] due = new long[Deadlines.ENTRIES_MAX];
        assertEquals(Deadlines.ENTRIES_MAX / 2, deadlines.takeDue(5, due));
        assertEquals(5, deadlines.horizonMs());
        assertEquals(5, deadlines.nextMs());
    }

    @Test
    void it_tells_when_the_first_one_changes() {
        assertEquals(Deadline.NONE, deadlines.nextMs());
        assertTrue(deadlines.add(9, 1));
        assertEquals(false, deadlines.add(9, 2));
        assertTrue(deadlines.add(8, 3));
        assertEquals(8, deadlines.nextMs());
    }

    @Test
    void what_lies_behind_the_horizon_is_not_taken_in() {
        deadlines.horizonMs(7);
        assertEquals(false, deadlines.add(7, 1));
        assertTrue(deadlines.add(6, 2));
        assertEquals(1, deadlines.size());
    }
}
