package dev.lastword.cleaner;

import static dev.lastword.log.TestStore.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.AppendResult.Appended;
import dev.lastword.log.CompactionStrategy;
import dev.lastword.log.Condition;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import dev.lastword.read.Reads;
import dev.lastword.read.Snapshot;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What `compaction.strategy` promises, from the write to the last cleaning.
@Timeout(60)
class StrategyTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final TestStore s = new TestStore(disk);

    private static Appended write(
            PartitionLog log, String key, @Nullable String value, long timestamp, Header... h) {
        AppendRequest request =
                new AppendRequest(
                        List.of(
                                new NewRecord(
                                        bytes(key),
                                        value == null ? null : bytes(value),
                                        timestamp,
                                        List.of(h))),
                        Condition.NONE,
                        null);
        log.append(request);
        return (Appended) request.result().join();
    }

    private static Header v(String text) {
        return new Header("v", bytes(text));
    }

    private PartitionLog byTime() {
        return s.create("compaction.strategy", "timestamp", "delete.retention.ms", "1000");
    }

    @Test
    void the_highest_version_wins_and_equal_versions_go_by_offset() throws IOException {
        PartitionLog log = byTime();
        assertEquals(new Appended(0, 0, 50, true), write(log, "a", "1", 50));
        assertEquals(new Appended(1, 1, 40, false, 1), write(log, "a", "late", 40));
        assertEquals("1", s.get("a"));
        assertEquals(new Appended(2, 2, 50, false), write(log, "a", "2", 50));
        assertEquals("2", s.get("a"));
        write(log, "a", "later", 49);
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals("2", s.get("a"));
        assertNull(log.recordAt(1));
        assertNull(log.recordAt(3));
        s.check();
        TestStore t = new TestStore(s.powerOff());
        assertEquals("2", t.get("a"));
        assertEquals(1, write(t.log(), "a", "late", 49).superseded());
        t.close();
        TestStore u = new TestStore(t.disk); // from its checkpoint
        assertEquals(1, write(u.log(), "a", "late", 49).superseded());
        assertEquals("2", u.get("a"));
        u.check();
        u.close();
    }

    @Test
    void a_late_lower_version_is_stored_marked_and_never_live() {
        PartitionLog log = byTime();
        write(log, "a", "1", 50);
        long late = write(log, "a", "old", 40).firstOffset();
        LogRecord record = log.recordAt(late);
        assertNotNull(record);
        assertEquals("old", TestStore.text(record));
        assertEquals(CompactionStrategy.SUPERSEDED, record.headers().getLast().name());
        // nobody else can set the mark
        long own =
                write(log, "b", "1", 50, new Header(CompactionStrategy.SUPERSEDED, null))
                        .firstOffset();
        LogRecord unmarked = log.recordAt(own);
        assertNotNull(unmarked);
        assertEquals(List.of(), unmarked.headers());
        s.check();
        s.close();
    }

    @Test
    void a_clock_that_steps_back_makes_a_write_late() {
        PartitionLog log = byTime();
        TestStore.put(log, "a", "1");
        s.clock.step(-500);
        assertEquals(1, write(log, "a", "2", NewRecord.NOW).superseded());
        assertEquals("1", s.get("a"));
        s.clock.step(500);
        assertEquals(0, write(log, "a", "3", NewRecord.NOW).superseded());
        assertEquals("3", s.get("a"));
        s.check();
        s.close();
    }

    /// The scenario of DESIGN §6.5, before the tombstone is dropped: at no moment may any restart
    /// or rebuild bring the key back, though the late event lies behind the tombstone.
    @Test
    void a_late_lower_version_after_its_keys_tombstone_never_comes_back() throws IOException {
        PartitionLog log =
                s.create(
                        "compaction.strategy",
                        "timestamp",
                        "delete.retention.ms",
                        "1000",
                        "segment.bytes",
                        "1024");
        write(log, "a", "1", 50);
        write(log, "a", null, 60);
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis()); // stamps the tombstone
        assertEquals(new Appended(2, 2, 55, false, 1), write(log, "a", "late", 55));
        assertEquals(4, log.endOffset()); // the tombstone, repeated
        assertNull(s.get("a"));
        // the first tombstone is due, and the late event cannot be cleaned, in the active segment
        s.clock.step(1000);
        CleanerSteps.clean(log, s.clock.millis());
        assertNull(s.get("a"));
        s.check();
        TestStore t = new TestStore(s.powerOff());
        assertNull(t.get("a"));
        t.check();
        for (int i = 0; i < 3; i++) {
            t.log().rollActive().join();
            CleanerSteps.clean(t.log(), t.clock.millis());
            t.check();
            SimulatedDisk left = t.powerOff();
            t = new TestStore(left);
            assertNull(t.get("a"));
            t.clock.step(1000L * (i + 1));
        }
        CleanerSteps.clean(t.log(), t.clock.millis());
        assertEquals(0, t.log().index().keys()); // all of it is gone in the end
        assertEquals(3, t.log().cleaning().droppedTombstone());
        t.check();
        t.close();
    }

    @Test
    void an_event_older_than_a_dropped_tombstone_revives_its_key() throws IOException {
        PartitionLog log = byTime();
        write(log, "a", "1", 50);
        write(log, "a", null, 60);
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        s.clock.step(1000);
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals(0, log.index().keys());
        assertEquals(new Appended(2, 2, 55, true), write(log, "a", "old", 55));
        assertEquals("old", s.get("a"));
        s.check();
        TestStore t = new TestStore(s.powerOff());
        assertEquals("old", t.get("a"));
        t.check();
        t.close();
    }

    @Test
    void a_late_event_and_its_repeated_tombstone_share_a_batch_and_a_group() {
        PartitionLog log = byTime();
        AppendRequest request =
                new AppendRequest(
                        List.of(
                                new NewRecord(bytes("a"), null, 60, List.of()),
                                new NewRecord(bytes("a"), bytes("late"), 50, List.of()),
                                new NewRecord(bytes("b"), bytes("1"), 50, List.of()),
                                new NewRecord(bytes("a"), bytes("late"), 59, List.of())),
                        Condition.NONE,
                        null);
        log.append(request);
        assertEquals(new Appended(0, 4, 59, false, 2), request.result().join());
        assertEquals(6, log.endOffset());
        assertNull(s.get("a"));
        s.check();
        s.close();
    }

    @Test
    void a_condition_is_judged_by_the_live_record() {
        PartitionLog log = byTime();
        write(log, "a", "1", 50);
        write(log, "a", "late", 40);
        AppendRequest request =
                new AppendRequest(
                        List.of(new NewRecord(bytes("a"), bytes("2"), 51, List.of())),
                        new Condition.IfOffset(java.util.Set.of(0L)),
                        null);
        log.append(request);
        assertEquals(new Appended(2, 2, 51, false), request.result().join());
        s.close();
    }

    @Test
    void a_version_in_a_header_is_text_or_eight_bytes() {
        PartitionLog log = s.create("compaction.strategy", "header:v");
        write(log, "a", "1", 1, v("-5"));
        assertEquals(0, write(log, "a", "2", 1, v("20240101")).superseded());
        byte[] binary = ByteBuffer.allocate(8).putLong(20_240_100).array();
        assertEquals(1, write(log, "a", "3", 1, new Header("v", binary)).superseded());
        assertEquals(0, write(log, "a", "4", 1, v("1"), v("9223372036854775807")).superseded());
        assertEquals("4", s.get("a"));
        s.check();
        s.close();
    }

    @Test
    void a_write_without_a_readable_version_is_refused_and_changes_nothing() {
        PartitionLog log = s.create("compaction.strategy", "header:v");
        List<Header[]> bad =
                List.of(
                        new Header[] {},
                        new Header[] {v("")},
                        new Header[] {v("1.5")},
                        new Header[] {v("-")},
                        new Header[] {v("9223372036854775808")},
                        new Header[] {new Header("v", null)},
                        new Header[] {v("1"), new Header("v", new byte[7])});
        for (Header[] headers : bad) {
            assertThrows(LogException.InvalidVersion.class, () -> write(log, "a", "x", 1, headers));
        }
        assertEquals(0, log.endOffset());
        s.close();
    }

    @Test
    void the_strategy_is_fixed_and_does_not_go_with_retention() {
        s.createNamed("old");
        PartitionLog log = byTime();
        for (String other : List.of("offset", "header:v")) {
            LogException.InvalidConfig e =
                    assertThrows(
                            LogException.InvalidConfig.class,
                            () -> s.store.configure("t", Map.of("compaction.strategy", other)));
            assertEquals("compaction.strategy", e.name());
        }
        assertThrows(
                LogException.InvalidConfig.class,
                () -> s.store.configure("old", Map.of("compaction.strategy", "timestamp")));
        s.store.configure("t", Map.of("compaction.strategy", "timestamp", "segment.bytes", "2000"));
        assertThrows(
                LogException.InvalidConfig.class,
                () -> s.store.configure("t", Map.of("cleanup.policy", "compact,delete")));
        for (String bad : List.of("header:", "header", "Offset", "")) {
            assertThrows(
                    LogException.InvalidConfig.class,
                    () -> s.createNamed("bad", "compaction.strategy", bad));
        }
        assertTrue(log.config().compactionStrategy().isVersioned());
        s.close();
        TestStore t = new TestStore(disk);
        assertTrue(t.log().config().compactionStrategy().isVersioned());
        t.close();
    }

    /// The key is written again while the snapshot is being read, so the index cannot say any more
    /// what was true when it began; the late event behind the true value must not end it.
    @Test
    void a_snapshot_ends_a_key_with_what_was_live_at_its_moment() {
        PartitionLog log = byTime();
        write(log, "a", "true", 50);
        write(log, "a", "late", 40);
        try (Snapshot snapshot = new Reads(0).snapshot(s.store.topic("t"), null)) {
            write(log, "a", "after", 60);
            Snapshot.SnapshotRecord only = snapshot.next();
            assertNotNull(only);
            assertEquals("true", TestStore.text(only.record()));
            assertNull(snapshot.next());
        }
        s.close();
    }
}
