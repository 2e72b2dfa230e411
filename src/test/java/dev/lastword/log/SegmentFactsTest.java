package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SegmentFactsTest {
    private static SegmentFacts some() {
        SegmentFacts facts = new SegmentFacts();
        facts.countDead(2, 30);
        facts.countDead(1, 12);
        facts.countTombstone(500, -1);
        facts.countTombstone(400, 900);
        facts.countTombstone(450, 800);
        facts.cleanedTo(7);
        facts.noteDeadline(70);
        facts.noteDeadline(60);
        facts.noteDeadline(65);
        return facts;
    }

    private static void check(SegmentFacts facts) {
        assertEquals(3, facts.deadRecords());
        assertEquals(42, facts.deadBytes());
        assertEquals(3, facts.tombstones());
        assertEquals(1, facts.unstampedTombstones());
        assertEquals(800, facts.earliestHorizonMs());
        assertEquals(400, facts.oldestTombstoneMs());
        assertEquals(7, facts.cleanedTo());
        assertEquals(60, facts.earliestDeadlineMs());
    }

    /// A tombstone that a restart forgot would never get its delete horizon.
    @Test
    void a_checkpoint_keeps_every_fact() {
        check(some());
        SegmentFacts restored = new SegmentFacts();
        restored.set(some().toLongs());
        check(restored);
    }

    @Test
    void what_is_forgotten_is_as_if_nothing_had_been_known() {
        SegmentFacts facts = some();
        facts.reset();
        assertArrayEquals(new SegmentFacts().toLongs(), facts.toLongs());
        assertEquals(Long.MAX_VALUE, facts.earliestHorizonMs());
        assertEquals(Deadline.NONE, facts.earliestDeadlineMs());
        facts.earliestDeadlineMs(5);
        assertEquals(5, facts.earliestDeadlineMs());
        assertEquals(Long.MAX_VALUE, facts.oldestTombstoneMs());
        assertEquals(0, facts.cleanedTo(), "not clean");
    }
}
