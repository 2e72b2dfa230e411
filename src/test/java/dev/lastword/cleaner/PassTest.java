package dev.lastword.cleaner;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.RealDisk;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import dev.lastword.laws.TestClock;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.Condition;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Segment;
import dev.lastword.log.TestStore;
import dev.lastword.read.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a pass may do, when, and what it leaves when it fails half way.
@Timeout(60)
class PassTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final TestStore s = new TestStore(disk);

    private static long stamped(PartitionLog log) {
        return log.segments().asList().stream()
                .filter(x -> x.facts().earliestHorizonMs() != Long.MAX_VALUE)
                .count();
    }

    /// Two segments too large to be joined: an old value, then its tombstone.
    private PartitionLog valueThenTombstone() {
        PartitionLog log = s.create("segment.bytes", "1024", "delete.retention.ms", "1000");
        put(log, "a", "old");
        put(log, "x", "x".repeat(700));
        log.rollActive().join();
        put(log, "y", "x".repeat(700));
        put(log, "a", null);
        log.rollActive().join();
        return log;
    }

    @Test
    void a_tombstone_gets_no_horizon_before_every_earlier_segment_is_durably_clean()
            throws IOException {
        PartitionLog log = valueThenTombstone();
        // the swap of the first segment fails as late as it can without being done
        disk.fail(Operation.SYNC_DIRECTORY, p -> p.equals(log.directory()), 1, new IOException());
        assertThrows(IOException.class, () -> CleanerSteps.clean(log, s.clock.millis()));
        assertEquals(0, stamped(log));
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals(1, stamped(log));
        s.check();
        s.clock.step(999);
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals(1, log.index().tombstones());
        s.clock.step(1);
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals(0, log.index().tombstones());
        assertEquals(3, log.cleaning().droppedTombstone());
        s.check();
        TestStore t = new TestStore(s.powerOff());
        assertNull(t.get("a"));
        t.check();
        t.close();
    }

    @Test
    void a_log_counts_as_cleaned_only_after_the_swap_is_durable() throws IOException {
        PartitionLog log = valueThenTombstone();
        disk.fail(Operation.SYNC_DIRECTORY, p -> p.equals(log.directory()), 5, new IOException());
        assertThrows(IOException.class, () -> CleanerSteps.clean(log, s.clock.millis()));
        assertEquals(0, log.cleaning().cleanedTo());
        TestStore t = new TestStore(s.powerOff());
        assertNull(t.get("a"));
        assertEquals(0, t.log().cleaning().cleanedTo());
        CleanerSteps.clean(t.log(), t.clock.millis());
        assertEquals(4, t.log().cleaning().cleanedTo());
        t.check();
        t.close();
    }

    @Test
    void an_unflushed_successor_never_supersedes() throws IOException {
        PartitionLog log = s.create("acks", "written");
        put(log, "a", "durable");
        log.rollActive().join();
        put(log, "a", "only written");
        disk.fail(Operation.SYNC, p -> p.toString().endsWith("1.log"), 1, new IOException("EIO"));
        assertThrows(IOException.class, () -> CleanerSteps.clean(log, s.clock.millis()));
        assertEquals(PartitionState.READ_ONLY, log.state());
        TestStore t = new TestStore(s.powerOff());
        assertEquals("durable", t.get("a"));
        t.check();
        t.close();
    }

    @Test
    void what_supersedes_is_flushed_before_what_it_supersedes_goes() throws IOException {
        PartitionLog log = s.create("acks", "written");
        put(log, "a", "durable");
        log.rollActive().join();
        put(log, "a", "only written");
        CleanerSteps.clean(log, s.clock.millis());
        assertNull(log.recordAt(0));
        TestStore t = new TestStore(s.powerOff());
        assertEquals("only written", t.get("a"));
        t.check();
        t.close();
    }

    @Test
    void nothing_younger_than_min_compaction_lag_is_touched() throws IOException {
        PartitionLog log = s.create("min.compaction.lag.ms", "500");
        put(log, "a", "1");
        s.clock.step(499);
        put(log, "a", "2");
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        assertNotNull(log.recordAt(0));
        s.clock.step(500);
        CleanerSteps.clean(log, s.clock.millis());
        assertNull(log.recordAt(0));
        assertEquals("2", s.get("a"));
        s.check();
        s.close();
    }

    @Test
    void max_compaction_lag_makes_a_log_eligible_that_its_ratio_does_not() throws IOException {
        PartitionLog log =
                s.create("max.compaction.lag.ms", "1000", "min.cleanable.dirty.ratio", "1.0");
        put(log, "a", "1");
        put(log, "a", "2");
        log.rollActive().join();
        assertFalse(CleanerSteps.isEligible(log, s.clock.millis()));
        s.clock.step(1001);
        assertTrue(CleanerSteps.isEligible(log, s.clock.millis()));
        CleanerSteps.clean(log, s.clock.millis());
        assertFalse(CleanerSteps.isEligible(log, s.clock.millis()));
        s.close();
    }

    @Test
    void a_snapshot_goes_on_while_its_segments_are_replaced() throws IOException {
        PartitionLog log = s.create("segment.bytes", "1024", "file.delete.delay.ms", "0");
        for (int i = 0; i < 30; i++) {
            put(log, "k" + i % 10, i + "x".repeat(100));
        }
        log.rollActive().join();
        int seen = 0;
        try (Snapshot snapshot =
                new dev.lastword.read.Reads(0).snapshot(s.store.topic("t"), null)) {
            assertNotNull(snapshot.next());
            CleanerSteps.clean(log, s.clock.millis());
            CleanerSteps.unlink(log);
            for (seen = 1; snapshot.next() != null; seen++) {
                s.clock.step(1);
            }
        }
        assertEquals(10, seen);
        s.check();
        s.close();
    }

    /// Both generations of a segment are called `….log.deleted` once they are replaced. The later
    /// one's file is more than one step of unlinking long.
    @Test
    void an_old_file_that_waits_to_be_unlinked_takes_no_later_one_of_its_name_along()
            throws IOException {
        PartitionLog log =
                s.create("file.delete.delay.ms", "60000", "max.message.bytes", "4194304");
        for (int i = 0; i < 3; i++) {
            put(log, "k" + i, i + "x".repeat(1_500_000));
        }
        put(log, "k2", "again" + "x".repeat(1_500_000));
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        s.clock.step(30_000);
        try (Snapshot snapshot =
                new dev.lastword.read.Reads(0).snapshot(s.store.topic("t"), null)) {
            put(log, "k0", "later");
            log.rollActive().join();
            CleanerSteps.clean(log, s.clock.millis());
            s.clock.step(30_000); // the first generation's time has come, not the second's
            CleanerSteps.unlink(log);
            int seen = 0;
            while (snapshot.next() != null) {
                seen++;
            }
            assertEquals(3, seen);
        }
        s.check();
        s.close();
    }

    @Test
    void policy_delete_takes_the_oldest_segments_by_age_and_by_size() throws IOException {
        PartitionLog log =
                s.create(
                        "cleanup.policy",
                        "delete",
                        "retention.ms",
                        "1000",
                        "segment.bytes",
                        "1024");
        put(log, "a", "x".repeat(900));
        s.clock.step(600);
        put(log, "b", "x".repeat(900));
        s.clock.step(600);
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        assertNull(s.get("a"));
        assertNotNull(s.get("b"));
        assertEquals(1, log.startOffset());
        s.check();
        s.store.configure("t", java.util.Map.of("retention.ms", "-1", "retention.bytes", "1500"));
        put(log, "c", "x".repeat(900));
        assertFalse(CleanerSteps.retain(log, s.clock.millis()));
        put(log, "d", "x".repeat(900));
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        assertNull(s.get("b"));
        s.check();
        TestStore t = new TestStore(s.powerOff());
        assertNull(t.get("a"));
        assertNull(t.get("b"));
        assertNotNull(t.get("d"));
        t.check();
        t.close();
    }

    @Test
    void what_is_exactly_as_old_as_retention_ms_stays() throws IOException {
        PartitionLog log = s.create("cleanup.policy", "delete", "retention.ms", "1000");
        put(log, "a", "1");
        s.clock.step(1000);
        assertFalse(CleanerSteps.retain(log, s.clock.millis()));
        assertNotNull(s.get("a"));
        s.clock.step(1);
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        assertNull(s.get("a"));
        s.check();
        s.close();
    }

    /// Kafka's rule: a segment goes if the log has at least `retention.bytes` without it.
    @Test
    void a_log_is_never_made_smaller_than_retention_bytes() throws IOException {
        PartitionLog log = s.create("cleanup.policy", "delete", "retention.ms", "-1");
        put(log, "a", "x".repeat(900));
        log.rollActive().join();
        put(log, "b", "x".repeat(500));
        long rest = log.segments().active().sizeBytes();
        s.store.configure("t", java.util.Map.of("retention.bytes", Long.toString(rest + 1)));
        assertFalse(CleanerSteps.retain(log, s.clock.millis()));
        assertNotNull(s.get("a"));
        s.store.configure("t", java.util.Map.of("retention.bytes", Long.toString(rest)));
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        assertNull(s.get("a"));
        assertNotNull(s.get("b"));
        s.check();
        s.close();
    }

    /// More than are taken out of the index at a time.
    private static void putMany(PartitionLog log, int from, int to, @Nullable String value) {
        List<NewRecord> records = new ArrayList<>();
        for (int i = from; i < to; i++) {
            byte[] content = value == null ? null : TestStore.bytes(value);
            byte[] key = TestStore.bytes("k" + i);
            records.add(new NewRecord(key, content, NewRecord.NOW, List.of()));
        }
        AppendRequest request = new AppendRequest(records, Condition.NONE, null);
        log.append(request);
        request.result().join();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4096, 4097, 9000})
    void the_keys_of_all_tombstones_that_go_leave_the_index(int count) throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "1000");
        put(log, "stays", "1");
        putMany(log, 0, count, null);
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        s.clock.step(1000);
        put(log, "k0", "again");
        log.rollActive().join();
        PassResult result = CleanerSteps.clean(log, s.clock.millis());
        assertEquals(count - 1, result.tombstonesDropped());
        assertEquals(0, log.index().tombstones());
        assertEquals(2, log.index().keys());
        assertEquals("again", s.get("k0"));
        assertEquals(0, log.segments().get(0).facts().deadRecords());
        s.check();
        s.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4096, 4097, 9000})
    void the_keys_of_all_that_retention_takes_leave_the_index(int count) throws IOException {
        PartitionLog log = s.create("cleanup.policy", "delete", "retention.ms", "1000");
        putMany(log, 0, count, "1");
        log.rollActive().join();
        s.clock.step(1001);
        put(log, "k0", "again");
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        assertEquals(1, log.index().keys());
        assertEquals("again", s.get("k0"));
        assertEquals(count, log.startOffset());
        s.check();
        s.close();
    }

    /// Else its keys would be answered from a file that is gone.
    @Test
    void retention_by_size_takes_the_oldest_whatever_their_sizes() throws IOException {
        PartitionLog log = s.create("cleanup.policy", "delete", "retention.ms", "-1");
        for (int size : new int[] {100, 900, 300}) {
            put(log, "k" + size, "x".repeat(size));
            log.rollActive().join();
        }
        long last = log.segments().get(2).sizeBytes();
        long middle = log.segments().get(1).sizeBytes();
        s.store.configure("t", Map.of("retention.bytes", Long.toString(last + middle + 1)));
        assertFalse(CleanerSteps.retain(log, s.clock.millis()));
        // room for the first and the last, but it is the oldest that go
        s.store.configure("t", Map.of("retention.bytes", Long.toString(last + 1)));
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        assertEquals(1, log.startOffset());
        s.store.configure("t", Map.of("retention.bytes", "0"));
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        assertEquals(3, log.startOffset());
        assertEquals(0, log.index().keys());
        s.check();
        s.close();
    }

    /// Else every pass would leave open files behind, and their room on the disk taken.
    @Test
    void what_is_replaced_or_retired_is_closed_and_unlinked() throws IOException {
        PartitionLog log =
                s.create(
                        "file.delete.delay.ms",
                        "0",
                        "cleanup.policy",
                        "compact,delete",
                        "retention.ms",
                        "1000");
        put(log, "a", "1");
        put(log, "a", "2");
        log.rollActive().join();
        Segment replaced = log.segments().get(0);
        CleanerSteps.clean(log, s.clock.millis());
        Segment retired = log.segments().get(0);
        s.clock.step(1001);
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        CleanerSteps.unlink(log);
        assertFalse(replaced.tryRetain());
        assertFalse(retired.tryRetain());
        assertEquals(
                List.of(TestStore.logFile(log, log.segments().active().baseOffset())),
                disk.list(log.directory()));
        s.check();
        s.close();
    }

    /// On a real disk, with threads: writer, reader and passes at the same time.
    @Test
    void a_reader_never_sees_a_key_absent_or_going_back_while_it_is_cleaned(@TempDir Path dir)
            throws Exception {
        int writes = 1_000;
        try (TestStore real =
                new TestStore(new RealDisk(), dir.resolve("d"), new TestClock(1_000_000))) {
            PartitionLog log =
                    real.create(
                            "segment.bytes",
                            "4096",
                            "acks",
                            "written",
                            "file.delete.delay.ms",
                            "0");
            for (int k = 0; k < 5; k++) {
                put(log, "k" + k, "0");
            }
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<Void> reader =
                    CompletableFuture.runAsync(
                            () -> {
                                int[] last = new int[5];
                                while (!done.get()) {
                                    for (int k = 0; k < 5; k++) {
                                        String found = real.get("k" + k);
                                        assertNotNull(found, "never absent");
                                        int value = Integer.parseInt(found.strip());
                                        assertTrue(value >= last[k], "never older");
                                        last[k] = value;
                                    }
                                }
                            },
                            r -> Thread.ofPlatform().daemon().start(r));
            CompletableFuture<Void> cleaner =
                    CompletableFuture.runAsync(
                            () -> {
                                while (!done.get()) {
                                    try {
                                        CleanerSteps.clean(log, 1_000_000);
                                        CleanerSteps.unlink(log);
                                    } catch (IOException e) {
                                        throw new AssertionError(e);
                                    }
                                }
                            },
                            r -> Thread.ofPlatform().daemon().start(r));
            try {
                for (int i = 1; i < writes; i++) {
                    put(log, "k" + i % 5, i + " ".repeat(60));
                }
            } finally {
                done.set(true);
            }
            reader.join();
            cleaner.join();
            real.check();
        }
    }
}
