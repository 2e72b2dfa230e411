package dev.lastword.log;

import static dev.lastword.log.TestStore.put;
import static dev.lastword.log.TestStore.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import dev.lastword.laws.TestClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the log does when the disk, the clock or a caller misbehaves.
@Timeout(60)
class FaultTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);

    private static IOException eio() {
        return new IOException("Input/output error");
    }

    private void fillUp() throws IOException {
        disk.capacity(Long.MAX_VALUE - disk.usableBytes(SimulatedDisk.MOUNT) + 30);
    }

    // ---- a full disk

    @Test
    void a_full_disk_refuses_the_write_and_changes_nothing() throws IOException {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            put(log, "a", "1");
            long size = log.segments().active().sizeBytes();
            fillUp();
            String large = "x".repeat(20_000); // more than is reserved already
            assertThrows(LogException.DiskFull.class, () -> put(log, "a", large));
            assertThrows(LogException.DiskFull.class, () -> put(log, "b", large));
            assertEquals("1", s.get("a"));
            assertNull(s.get("b"));
            assertEquals(size, s.sizeOf(TestStore.logFile(log, 0)));
            assertEquals(1, log.endOffset());
            s.check();
            disk.capacity(Long.MAX_VALUE);
            assertEquals(1, put(log, "b", "2"));
            assertEquals("2", s.get("b"));
            s.check();
        }
    }

    @Test
    void a_full_disk_at_a_roll_refuses_the_write_and_changes_nothing() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "1024");
        put(log, "a", "x".repeat(900));
        disk.failEvery(
                Operation.WRITE,
                p -> p.toString().endsWith("index"),
                () -> new dev.lastword.io.DiskFullIOException("full"));
        disk.failEvery(
                Operation.CREATE,
                p -> p.toString().endsWith(".log"),
                () -> new dev.lastword.io.DiskFullIOException("full"));
        assertThrows(LogException.DiskFull.class, () -> put(log, "b", "x".repeat(900)));
        assertEquals(1, log.segments().size());
        assertNull(s.get("b"));
        assertNotNull(s.get("a"));
        disk.heal();
        put(log, "b", "2" + "x".repeat(900));
        assertEquals(2, log.segments().size());
        s.check();
        TestStore t = new TestStore(s.kill());
        assertNotNull(t.get("b"));
        t.check();
        t.close();
    }

    @Test
    void a_full_disk_while_cleaning_leaves_the_old_segments() throws IOException {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create("segment.bytes", "2048");
            for (int i = 0; i < 40; i++) {
                put(log, "k" + i % 4, i + "x".repeat(150));
            }
            log.rollActive().join();
            List<Segment> before = log.segments().asList();
            fillUp();
            assertThrows(IOException.class, () -> CleanerSteps.clean(log, s.clock.millis()));
            assertEquals(before, log.segments().asList());
            assertEquals(0, log.cleaning().cleanedTo());
            assertEquals(PartitionState.ONLINE, log.state());
            s.check();
            disk.capacity(Long.MAX_VALUE);
            CleanerSteps.clean(log, s.clock.millis());
            assertEquals(0, log.stats().deadRecords());
            s.check();
        }
    }

    @Test
    void a_topic_that_could_not_be_made_can_be_made_later() {
        for (int n = 1; n < 4; n++) {
            SimulatedDisk d = new SimulatedDisk(n);
            try (TestStore s = new TestStore(d)) {
                d.fail(
                        n < 3 ? Operation.CREATE : Operation.SYNC_DIRECTORY,
                        p -> p.toString().contains("/logs"),
                        1,
                        eio());
                assertThrows(LogException.class, () -> s.create());
                assertNull(s.store.find("t"));
                put(s.create(), "a", "1");
                TestStore t = new TestStore(s.kill());
                assertEquals("1", t.get("a"));
                t.close();
            }
        }
    }

    @Test
    void a_topic_made_again_after_a_half_done_deletion_keeps_its_records() throws IOException {
        TestStore s = new TestStore(disk);
        put(s.create(), "a", "old");
        disk.fail(Operation.SYNC_DIRECTORY, p -> p.toString().endsWith("/logs"), 1, eio());
        assertThrows(LogException.class, () -> s.store.delete("t"));
        try {
            s.create();
        } catch (LogException e) {
            s.kill();
            return; // refused as long as the old one is not gone: fine too
        }
        put(s.log(), "a", "new");
        TestStore t = new TestStore(s.kill());
        assertEquals("new", t.get("a"));
        t.check();
        t.close();
    }

    // ---- errors

    @Test
    void a_failed_write_is_taken_back() {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            put(log, "a", "1");
            disk.failWrite(1, eio());
            assertThrows(LogException.WriteFailed.class, () -> put(log, "a", "2"));
            assertEquals("1", s.get("a"));
            s.check();
            assertEquals(1, put(log, "a", "3"));
            s.check();
        }
    }

    @Test
    void a_failed_write_that_cannot_be_taken_back_is_of_unknown_outcome() {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        put(log, "a", "1");
        disk.failWrite(1, eio());
        disk.fail(Operation.TRUNCATE, p -> true, 1, eio());
        assertThrows(LogException.OutcomeUnknown.class, () -> put(log, "a", "2"));
        assertEquals(PartitionState.READ_ONLY, log.state());
        assertEquals("1", s.get("a"));
        s.close();
    }

    @Test
    void a_failed_flush_is_of_unknown_outcome_and_final() {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        put(log, "a", "1");
        disk.failSync(1);
        assertThrows(LogException.OutcomeUnknown.class, () -> put(log, "a", "2"));
        assertEquals(PartitionState.READ_ONLY, log.state());
        assertEquals("1", s.get("a"));
        assertThrows(LogException.ReadOnly.class, () -> put(log, "b", "1"));
        assertEquals("1", s.get("a"));
        s.close();
    }

    /// The system may serve pages from its cache that never reached the medium, and call the next
    /// flush a success.
    @Test
    void what_a_failed_flush_left_is_not_built_upon() {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        put(log, "a", "1");
        disk.failSync(1);
        assertThrows(
                LogException.OutcomeUnknown.class, () -> put(log, "a", "2" + "x".repeat(9000)));
        TestStore second = new TestStore(s.kill());
        put(second.log(), "b", "acknowledged");
        String a = second.get("a");
        TestStore third = new TestStore(second.powerOff());
        assertEquals("acknowledged", third.get("b"));
        assertEquals(a, third.get("a"));
        third.check();
        third.close();
    }

    @Test
    void a_store_whose_close_fails_lets_go_of_its_directory() {
        TestStore s = new TestStore(disk);
        put(s.create(), "a", "1");
        disk.failEvery(Operation.CREATE, p -> true, FaultTest::eio);
        assertThrows(LogException.class, s::close);
        disk.heal();
        TestStore t = new TestStore(disk);
        assertEquals("1", t.get("a"));
        t.close();
    }

    @Test
    void a_store_that_cannot_be_opened_leaves_nothing_running() {
        TestStore s = new TestStore(disk);
        put(s.createNamed("t"), "a", "1");
        put(s.createNamed("u"), "a", "1");
        SimulatedDisk left = s.kill();
        left.failEvery(Operation.READ, p -> p.toString().contains("/u-0/"), FaultTest::eio);
        assertThrows(LogException.class, () -> new TestStore(left));
        left.heal();
        TestStore t = new TestStore(left);
        assertEquals("1", t.get("u", "a"));
        t.check();
        t.close();
    }

    @Test
    void a_reader_of_a_closed_log_is_told_so() {
        TestStore s = new TestStore(disk);
        put(s.create(), "a", "1");
        Topic topic = s.store.topic("t");
        s.close();
        assertThrows(
                LogException.Closed.class,
                () -> new dev.lastword.read.Reads(0).get(topic, TestStore.bytes("a")));
        assertThrows(
                LogException.Closed.class,
                () -> new dev.lastword.read.Reads(0).page(topic, 0, 0, 10, 1000));
        assertThrows(
                LogException.Closed.class,
                () -> new dev.lastword.read.Reads(0).snapshot(topic, null));
    }

    // ---- damage

    private static void fill(PartitionLog log, int count) {
        for (int i = 0; i < count; i++) {
            put(log, "k" + i % 5, i + "x".repeat(300));
        }
    }

    @Test
    void a_flipped_bit_in_a_closed_segment_quarantines_that_partition_alone() throws IOException {
        for (boolean clean : new boolean[] {true, false}) {
            SimulatedDisk d = new SimulatedDisk(3);
            TestStore s = new TestStore(d);
            PartitionLog log = s.create("segment.bytes", "1024");
            fill(log, 12);
            fill(s.createNamed("u", "segment.bytes", "1024"), 12);
            Path file = TestStore.logFile(log, log.segments().get(1).baseOffset());
            long size = s.sizeOf(file);
            SimulatedDisk left = d;
            if (clean) {
                s.close();
            } else {
                left = s.kill();
            }
            left.flipBit(file, 100, 3);
            TestStore t = new TestStore(left);
            PartitionLog damaged = t.log();
            PartitionLog other = t.store.topic("u").partition(0);
            if (damaged.state() == PartitionState.ONLINE) { // after an orderly stop nobody looked
                damaged.rollActive().join();
                assertThrows(
                        IOException.class, () -> CleanerSteps.clean(damaged, t.clock.millis()));
            }
            assertEquals(PartitionState.QUARANTINED, damaged.state());
            CleanerSteps.clean(other, t.clock.millis());
            assertEquals(PartitionState.ONLINE, other.state());
            assertEquals(size, t.sizeOf(file));
            assertEquals(12, damaged.endOffset());
            put(damaged, "k0", "new");
            assertEquals("new", t.get("k0"));
            t.close();
            TestStore again = new TestStore(left);
            assertEquals(PartitionState.QUARANTINED, again.log().state());
            assertEquals("new", again.get("k0"));
            assertEquals(size, again.sizeOf(file));
            again.close();
        }
    }

    @Test
    void a_torn_tail_is_cut_and_nothing_before_it() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        fill(log, 10);
        Path file = TestStore.logFile(log, 0);
        long size = log.segments().active().sizeBytes();
        put(log, "torn", "x".repeat(300));
        SimulatedDisk left = s.kill();
        left.flipBit(file, size + 80, 1); // as if a page of the last write had not made it
        TestStore t = new TestStore(left);
        assertEquals(PartitionState.ONLINE, t.log().state());
        assertEquals(10, t.log().endOffset());
        assertEquals(size, t.sizeOf(file));
        assertNull(t.get("torn"));
        assertEquals(10, put(t.log(), "torn", "2"));
        t.check();
        t.close();
    }

    @Test
    void damage_with_valid_batches_far_behind_it_is_not_cut() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("max.message.bytes", "2000000");
        put(log, "a", "1");
        put(log, "b", "1");
        for (int i = 0; i < 20; i++) {
            put(log, "big" + i, "x".repeat(1_000_000));
        }
        Path file = TestStore.logFile(log, 0);
        long size = s.sizeOf(file);
        SimulatedDisk left = s.kill();
        left.flipBit(file, 100, 1);
        TestStore t = new TestStore(left);
        assertEquals(PartitionState.QUARANTINED, t.log().state());
        assertEquals(size, t.sizeOf(file));
        assertNotNull(t.get("big0"));
        assertNotNull(t.get("big19"));
        assertEquals(22, put(t.log(), "a", "2"));
        t.close();
    }

    @Test
    void damage_at_the_end_after_an_orderly_stop_is_no_torn_write() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        fill(log, 10);
        Path file = TestStore.logFile(log, 0);
        s.close();
        long size = disk.readAll(file).length;
        disk.flipBit(file, size - 20, 1);
        TestStore t = new TestStore(disk);
        if (t.log().state() == PartitionState.ONLINE) {
            assertThrows(LogException.Corrupt.class, () -> t.get("k4"));
        }
        assertEquals(10, t.log().endOffset());
        TestStore u = new TestStore(t.kill()); // now it is no orderly stop any more
        assertEquals(PartitionState.QUARANTINED, u.log().state());
        assertEquals(10, u.log().endOffset());
        assertEquals(size, u.sizeOf(file));
        u.close();
    }

    // ---- callers

    @Test
    void two_stores_never_share_a_directory() {
        TestStore s = new TestStore(disk);
        assertThrows(LogException.DataDirectoryLocked.class, () -> new TestStore(disk));
        s.close();
        new TestStore(disk).close();
    }

    @Test
    void a_full_queue_refuses_without_storing() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        CompletableFuture<Void> blocked = new CompletableFuture<>();
        LogStoreOptions options =
                new LogStoreOptions(Duration.ZERO, 4000, 4000, TopicConfig.parse(Map.of()));
        LogStore store =
                LogStore.open(
                        disk,
                        TestStore.DIR,
                        options,
                        new TestClock(1_000_000),
                        e -> {
                            if (e instanceof LogEvent.GroupAppended) {
                                blocked.complete(null);
                                go.join();
                            }
                        });
        PartitionLog log = store.create("t", 1, Map.of()).partition(0);
        AppendRequest first = send(log, "a", "1");
        blocked.get(10, TimeUnit.SECONDS);
        AppendRequest second = send(log, "b", "x".repeat(2500));
        assertThrows(LogException.QueueFull.class, () -> send(log, "c", "x".repeat(2500)));
        go.complete(null);
        first.result().get(10, TimeUnit.SECONDS);
        second.result().get(10, TimeUnit.SECONDS);
        assertEquals(2, log.endOffset());
        assertEquals(2, put(log, "c", "x".repeat(2500)));
        LogChecker.check(disk, store);
        store.close();
    }

    @Test
    void a_record_too_large_is_refused_before_it_is_queued() {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create("max.message.bytes", "1000");
            LogException.RecordTooLarge e =
                    assertThrows(
                            LogException.RecordTooLarge.class,
                            () -> send(log, "a", "x".repeat(1000)));
            assertEquals(1000, e.bytesMax());
            assertEquals(0, log.endOffset());
            put(log, "a", "x".repeat(900));
        }
    }

    @Test
    void a_clock_that_jumps_breaks_nothing() throws IOException {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log =
                    s.create(
                            "segment.ms",
                            "1000",
                            "delete.retention.ms",
                            "0",
                            "segment.bytes",
                            "2000");
            long[] jumps = {5_000, -60_000, 3_600_000_000L, -3_600_000_000L, 10, -500_000};
            for (long jump : jumps) {
                s.clock.step(jump);
                fill(log, 7);
                put(log, "k1", null);
                log.flush().join();
                CleanerSteps.clean(log, s.clock.millis());
                s.check();
            }
            assertEquals(48, log.endOffset());
            assertTrue(s.get("k4").startsWith("4"));
            assertNull(s.get("k1"));
        }
    }

    @Test
    void an_idle_active_segment_rolls_by_timer() throws Exception {
        CompletableFuture<Void> rolled = new CompletableFuture<>();
        try (LogStore store =
                LogStore.open(
                        disk,
                        TestStore.DIR,
                        LogStoreOptions.defaults(),
                        java.time.InstantSource.system(),
                        e -> {
                            if (e instanceof LogEvent.SegmentRolled) {
                                rolled.complete(null);
                            }
                        })) {
            PartitionLog log = store.create("t", 1, Map.of("segment.ms", "20")).partition(0);
            put(log, "a", "1");
            rolled.get(20, TimeUnit.SECONDS);
            assertEquals(2, log.segments().size());
            LogChecker.check(disk, store);
        }
    }
}
