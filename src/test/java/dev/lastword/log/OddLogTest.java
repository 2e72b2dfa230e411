package dev.lastword.log;

import static dev.lastword.log.TestStore.bytes;
import static dev.lastword.log.TestStore.put;
import static dev.lastword.log.TestStore.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.read.Reads;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Logs and clocks that are rare but lawful: offsets far apart, colliding hashes, jumps in time,
/// conditions that meet in one group; and damage where a crash would be suspected.
@Timeout(60)
class OddLogTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);

    // ---- offsets far apart

    /// Ends the closed log of the topic `t` with a batch of one record at this offset.
    private static void appendAt(SimulatedDisk disk, Path file, long base, long offset)
            throws IOException {
        ByteBuffer batch = ByteBuffer.allocate(1024);
        BatchWriter writer = new BatchWriter();
        writer.begin(batch, base, Compression.NONE);
        writer.append(offset, 1_000_000, bytes("gap"), bytes("1"), List.of());
        writer.end();
        try (DiskFile log = disk.open(file, OpenMode.READ_WRITE)) {
            log.write(batch.flip(), log.size());
            log.sync();
        }
    }

    /// A log whose active segment has room for a few offsets more before they exceed 32 bits.
    private TestStore nearly32BitsFull() throws IOException {
        TestStore s = new TestStore(disk);
        put(s.create(), "first", "1");
        Path file = TestStore.logFile(s.log(), 0);
        s.close();
        appendAt(disk, file, 1, Integer.MAX_VALUE - 3L);
        return new TestStore(disk);
    }

    @Test
    void an_offset_that_does_not_fit_32_bits_above_the_base_rolls_the_segment() throws IOException {
        TestStore s = nearly32BitsFull();
        PartitionLog log = s.log();
        assertEquals(PartitionState.ONLINE, log.state(), log.reason());
        assertEquals(Integer.MAX_VALUE - 2L, log.endOffset());
        for (int i = 0; i < 6; i++) {
            assertEquals(Integer.MAX_VALUE - 2L + i, put(log, "k" + i, "v" + i));
        }
        assertEquals(2, log.segments().size());
        Segment second = log.segments().active();
        assertEquals(Integer.MAX_VALUE + 1L, second.baseOffset());
        for (int i = 0; i < 6; i++) {
            assertEquals("v" + i, s.get("k" + i));
        }
        s.check();
        TestStore t = new TestStore(s.powerOff());
        assertEquals("v5", t.get("k5"));
        assertEquals("1", t.get("first"));
        t.check();
        t.close();
    }

    @Test
    void two_surviving_keys_more_than_31_bits_apart_survive_every_cleaning() throws IOException {
        TestStore s = nearly32BitsFull();
        PartitionLog log = s.log();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 6; i++) {
                put(log, "k" + i, "v" + round);
            }
            log.rollActive().join();
            CleanerSteps.clean(log, s.clock.millis()); // never joins what lies too far apart
            s.check();
        }
        put(log, "gap", "2");
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals(0, log.stats().deadRecords());
        s.check();
        TestStore t = new TestStore(s.powerOff());
        assertEquals("1", t.get("first"));
        assertEquals("2", t.get("gap"));
        for (int i = 0; i < 6; i++) {
            assertEquals("v2", t.get("k" + i));
        }
        assertEquals(Integer.MAX_VALUE - 2L + 19, t.log().endOffset());
        for (Segment segment : t.log().segments().asList()) {
            assertTrue(segment.nextOffset() - segment.baseOffset() <= 1L << 31, segment + "");
        }
        t.check();
        t.close();
    }

    // ---- colliding hashes

    private static final KeyHasher SAME =
            new KeyHasher() {
                @Override
                public void hash(ByteBuffer buf, int position, int length, KeyHash out) {
                    out.hi = 1;
                    out.lo = 2;
                }

                @Override
                public void hash(byte[] key, KeyHash out) {
                    out.hi = 1;
                    out.lo = 2;
                }
            };

    /// What a collision costs is said at [dev.lastword.index.KeyIndex]: never a wrong answer.
    @Test
    void with_colliding_hashes_no_read_ever_answers_with_another_keys_value() throws Exception {
        DataDirectory directory = DataDirectory.open(disk, TestStore.DIR, Duration.ZERO);
        try (LogStore store =
                LogStore.open(
                        disk,
                        directory,
                        SAME,
                        LogStoreOptions.defaults(),
                        new TestClock(1_000_000),
                        e -> {})) {
            Topic topic = store.create("t", 1, Map.of());
            PartitionLog log = topic.partition(0);
            for (int round = 0; round < 3; round++) {
                put(log, "a", "of a");
                put(log, "b", "of b");
                onlyOwnValues(topic);
                log.rollActive().join();
                CleanerSteps.clean(log, 1_000_000);
                onlyOwnValues(topic);
                put(log, "c", null);
                onlyOwnValues(topic);
            }
            put(log, "a", "of a");
            assertEquals("of a", text(new Reads(0).get(topic, bytes("a")).record()));
            AppendRequest create = conditional("b", new Condition.IfAbsent());
            log.append(create);
            // judged by the other key's record: refused, though b is absent; nothing is overwritten
            assertInstanceOf(AppendResult.ConditionFailed.class, create.result().get());
            assertEquals("of a", text(new Reads(0).get(topic, bytes("a")).record()));
        }
    }

    private static void onlyOwnValues(Topic topic) {
        Reads reads = new Reads(0);
        for (String key : List.of("a", "b", "c")) {
            var found = reads.get(topic, bytes(key));
            assertTrue(found == null || text(found.record()).equals("of " + key), key);
        }
        try (var snapshot = reads.snapshot(topic, null)) {
            for (var r = snapshot.next(); r != null; r = snapshot.next()) {
                assertEquals(
                        "of "
                                + new String(
                                        r.record().key(), java.nio.charset.StandardCharsets.UTF_8),
                        text(r.record()));
            }
        }
    }

    // ---- conditions

    private static AppendRequest conditional(String key, Condition condition) {
        return new AppendRequest(
                List.of(new NewRecord(bytes(key), bytes("1"), NewRecord.NOW, List.of())),
                condition,
                null);
    }

    @Test
    void of_two_creations_of_a_key_in_one_group_commit_one_wins() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        CompletableFuture<Void> blocked = new CompletableFuture<>();
        List<Integer> groups = new ArrayList<>();
        try (LogStore store =
                LogStore.open(
                        disk,
                        TestStore.DIR,
                        LogStoreOptions.defaults(),
                        new TestClock(1_000_000),
                        e -> {
                            if (e instanceof LogEvent.GroupAppended g) {
                                groups.add(g.requests());
                                blocked.complete(null);
                                go.join();
                            }
                        })) {
            PartitionLog log = store.create("t", 1, Map.of()).partition(0);
            AppendRequest first = TestStore.send(log, "other", "1");
            blocked.get(10, TimeUnit.SECONDS);
            AppendRequest a = conditional("a", new Condition.IfAbsent());
            AppendRequest b = conditional("a", new Condition.IfAbsent());
            log.append(a);
            log.append(b);
            go.complete(null);
            first.result().get(10, TimeUnit.SECONDS);
            var won = assertInstanceOf(AppendResult.Appended.class, a.result().get());
            assertTrue(won.created());
            var lost = assertInstanceOf(AppendResult.ConditionFailed.class, b.result().get());
            assertEquals(won.firstOffset(), lost.currentOffset());
            assertEquals(2, log.endOffset());
            log.flush().join();
            assertEquals(List.of(1, 2), groups, "they shared a group");
            LogChecker.check(disk, store);
        }
    }

    // ---- time

    @Test
    void a_clock_far_ahead_neither_expires_nor_keeps_too_much_once_it_is_right_again()
            throws IOException {
        long year = 31_536_000_000L;
        TestStore s = new TestStore(disk, TestStore.DIR, new TestClock(3 * year));
        PartitionLog log =
                s.create(
                        "cleanup.policy",
                        "compact,delete",
                        "retention.ms",
                        "10000",
                        "delete.retention.ms",
                        "1000",
                        "max.compaction.lag.ms",
                        "5000",
                        "segment.bytes",
                        "1024");
        s.clock.step(year); // wrong
        put(log, "future", "x".repeat(900));
        s.clock.step(-year); // right again
        put(log, "a", "x".repeat(900));
        put(log, "gone", null);
        log.rollActive().join();
        assertTrue(!CleanerSteps.retain(log, s.clock.millis()), "nothing is old yet");
        CleanerSteps.clean(log, s.clock.millis()); // stamps the tombstone
        s.check();
        assertNotNull(s.get("a"));
        s.clock.step(1_001);
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals(0, log.index().tombstones());
        s.clock.step(-year); // far back
        put(log, "b", "x".repeat(900));
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        assertTrue(!CleanerSteps.retain(log, s.clock.millis()));
        s.clock.step(year + 20_000);
        put(log, "c", "1");
        assertNotNull(s.get("a"), "behind a segment of the future nothing expires");
        s.clock.step(2 * year);
        while (CleanerSteps.retain(log, s.clock.millis())) {
            s.check();
        }
        assertNull(s.get("future"));
        assertNull(s.get("a"));
        s.check();
        s.close();
    }

    // ---- damage

    @Test
    void a_flipped_bit_deep_in_the_active_segment_is_quarantined_and_not_cut() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        for (int i = 0; i < 40; i++) {
            put(log, "k" + i, i + "x".repeat(300));
        }
        log.advanceRecoveryPoint(log.flushedOffset()); // as every 64 MiB
        Path file = TestStore.logFile(log, 0);
        SimulatedDisk left = s.kill();
        long size = left.readAll(file).length;
        left.flipBit(file, 150, 4);
        TestStore t = new TestStore(left);
        assertEquals(PartitionState.QUARANTINED, t.log().state());
        assertEquals(40, t.log().endOffset());
        assertTrue(t.sizeOf(file) >= log.segments().get(0).sizeBytes(), "nothing is cut");
        assertTrue(t.sizeOf(file) <= size);
        assertNotNull(t.get("k39"));
        assertEquals(40, put(t.log(), "k0", "new"));
        assertEquals("new", t.get("k0"));
        t.close();
    }
}
