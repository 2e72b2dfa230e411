package dev.lastword.log;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.cleaner.PassResult;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a segment notes of its superseded records, and what a cleaning makes of it.
@Timeout(60)
class SupersededTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final AtomicLong memory = new AtomicLong(1 << 20);

    private Segment segment(long base) throws IOException {
        disk.createDirectories(TestStore.DIR);
        return Segment.create(disk, TestStore.DIR, base, SegmentFiles.Suffix.LIVE);
    }

    private Segment noting(long base, long... offsets) throws IOException {
        Segment s = segment(base);
        s.superseded().begin(memory);
        for (long offset : offsets) {
            s.superseded().add(offset);
        }
        return s;
    }

    private OffsetSet take(Segment s) {
        OffsetSet taken = s.superseded().take(memory);
        assertNotNull(taken);
        return taken;
    }

    @Test
    void what_was_never_begun_is_not_known() throws IOException {
        Segment s = segment(10);
        s.superseded().add(11);
        assertNull(s.superseded().take(memory));
        s.superseded().add(12);
        assertNull(s.superseded().take(memory)); // for there may be others
        assertEquals(1 << 20, memory.get());
        s.release();
    }

    @Test
    void a_cleaning_has_to_itself_what_was_noted_before_it() throws IOException {
        Segment s = noting(10, 11, 13);
        OffsetSet taken = take(s);
        s.superseded().add(12);
        assertEquals(2, taken.count(0, 100));
        assertNull(s.superseded().take(memory)); // somebody has it
    }

    @Test
    void what_was_taken_is_put_back_with_what_came_meanwhile() throws IOException {
        Segment s = noting(10, 11, 13);
        s.note(20, 1, 100);
        OffsetSet taken = take(s);
        s.superseded().add(12);
        s.superseded().putBack(taken);
        OffsetSet again = take(s);
        assertTrue(again.contains(11) && again.contains(12) && again.contains(13));
        again.clear();
        s.release();
        assertEquals(1 << 20, memory.get());
    }

    @Test
    void a_new_segment_knows_what_came_while_the_old_ones_were_read() throws IOException {
        Segment a = noting(10, 11);
        a.note(19, 1, 100);
        Segment b = noting(20, 21);
        b.note(29, 1, 100);
        Segment unknown = segment(30);
        unknown.note(39, 1, 100);
        OffsetSet takenA = take(a);
        OffsetSet takenB = take(b);
        assertNull(unknown.superseded().take(memory));
        a.superseded().add(12);
        b.superseded().add(22);
        unknown.superseded().add(32);
        Segment fresh = segment(9);
        fresh.note(39, 1, 100);
        fresh.superseded().begin(memory);
        List.of(a, b, unknown).forEach(fresh.superseded()::follow);
        OffsetSet now = take(fresh);
        assertEquals(3, now.count(0, 100));
        assertTrue(now.contains(12) && now.contains(22) && now.contains(32));
        List.of(takenA, takenB, now).forEach(OffsetSet::clear);
        List.of(a, b, unknown, fresh).forEach(Segment::release);
        assertEquals(1 << 20, memory.get());
    }

    @Test
    void where_memory_runs_out_nothing_is_known_until_the_next_cleaning() throws IOException {
        Segment s = noting(0, 1);
        for (int page = 1; page < 100; page++) {
            s.superseded().add((long) page * OffsetSet.PAGE_OFFSETS); // in a segment of no size
        }
        assertEquals(1 << 20, memory.get());
        assertNull(s.superseded().take(memory));
        Segment fresh = segment(0);
        fresh.superseded().begin(memory);
        fresh.superseded().follow(s);
        assertNotNull(fresh.superseded().take(memory));
        Segment old = noting(0);
        OffsetSet taken = take(old);
        for (int page = 1; page < 100; page++) {
            old.superseded().add((long) page * OffsetSet.PAGE_OFFSETS);
        }
        Segment next = segment(0);
        next.superseded().begin(memory);
        next.superseded().follow(old);
        assertNull(next.superseded().take(memory));
        old.superseded().putBack(taken);
        assertNull(old.superseded().take(memory));
    }

    @Test
    void a_large_segment_may_note_more_than_a_small_one() throws IOException {
        Segment s = noting(0);
        s.note(100L * OffsetSet.PAGE_OFFSETS, 1, 1 << 20);
        for (int page = 0; page < 100; page++) {
            s.superseded().add((long) page * OffsetSet.PAGE_OFFSETS);
        }
        assertEquals(100, take(s).count(0, 100L * OffsetSet.PAGE_OFFSETS));
    }

    @Test
    void whatever_becomes_of_notes_their_memory_comes_back() throws IOException {
        Segment s = noting(0, 1, 2);
        s.superseded().begin(memory);
        assertEquals(1 << 20, memory.get());
        s.superseded().add(1);
        OffsetSet taken = take(s);
        for (int page = 1; page < 100; page++) {
            s.superseded().add((long) page * OffsetSet.PAGE_OFFSETS); // too many
        }
        s.superseded().putBack(taken);
        assertEquals(1 << 20, memory.get());
        s.superseded().begin(memory);
        for (int page = 0; page < 30; page++) {
            s.superseded().add((long) page * OffsetSet.PAGE_OFFSETS);
        }
        taken = take(s);
        for (int page = 30; page < 60; page++) {
            s.superseded().add((long) page * OffsetSet.PAGE_OFFSETS);
        }
        s.note(100L * OffsetSet.PAGE_OFFSETS, 1, 100);
        s.superseded().putBack(taken); // each fits, both do not
        assertNull(s.superseded().known());
        assertEquals(1 << 20, memory.get());
    }

    private static void writeTwice(PartitionLog log, int keys) {
        for (int i = 0; i < 2 * keys; i++) {
            put(log, "k" + i % keys, "v" + i);
        }
        log.rollActive().join();
    }

    private static boolean isKnown(PartitionLog log, int segment) throws IOException {
        return log.inTurn(() -> log.segments().get(segment).superseded().known() != null);
    }

    @Test
    void a_log_that_was_read_knows_and_one_from_a_checkpoint_after_its_next_cleaning()
            throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "4096");
        writeTwice(log, 20);
        assertTrue(isKnown(log, 0));
        s.close();
        TestStore t = new TestStore(disk);
        assertFalse(isKnown(t.log(), 0));
        PassResult result = CleanerSteps.clean(t.log(), t.clock.millis());
        assertEquals(20, result.recordsKept());
        assertTrue(isKnown(t.log(), 0));
        put(t.log(), "k3", "again");
        assertEquals(19, CleanerSteps.clean(t.log(), t.clock.millis()).recordsKept());
        t.check();
        t.log().checkpoints().drop();
        TestStore u = new TestStore(t.kill());
        assertTrue(isKnown(u.log(), 0));
        u.check();
        u.close();
    }

    @Test
    void a_cleaning_that_fails_loses_nothing_of_what_it_was_told() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        writeTwice(log, 20);
        disk.fail(
                Operation.SYNC, p -> p.toString().endsWith(".cleaned"), 1, new IOException("EIO"));
        assertThrows(
                IOException.class,
                () -> CleanerSteps.clean(log, s.clock.millis(), () -> put(log, "k7", "meanwhile")));
        assertTrue(isKnown(log, 0));
        assertEquals(19, CleanerSteps.clean(log, s.clock.millis()).recordsKept());
        assertEquals(0, log.segments().get(0).facts().deadRecords());
        s.check();
        s.close();
    }

    @Test
    void nothing_is_noted_while_a_topic_is_not_compacted() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        writeTwice(log, 20);
        writeTwice(log, 20);
        s.store.configure("t", Map.of("cleanup.policy", "delete"));
        put(log, "k3", "deleted by age");
        s.store.configure("t", Map.of("cleanup.policy", "compact"));
        assertTrue(isKnown(log, 0));
        assertFalse(isKnown(log, 1));
        assertEquals(19, CleanerSteps.clean(log, s.clock.millis()).recordsKept());
        s.check();
        s.close();
    }

    @Test
    void a_cleaning_that_stops_in_the_middle_of_its_swap_keeps_no_memory() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        long before = log.supersededMemory().get();
        writeTwice(log, 20);
        disk.fail(Operation.RENAME, p -> p.toString().endsWith(".swap"), 2, new IOException("EIO"));
        assertThrows(IOException.class, () -> CleanerSteps.clean(log, s.clock.millis()));
        assertTrue(log.hasStoppedSwap());
        put(log, "k5", "meanwhile");
        CleanerSteps.complete(log);
        assertTrue(isKnown(log, 0));
        s.check();
        assertEquals(19, CleanerSteps.clean(log, s.clock.millis()).recordsKept());
        s.check();
        s.store.delete("t");
        assertEquals(before, log.supersededMemory().get());
        s.close();
    }
}
