package dev.lastword.read;

import static dev.lastword.log.TestStore.bytes;
import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.Condition;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import dev.lastword.record.LogRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a stream of changes shows, and when it cannot be continued.
@Timeout(60)
class ChangesTest {
    private static final int PAGE = 16 << 10;

    private final TestStore s = new TestStore(new SimulatedDisk(1));

    @AfterEach
    void close() {
        s.close();
    }

    private static String show(LogRecord r) {
        byte[] value = r.value();
        return r.offset()
                + ":"
                + new String(r.key(), StandardCharsets.UTF_8)
                + "="
                + (value == null ? "-" : new String(value, StandardCharsets.UTF_8));
    }

    private static List<String> all(Changes changes, int bytesMax) {
        List<String> shown = new ArrayList<>();
        while (!changes.isAtEnd()) {
            changes.next(bytesMax).forEach(r -> shown.add(show(r)));
        }
        return shown;
    }

    private PartitionLog abc() {
        PartitionLog log = s.create();
        put(log, "a", "1");
        put(log, "ab", "2");
        put(log, "a", null);
        put(log, "b", "3");
        return log;
    }

    @Test
    void every_record_is_shown_in_order_tombstones_too() {
        PartitionLog log = abc();
        List<String> expected = List.of("0:a=1", "1:ab=2", "2:a=-", "3:b=3");
        assertEquals(expected, all(Changes.earliest(log, KeyFilter.all()), PAGE));
        assertEquals(expected, all(Changes.earliest(log, KeyFilter.all()), 1));
        assertEquals(expected.subList(2, 4), all(Changes.from(log, KeyFilter.all(), 2), PAGE));
    }

    @Test
    void a_stream_goes_on_with_what_is_written_later() {
        PartitionLog log = abc();
        Changes latest = Changes.latest(log, KeyFilter.all());
        assertTrue(latest.isAtEnd());
        assertEquals(List.of(), latest.next(PAGE));
        put(log, "c", "4");
        assertEquals(List.of("4:c=4"), all(latest, PAGE));
        assertEquals(5, latest.position());
    }

    @Test
    void a_filter_leaves_the_others_out_and_moves_past_them() {
        PartitionLog log = abc();
        Changes prefix = Changes.earliest(log, KeyFilter.prefix(bytes("a")));
        assertEquals(List.of("0:a=1", "1:ab=2", "2:a=-"), all(prefix, PAGE));
        Changes key = Changes.earliest(log, KeyFilter.key(bytes("a")));
        assertEquals(List.of("0:a=1", "2:a=-"), all(key, PAGE));
        Changes none = Changes.earliest(log, KeyFilter.key(bytes("abc")));
        assertEquals(List.of(), none.next(PAGE));
        assertEquals(4, none.position());
    }

    @Test
    void events_that_came_late_are_left_out() {
        PartitionLog log = s.create("compaction.strategy", "timestamp");
        write(log, "a", "new", 10);
        write(log, "a", "late", 5);
        write(log, "a", null, 20);
        write(log, "a", "later still", 15);
        assertEquals(
                List.of("0:a=new", "2:a=-", "4:a=-"),
                all(Changes.earliest(log, KeyFilter.all()), PAGE));
    }

    private static void write(PartitionLog log, String key, @Nullable String value, long at) {
        AppendRequest request =
                new AppendRequest(
                        List.of(
                                new NewRecord(
                                        bytes(key),
                                        value == null ? null : bytes(value),
                                        at,
                                        List.of())),
                        Condition.NONE,
                        null);
        log.append(request);
        request.result().join();
    }

    /// a=1 | a deleted | x: the tombstone at offset 2 is dropped.
    private PartitionLog droppedTombstone() throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "0", "segment.bytes", "1024");
        put(log, "a", "1");
        put(log, "x", "x".repeat(900));
        put(log, "a", null);
        put(log, "y", "x".repeat(900));
        log.rollActive().join();
        cleanTwice(log);
        assertEquals(2, log.cleaning().droppedTombstone());
        return log;
    }

    private void cleanTwice(PartitionLog log) throws IOException {
        CleanerSteps.clean(log, s.clock.millis());
        s.clock.step(1);
        CleanerSteps.clean(log, s.clock.millis());
    }

    @Test
    void a_position_at_or_below_a_dropped_tombstone_cannot_be_continued() throws IOException {
        PartitionLog log = droppedTombstone();
        for (long offset : new long[] {1, 2}) {
            assertThrows(
                    CannotContinueException.class,
                    () -> Changes.from(log, KeyFilter.all(), offset));
        }
        assertEquals(1, all(Changes.from(log, KeyFilter.all(), 3), PAGE).size());
        assertEquals(2, all(Changes.from(log, KeyFilter.all(), 0), 1).size());
        assertEquals(2, all(Changes.earliest(log, KeyFilter.all()), 1).size());
    }

    @Test
    void a_slow_reader_is_told_when_a_deletion_before_it_is_forgotten() throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "0", "segment.bytes", "1024");
        put(log, "a", "1");
        put(log, "x", "x".repeat(900));
        put(log, "a", null);
        put(log, "y", "x".repeat(900));
        log.rollActive().join();
        Changes slow = Changes.earliest(log, KeyFilter.all());
        assertEquals("0:a=1", show(slow.next(1).getFirst()));
        Changes quick = Changes.earliest(log, KeyFilter.all());
        assertEquals(4, all(quick, PAGE).size());
        cleanTwice(log);
        CannotContinueException e =
                assertThrows(CannotContinueException.class, () -> slow.next(PAGE));
        assertEquals(1, e.offset());
        assertEquals(List.of(), quick.next(PAGE));
    }

    @Test
    void a_position_below_the_start_or_beyond_the_end_cannot_be_continued() throws IOException {
        PartitionLog log =
                s.create(
                        "cleanup.policy",
                        "compact,delete",
                        "retention.ms",
                        "10",
                        "acks",
                        "written");
        put(log, "a", "1");
        put(log, "b", "1");
        log.rollActive().join();
        s.clock.step(1000);
        put(log, "c", "1");
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        for (long offset : new long[] {1, 4, Long.MAX_VALUE}) {
            assertThrows(
                    CannotContinueException.class,
                    () -> Changes.from(log, KeyFilter.all(), offset));
        }
        assertEquals(List.of("2:c=1"), all(Changes.from(log, KeyFilter.all(), 0), PAGE));
        assertEquals(List.of("2:c=1"), all(Changes.from(log, KeyFilter.all(), 2), PAGE));
    }

    @Test
    void a_snapshot_can_be_continued_though_the_cleaning_state_was_lost() throws IOException {
        PartitionLog log = droppedTombstone();
        SimulatedDisk disk = s.powerOff();
        for (var file : disk.list(TestStore.DIR.resolve("lastword/partitions"))) {
            if (file.toString().endsWith(".cleaning")) {
                damage(disk, file);
            }
        }
        try (TestStore t = new TestStore(disk)) {
            assertTrue(t.log().cleaning().droppedTombstone() >= 2, log::name);
            Snapshot snapshot = new Reads(0).snapshot(t.store.topic("t"), null);
            long next = snapshot.offsets().next().get(0);
            snapshot.close();
            put(t.log(), "z", "1");
            assertEquals(
                    List.of(next + ":z=1"),
                    all(Changes.from(t.log(), KeyFilter.all(), next), PAGE));
            assertThrows(
                    CannotContinueException.class,
                    () -> Changes.from(t.log(), KeyFilter.all(), next - 1));
        }
    }

    private static void damage(SimulatedDisk disk, java.nio.file.Path file) throws IOException {
        try (var f = disk.open(file, dev.lastword.io.OpenMode.READ_WRITE)) {
            f.truncate(3);
        }
    }

    @Test
    void a_stream_ends_with_its_topic() {
        PartitionLog log = abc();
        Changes changes = Changes.earliest(log, KeyFilter.all());
        s.store.delete("t");
        assertThrows(LogException.Closed.class, () -> changes.next(PAGE));
    }

    @Test
    void listeners_hear_of_writes_and_of_the_end() throws InterruptedException {
        PartitionLog log = s.create();
        Semaphore heard = new Semaphore(0);
        Runnable listener = heard::release;
        log.endListeners().add(listener);
        put(log, "a", "1");
        assertTrue(heard.tryAcquire(20, TimeUnit.SECONDS));
        s.store.delete("t");
        assertTrue(heard.tryAcquire(20, TimeUnit.SECONDS));
        log.endListeners().remove(listener);
        assertEquals(0, log.endListeners().count());
    }

    /// Followers that read bit by bit while keys are written, deleted, cleaned away and forgotten:
    /// whoever is at the end has the model's state, and whoever missed something was told so.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void a_snapshot_and_its_changes_are_the_exact_state(long fixedSeed) throws IOException {
        long seed = Long.getLong("seed", fixedSeed);
        Random random = new Random(seed);
        PartitionLog log = s.create("delete.retention.ms", "20", "segment.bytes", "1024");
        Map<String, String> model = new HashMap<>();
        List<Follower> followers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            followers.add(new Follower(log));
        }
        for (int step = 0; step < 1500; step++) {
            switch (random.nextInt(12)) {
                case 0 -> {
                    log.rollActive().join();
                    CleanerSteps.clean(log, s.clock.millis());
                }
                case 1 -> s.clock.step(random.nextInt(30));
                case 2, 3, 4 -> followers.get(random.nextInt(4)).step(random, model, seed);
                case 5, 6 -> {
                    String key = "k" + random.nextInt(30);
                    put(log, key, null);
                    model.remove(key);
                }
                default -> {
                    String key = "k" + random.nextInt(30);
                    String value = step + "x".repeat(random.nextInt(200));
                    put(log, key, value);
                    model.put(key, value);
                }
            }
        }
        int resets = 0;
        for (Follower f : followers) {
            while (!f.isAtEnd()) {
                f.step(random, model, seed);
            }
            assertEquals(model, f.state, "seed " + seed);
            resets += f.resets;
        }
        assertTrue(resets > 0, "no follower ever fell behind: seed " + seed);
    }

    private final class Follower {
        private final PartitionLog log;
        private final Map<String, String> state = new HashMap<>();
        private @Nullable Changes changes;
        private int resets;

        Follower(PartitionLog log) {
            this.log = log;
        }

        boolean isAtEnd() {
            return changes != null && changes.isAtEnd();
        }

        void step(Random random, Map<String, String> model, long seed) {
            try {
                if (changes == null) {
                    begin(random);
                } else if (random.nextInt(4) == 0) {
                    changes = Changes.from(log, KeyFilter.all(), changes.position());
                } else {
                    changes.next(random.nextInt(3000)).forEach(this::apply);
                }
            } catch (CannotContinueException e) {
                resets++;
                changes = null;
                return;
            }
            if (isAtEnd()) {
                assertEquals(model, state, "seed " + seed);
            }
        }

        private void begin(Random random) {
            state.clear();
            if (random.nextBoolean()) {
                changes = Changes.earliest(log, KeyFilter.all());
                return;
            }
            try (Snapshot snapshot = new Reads(0).snapshot(s.store.topic("t"), null)) {
                for (var r = snapshot.next(); r != null; r = snapshot.next()) {
                    apply(r.record());
                }
                changes = Changes.from(log, KeyFilter.all(), snapshot.offsets().next().get(0));
            }
        }

        private void apply(LogRecord r) {
            String key = new String(r.key(), StandardCharsets.UTF_8);
            if (r.value() == null) {
                state.remove(key);
            } else {
                state.put(key, TestStore.text(r));
            }
        }
    }
}
