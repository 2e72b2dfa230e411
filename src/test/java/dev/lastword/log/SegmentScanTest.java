package dev.lastword.log;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a start without a checkpoint believes, cuts off, or tells as damage; to the very offset.
@Timeout(60)
class SegmentScanTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final TestStore s = new TestStore(disk);

    /// Three segments of three records, one to a batch: `k0` to `k8`.
    private PartitionLog threeSegments() {
        PartitionLog log = s.create();
        for (int i = 0; i < 9; i++) {
            put(log, "k" + i, i + "x".repeat(300));
            if (i % 3 == 2 && i < 8) {
                log.rollActive().join();
            }
        }
        return log;
    }

    private static void write(SimulatedDisk disk, Path file, long position, ByteBuffer bytes)
            throws IOException {
        try (DiskFile f = disk.open(file, OpenMode.READ_WRITE)) {
            f.write(bytes, position);
            f.sync();
        }
    }

    /// Opens the log with another base offset in a batch's header, which no CRC covers.
    private TestStore moved(PartitionLog log, long offset, long to) throws IOException {
        Segment segment = log.segments().get((int) (offset / 3));
        long position = segment.positionOf(offset);
        Path file = TestStore.logFile(log, segment.baseOffset());
        SimulatedDisk left = s.kill();
        write(left, file, position, ByteBuffer.allocate(8).putLong(to).flip());
        return new TestStore(left);
    }

    private static void assertDamaged(TestStore t, long offset) {
        assertEquals(PartitionState.QUARANTINED, t.log().state());
        assertEquals(offset, t.log().damages().getFirst().offset());
        assertEquals(9, t.log().endOffset());
        for (int i = 0; i < 9; i++) {
            if (i / 3 != offset / 3) {
                assertEquals(i + "x".repeat(300), t.get("k" + i));
            }
        }
        assertEquals(9, put(t.log(), "new", "1"), "no offset twice");
        t.close();
    }

    @Test
    void a_batch_that_claims_an_offset_before_its_place_is_damage() throws IOException {
        assertDamaged(moved(threeSegments(), 4, 3), 4);
    }

    @Test
    void a_batch_that_claims_an_offset_of_the_next_segment_is_damage() throws IOException {
        assertDamaged(moved(threeSegments(), 5, 6), 5);
    }

    /// It is whole, and so no torn write.
    @Test
    void a_batch_of_the_active_segment_behind_a_gap_is_damage() throws IOException {
        assertDamaged(moved(threeSegments(), 7, 8), 7);
    }

    @Test
    void nothing_is_believed_of_an_offset_beyond_32_bits_of_its_segment() throws IOException {
        TestStore t = moved(threeSegments(), 8, 6 + (1L << 31));
        assertEquals(PartitionState.QUARANTINED, t.log().state());
        assertNull(t.get("k8"));
        assertEquals("7", t.get("k7").substring(0, 1));
        t.close();
    }

    /// What was flushed is never taken for a torn write, and what was not is.
    @Test
    void a_damaged_end_is_cut_from_the_recovery_point_on() throws IOException {
        for (long flushed = 8; flushed <= 9; flushed++) {
            SimulatedDisk d = new SimulatedDisk(flushed);
            TestStore u = new TestStore(d);
            PartitionLog log = u.create();
            for (int i = 0; i < 9; i++) {
                put(log, "k" + i, i + "x".repeat(300));
            }
            log.advanceRecoveryPoint(flushed);
            Path file = TestStore.logFile(log, 0);
            long last = log.segments().active().positionOf(8);
            SimulatedDisk left = u.kill();
            left.flipBit(file, last + 100, 1);
            TestStore t = new TestStore(left);
            boolean cut = flushed == 8;
            assertEquals(cut ? PartitionState.ONLINE : PartitionState.QUARANTINED, t.log().state());
            assertEquals(cut, t.events.stream().anyMatch(e -> e instanceof LogEvent.TailCut));
            assertEquals(cut ? 8 : 9, t.log().endOffset());
            assertEquals(cut, t.sizeOf(file) == last);
            assertTrue(t.get("k7").startsWith("7"));
            assertEquals(cut ? 8 : 9, put(t.log(), "new", "1"));
            t.close();
        }
    }

    @Test
    void a_log_that_ends_before_its_recovery_point_is_damaged_and_gives_no_offset_twice()
            throws IOException {
        PartitionLog log = threeSegments();
        log.advanceRecoveryPoint(9);
        Path file = TestStore.logFile(log, 6);
        long last = log.segments().active().positionOf(8);
        SimulatedDisk left = s.kill();
        try (DiskFile f = left.open(file, OpenMode.READ_WRITE)) {
            f.truncate(last);
            f.sync();
        }
        TestStore t = new TestStore(left);
        assertEquals(PartitionState.QUARANTINED, t.log().state());
        assertTrue(t.log().reason().contains("ends at offset 8"), t.log().reason());
        assertEquals(9, put(t.log(), "new", "1"));
        assertEquals("1", t.get("new"));
        t.close();
    }

    @Test
    void a_log_without_files_is_damaged_unless_nothing_was_ever_flushed() throws IOException {
        for (long flushed : new long[] {0, 3}) {
            SimulatedDisk d = new SimulatedDisk(flushed);
            TestStore u = new TestStore(d);
            PartitionLog log = u.create();
            for (int i = 0; i < flushed; i++) {
                put(log, "k" + i, "1");
            }
            log.advanceRecoveryPoint(flushed);
            SimulatedDisk left = u.kill();
            left.delete(TestStore.logFile(log, 0));
            TestStore t = new TestStore(left);
            assertEquals(flushed > 0, t.log().state() == PartitionState.QUARANTINED);
            assertEquals(flushed, put(t.log(), "new", "1"));
            t.close();
        }
    }

    /// Only zeros to the very end are space written ahead.
    @Test
    void zeros_with_something_behind_them_are_a_torn_write() throws IOException {
        for (int other : new int[] {-1, 0, 64 * 1024 - 1, 64 * 1024, 150_000 - 1}) {
            SimulatedDisk d = new SimulatedDisk(1);
            TestStore u = new TestStore(d);
            PartitionLog log = u.create();
            put(log, "a", "1");
            log.advanceRecoveryPoint(1);
            long end = log.segments().active().sizeBytes();
            Path file = TestStore.logFile(log, 0);
            SimulatedDisk left = u.kill();
            byte[] behind = new byte[150_000];
            if (other >= 0) {
                behind[other] = 1;
            }
            write(left, file, end, ByteBuffer.wrap(behind));
            TestStore t = new TestStore(left);
            assertEquals(PartitionState.ONLINE, t.log().state(), t.log().reason());
            assertEquals(
                    other >= 0, t.events.stream().anyMatch(e -> e instanceof LogEvent.TailCut));
            assertEquals(end, t.sizeOf(file));
            assertEquals(1, put(t.log(), "b", "1"));
            t.check();
            t.close();
        }
    }

    /// The system may take pages that it failed to write for clean; only written again are they
    /// flushed.
    @Test
    void a_long_tail_is_written_again_to_its_end_before_it_counts_as_flushed() throws IOException {
        PartitionLog log = s.create("acks", "written", "max.message.bytes", "2000000");
        put(log, "a", "durable");
        log.flush().join();
        for (int i = 0; i < 5; i++) {
            put(log, "k" + i, Integer.toString(i).repeat(700_000));
        }
        disk.failSync(1);
        log.flush().join();
        assertEquals(PartitionState.READ_ONLY, log.state());
        TestStore t = new TestStore(s.kill());
        ((SimulatedDisk) t.disk).dropLostPages();
        TestStore u = new TestStore(t.powerOff());
        assertEquals(PartitionState.ONLINE, u.log().state(), u.log().reason());
        assertEquals(6, u.log().endOffset());
        assertEquals("durable", u.get("a"));
        for (int i = 0; i < 5; i++) {
            assertEquals(Integer.toString(i).repeat(700_000), u.get("k" + i));
        }
        u.check();
        u.close();
    }

    @Test
    void a_segment_is_as_old_after_a_start_as_before() throws IOException {
        PartitionLog log = s.create("segment.ms", "3600000", "segment.jitter.ms", "0");
        put(log, "a", "1");
        s.clock.step(3_000_000);
        TestStore t = new TestStore(s.kill(), TestStore.DIR, s.clock);
        s.clock.step(599_000);
        put(t.log(), "b", "1");
        assertEquals(1, t.log().segments().size());
        s.clock.step(2_000);
        put(t.log(), "c", "1");
        assertEquals(2, t.log().segments().size());
        assertFalse(t.log().segments().active().isEmpty());
        t.check();
        t.close();
    }
}
