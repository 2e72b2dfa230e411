package dev.lastword.log;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.CountingDisk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.laws.TestClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Checkpoints that are written while a log is at work, and starts from them. What a start makes of
/// one is compared with a full scan by [LogChecker]. `-Dseed=` replays one seed.
class CheckpointTest {
    private SimulatedDisk disk = new SimulatedDisk(1);

    static LongStream seeds() {
        Long replayed = Long.getLong("seed");
        return replayed == null ? LongStream.range(0, 12) : LongStream.of(replayed);
    }

    private static Path checkpointOf(PartitionLog log) {
        return log.checkpoints().file();
    }

    private static void checkpoint(PartitionLog log) throws IOException {
        Checkpoints.write(log, () -> {});
    }

    private static void fill(PartitionLog log, int from, int to) {
        List<AppendRequest> requests = new ArrayList<>();
        for (int i = from; i < to; i++) {
            requests.add(TestStore.send(log, "k" + i, "v" + i));
        }
        requests.forEach(r -> r.result().join());
    }

    private TestStore reopenAfterKill(TestStore s) {
        disk = s.kill();
        return new TestStore(disk, TestStore.DIR, s.clock);
    }

    /// Writers, a cleaner that also drops tombstones, and checkpoints in threads of their own.
    @ParameterizedTest
    @MethodSource("seeds")
    void a_checkpoint_taken_while_all_goes_on_restores_what_a_full_scan_gives(long seed)
            throws Exception {
        String strategy = List.of("offset", "timestamp", "offset").get((int) (seed % 3));
        TestStore s = new TestStore(disk);
        PartitionLog log =
                s.create(
                        "segment.bytes",
                        "20000",
                        "delete.retention.ms",
                        "0",
                        "compaction.strategy",
                        strategy,
                        "acks",
                        seed % 2 == 0 ? "flushed" : "written");
        FutureTask<Void> writer =
                new FutureTask<>(() -> write(log, s.clock, new Random(seed)), null);
        FutureTask<Void> cleaner =
                new FutureTask<>(() -> {
                    for (int i = 0; i < 20; i++) {
                        CleanerSteps.clean(log, s.clock.millis());
                    }
                    return null;
                });
        Thread.ofPlatform().daemon().start(writer);
        Thread.ofPlatform().daemon().start(cleaner);
        int checkpoints = 0;
        while (!writer.isDone() || checkpoints < 3) {
            checkpoint(log);
            checkpoints++;
        }
        writer.get(60, TimeUnit.SECONDS);
        cleaner.get(60, TimeUnit.SECONDS);
        s.check();
        disk = seed % 4 < 2 ? s.kill() : s.powerOff();
        try (TestStore t = new TestStore(disk, TestStore.DIR, s.clock)) {
            assertEquals(PartitionState.ONLINE, t.log().state());
            t.check();
        }
    }

    private static void write(PartitionLog log, TestClock clock, Random random) {
        List<AppendRequest> requests = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            boolean delete = random.nextInt(4) == 0;
            int keys = random.nextBoolean() ? 40 : 20_000;
            String key = "k" + random.nextInt(keys);
            requests.add(TestStore.send(log, key, delete ? null : "v" + i));
            if (i % 200 == 199) {
                requests.forEach(r -> r.result().join());
                requests.clear();
                clock.step(1);
            }
        }
    }

    @Test
    void after_a_crash_only_the_tail_is_read() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "50000");
        fill(log, 0, 40_000);
        checkpoint(log);
        long size = log.stats().sizeBytes();
        fill(log, 40_000, 40_400);
        long tail = log.stats().sizeBytes() - size;
        long segments = log.segments().size();
        disk = s.kill();
        CountingDisk counting = new CountingDisk(disk, SegmentFiles::isLog);
        TestStore t = new TestStore(counting, TestStore.DIR, s.clock);
        assertEquals(40_400, t.log().endOffset());
        assertEquals(40_400, t.log().index().keys());
        assertTrue(size > 600_000 && tail > 5_000, size + " and " + tail);
        // the tail, what of it is written again, the zeros ahead, the segments' last batches, and
        // the active segment for requests that are done once
        long read = counting.bytesRead();
        assertTrue(read < 4 * tail + 90_000 + 100 * segments, read + " for a tail of " + tail);
        t.check();
        t.close();
    }

    @Test
    void after_an_orderly_stop_nothing_is_read_and_nothing_new_is_written() throws IOException {
        TestStore s = new TestStore(disk);
        fill(s.create("segment.bytes", "50000"), 0, 10_000);
        Path file = checkpointOf(s.log());
        s.close();
        byte[] before = disk.readAll(file);
        CountingDisk counting = new CountingDisk(disk, SegmentFiles::isLog);
        TestStore t = new TestStore(counting, TestStore.DIR, s.clock);
        long read = counting.bytesRead();
        assertTrue(read < 30_000, "read " + read);
        t.close();
        assertArrayEquals(before, disk.readAll(file));
        TestStore u = new TestStore(disk, TestStore.DIR, s.clock);
        assertTrue(
                u.events.stream().noneMatch(e -> e instanceof LogEvent.CheckpointWritten),
                "it told the same");
        u.check();
        u.close();
    }

    @Test
    void a_checkpoint_ahead_of_the_log_is_refused() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("acks", "written");
        fill(log, 0, 50);
        log.flush().join();
        Path file = checkpointOf(log);
        SimulatedDisk killed = s.kill();
        SimulatedDisk further = killed.killed();
        TestStore on = new TestStore(further, TestStore.DIR, s.clock);
        fill(on.log(), 50, 70);
        checkpoint(on.log());
        byte[] ahead = further.readAll(file);
        on.kill();
        disk = killed.killed();
        disk.writeAtomically(file, ahead);
        TestStore t = new TestStore(disk);
        assertEquals(PartitionState.ONLINE, t.log().state());
        assertEquals(50, t.log().endOffset());
        assertEquals("v49", t.get("k49"));
        assertNull(t.get("k60"));
        t.check();
        t.close();
    }

    @Test
    void a_swap_that_was_told_but_not_done_costs_reading_and_nothing_else() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "2000");
        fill(log, 0, 800);
        fill(log, 0, 400);
        checkpoint(log);
        log.cleaning().swapBegins(0, log.segments().get(5).baseOffset(), 7);
        try (TestStore t = reopenAfterKill(s)) {
            assertEquals(PartitionState.ONLINE, t.log().state());
            t.check();
            assertEquals("v150", t.get("k150"));
        }
    }

    /// The swap is durable, and the key of a dropped tombstone not yet taken out of the index.
    @Test
    void a_key_whose_tombstone_went_after_the_checkpoint_stays_away() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "2000", "delete.retention.ms", "0");
        fill(log, 0, 100);
        put(log, "k3", null);
        checkpoint(log); // names the tombstone
        put(log, "k4", null);
        log.rollActive().join();
        for (int i = 0; i < 3; i++) {
            CleanerSteps.clean(log, s.clock.millis() + i);
        }
        assertEquals(98, log.index().keys());
        try (TestStore t = reopenAfterKill(s)) {
            assertEquals(PartitionState.ONLINE, t.log().state());
            t.check();
            assertEquals(98, t.log().index().keys());
            assertNull(t.get("k3"));
        }
    }

    @Test
    void a_bit_flipped_anywhere_in_a_checkpoint_changes_no_answer() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "2000", "compaction.strategy", "timestamp");
        fill(log, 0, 20);
        Checkpoints.write(log, () -> put(log, "k1", "during"));
        fill(log, 15, 25);
        Path file = checkpointOf(log);
        SimulatedDisk killed = s.kill();
        int size = killed.readAll(file).length;
        assertTrue(size > 500);
        for (int at = 0; at < size; at++) {
            SimulatedDisk damaged = killed.killed();
            damaged.flipBit(file, at, at % 8);
            TestStore t = new TestStore(damaged, TestStore.DIR, s.clock);
            assertEquals(PartitionState.ONLINE, t.log().state());
            assertEquals("during", t.get("k1"));
            assertEquals("v24", t.get("k24"));
            t.check();
            t.close();
        }
    }

    @Test
    void damaged_pages_of_an_open_log_are_read_from_it() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "100000");
        fill(log, 0, 40_000);
        put(log, "k7", null);
        s.close();
        Checkpoint c = Checkpoint.open(disk, checkpointOf(log));
        assertTrue(c != null && c.pages().size() > 1);
        c.pages().forEach(p -> disk.flipBit(checkpointOf(log), p.position() + 100, 1));
        c.close();
        TestStore t = new TestStore(disk, TestStore.DIR, s.clock);
        put(t.log(), "k8", "new");
        assertEquals("v9", t.get("k9"));
        assertEquals("new", t.get("k8"));
        assertNull(t.get("k7"));
        t.check();
        assertTrue(
                t.events.stream()
                        .anyMatch(e ->
                                e instanceof LogEvent.UpkeepFailed f
                                        && f.reason().contains("damaged")));
        t.close();
    }

    @Test
    void a_stop_at_any_operation_of_writing_leaves_the_old_checkpoint_or_the_new()
            throws Exception {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "2000");
        fill(log, 0, 100);
        checkpoint(log);
        byte[] old = disk.readAll(checkpointOf(log));
        fill(log, 0, 120);
        SimulatedDisk base = s.kill();
        boolean done = false;
        for (int n = 0; !done; n++) {
            SimulatedDisk stopping = base.killed();
            TestStore t = new TestStore(stopping, TestStore.DIR, s.clock);
            stopping.crashAfter(stopping.operations() + n);
            try {
                checkpoint(t.log());
                done = !stopping.hasCrashed();
            } catch (Exception | Error e) {
                assertTrue(stopping.hasCrashed(), e::toString);
            }
            for (SimulatedDisk left :
                    List.of(
                            stopping.killed(),
                            stopping.withOnlySynced(),
                            stopping.afterCrash(new Random(n)))) {
                byte[] found = left.readAll(checkpointOf(log));
                Checkpoint c = Checkpoint.open(left, checkpointOf(log));
                assertTrue(java.util.Arrays.equals(old, found) || c != null, "after " + n);
                if (c != null) {
                    c.close();
                }
                TestStore u = new TestStore(left, TestStore.DIR, s.clock);
                u.check();
                assertEquals("v119", u.get("k119"));
                u.close();
            }
            t.kill();
            assertTrue(n < 100);
        }
    }

    @Test
    void a_checkpoint_of_an_older_format_is_not_believed() throws IOException {
        TestStore s = new TestStore(disk);
        fill(s.create(), 0, 20);
        Path file = checkpointOf(s.log());
        s.close();
        try (DiskFile f = disk.open(file, OpenMode.READ_WRITE)) {
            f.write(ByteBuffer.allocate(8).putLong(0, 0x4c57_4348_4b50_5432L), 0);
        }
        try (TestStore t = new TestStore(disk)) {
            assertEquals("v19", t.get("k19"));
            t.check();
        }
    }

    @Test
    void a_deleted_topic_leaves_no_checkpoint_behind() throws IOException {
        try (TestStore s = new TestStore(disk)) {
            fill(s.create(), 0, 20);
            checkpoint(s.log());
            Path file = checkpointOf(s.log());
            disk.writeAtomically(CheckpointWriter.unfinished(file), new byte[10]);
            s.store.delete("t");
            assertEquals(List.of(), disk.list(file.getParent()));
        }
    }

    /// A failure is told and costs no write; the next attempt succeeds.
    @Test
    void a_checkpoint_that_fails_is_told_and_written_later() throws Exception {
        CompletableFuture<LogEvent> failed = new CompletableFuture<>();
        CompletableFuture<LogEvent> written = new CompletableFuture<>();

        try (LogStore store =
                LogStore.open(
                        disk,
                        TestStore.DIR,
                        LogStoreOptions.defaults(),
                        new TestClock(1),
                        e -> {
                            if (e instanceof LogEvent.UpkeepFailed) {
                                failed.complete(e);
                            } else if (e instanceof LogEvent.CheckpointWritten) {
                                written.complete(e);
                            }
                        })) {
            PartitionLog log = store.create("t", 1, Map.of()).partition(0);
            put(log, "a", "1");
            Path unfinished = CheckpointWriter.unfinished(checkpointOf(log));
            disk.fail(
                    SimulatedDisk.Operation.SYNC,
                    unfinished::equals,
                    1,
                    new IOException("the disk is in a bad mood"));
            log.inTurn(() -> {
                log.checkpoints().grown(64 << 20); // as if so much had been written
                return null;
            });
            assertTrue(failed.get(20, TimeUnit.SECONDS).toString().contains("bad mood"));
            put(log, "a", "2");
            written.get(20, TimeUnit.SECONDS);
            assertTrue(!disk.exists(unfinished));
            LogChecker.check(disk, store);
        }
    }
}
