package dev.lastword.log;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Zeros ahead of the end of the active segment: there while it takes writes, and never in the way.
class HeadroomTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final TestStore s = new TestStore(disk);

    @Test
    void most_writes_do_not_make_the_file_longer() throws IOException {
        PartitionLog log = s.create();
        Path file = TestStore.logFile(log, 0);
        int grown = 0;
        for (int i = 0; i < 1_000; i++) {
            long before = s.sizeOf(file);
            put(log, "k" + i % 10, "x".repeat(100));
            grown += s.sizeOf(file) > before ? 1 : 0;
        }
        assertTrue(grown < 8, "it grew " + grown + " times");
        s.check();
        s.close();
    }

    @Test
    void a_closed_segment_ends_with_its_last_batch() throws IOException {
        PartitionLog log = s.create();
        put(log, "a", "1");
        Path file = TestStore.logFile(log, 0);
        long size = log.segments().active().sizeBytes();
        assertTrue(s.sizeOf(file) > size);
        log.rollActive().join();
        assertEquals(size, s.sizeOf(file));
        put(log, "a", "2");
        s.check();
        s.close();
        TestStore t = new TestStore(disk);
        assertEquals("2", t.get("a"));
        t.check();
        t.close();
    }

    @Test
    void after_a_crash_the_zeros_are_cut_and_are_no_damage() throws IOException {
        PartitionLog log = s.create();
        put(log, "a", "1");
        put(log, "a", "2");
        long size = log.segments().active().sizeBytes();
        TestStore t = new TestStore(s.powerOff());
        assertEquals(PartitionState.ONLINE, t.log().state());
        assertFalse(t.events.stream().anyMatch(e -> e instanceof LogEvent.TailCut));
        assertEquals("2", t.get("a"));
        assertEquals(size, t.sizeOf(TestStore.logFile(t.log(), 0)));
        assertEquals(2, put(t.log(), "a", "3"));
        t.check();
        t.close();
    }

    @Test
    void zeros_where_flushed_records_were_are_damage() throws IOException {
        PartitionLog log = s.create();
        put(log, "a", "1");
        log.rollActive().join();
        put(log, "b", "2");
        log.rollActive().join();
        Path last = TestStore.logFile(log, 1);
        SimulatedDisk left = s.powerOff();
        try (var f = left.open(last, dev.lastword.io.OpenMode.READ_WRITE)) {
            f.write(java.nio.ByteBuffer.allocate((int) f.size()), 0);
        }
        TestStore t = new TestStore(left);
        assertEquals(PartitionState.QUARANTINED, t.log().state());
        t.close();
    }

    @Test
    void where_no_room_is_left_for_zeros_the_write_goes_without() throws IOException {
        PartitionLog log = s.create();
        Path file = TestStore.logFile(log, 0);
        disk.fail(
                Operation.WRITE,
                p -> p.equals(file),
                2,
                new dev.lastword.io.DiskFullIOException("full"));
        put(log, "a", "1");
        assertEquals(log.segments().active().sizeBytes(), s.sizeOf(file));
        put(log, "a", "2");
        assertEquals("2", s.get("a"));
        s.check();
        s.close();
    }

    @Test
    void a_large_file_is_unlinked_in_steps_and_at_once_while_somebody_reads_it()
            throws IOException {
        PartitionLog log = s.create("file.delete.delay.ms", "0", "cleanup.policy", "delete");
        for (int i = 0; i < 6; i++) {
            put(log, "a", "x".repeat(900_000));
        }
        log.rollActive().join();
        put(log, "b", "x".repeat(900_000));
        put(log, "b", "x".repeat(900_000));
        put(log, "b", "x".repeat(900_000));
        log.rollActive().join();
        Segment first = log.segments().get(0);
        Segment second = log.segments().get(1);
        assertTrue(second.tryRetain());
        log.dropOldest(first);
        log.dropOldest(second);
        log.discard(first);
        log.discard(second);
        Path gone = first.path(SegmentFiles.LOG, SegmentFiles.Suffix.DELETED);
        long size = s.sizeOf(gone);
        assertTrue(log.unlinkSome());
        assertTrue(s.sizeOf(gone) < size);
        CleanerSteps.unlink(log);
        assertFalse(disk.exists(gone));
        assertFalse(disk.exists(second.path(SegmentFiles.LOG, SegmentFiles.Suffix.DELETED)));
        assertEquals(
                "b",
                new String(
                        java.util.Objects.requireNonNull(
                                java.util.Objects.requireNonNull(second.find(7)).key()),
                        java.nio.charset.StandardCharsets.UTF_8));
        second.release();
        assertNull(s.get("a"));
        s.close();
    }
}
