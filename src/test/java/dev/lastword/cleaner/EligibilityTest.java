package dev.lastword.cleaner;

import static dev.lastword.log.TestStore.bytes;
import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.Condition;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Segment;
import dev.lastword.log.TestStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When a log is worth cleaning, to the millisecond, and what it is told of why.
@Timeout(60)
class EligibilityTest {
    private final TestStore s = new TestStore(new SimulatedDisk(1));

    @AfterEach
    void close() {
        s.check();
        s.close();
    }

    private Eligibility now(PartitionLog log) {
        return Eligibility.of(log, s.clock.millis());
    }

    private void assertNot(String reason, PartitionLog log) {
        Eligibility e = now(log);
        assertFalse(e.eligible() || e.overdue(), e.reason());
        assertTrue(e.reason().contains(reason), e.reason());
    }

    private void assertDue(boolean overdue, String reason, PartitionLog log) {
        Eligibility e = now(log);
        assertTrue(e.eligible());
        assertEquals(overdue, e.overdue());
        assertTrue(e.reason().contains(reason), e.reason());
        long dead = e.segments().stream().mapToLong(x -> x.facts().deadBytes()).sum();
        assertEquals(dead, e.deadBytes());
    }

    private static void putAt(PartitionLog log, String key, long timestamp) {
        NewRecord record = new NewRecord(bytes(key), bytes("v"), timestamp, List.of());
        AppendRequest request = new AppendRequest(List.of(record), Condition.NONE, null);
        log.append(request);
        request.result().join();
    }

    @Test
    void what_is_dirty_without_garbage_is_left_alone() {
        PartitionLog log = s.create("min.cleanable.dirty.ratio", "0");
        assertNot("active segment", log);
        put(log, "a", "1");
        put(log, "b", "1");
        log.rollActive().join();
        assertNot("no garbage", log);
        put(log, "a", "2");
        put(log, "b", "2");
        assertDue(false, "dirty ratio", log);
        assertTrue(now(log).deadBytes() > 0);
        s.store.configure("t", Map.of("cleanup.policy", "delete"));
        assertNot("cleanup.policy", log);
    }

    @Test
    void a_dirty_ratio_counts_from_above_the_minimum_on() throws IOException {
        PartitionLog log = s.create("segment.bytes", "1024");
        put(log, "a", "x".repeat(700));
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        put(log, "b", "x".repeat(700));
        log.rollActive().join();
        put(log, "b", "2");
        assertNot("dirty ratio 0.5 is not above", log);
        s.store.configure("t", Map.of("min.cleanable.dirty.ratio", "0.49"));
        assertDue(false, "dirty ratio 0.5 is above", log);
    }

    @Test
    void max_compaction_lag_passes_for_what_is_not_cleaned_yet() throws IOException {
        PartitionLog log =
                s.create("max.compaction.lag.ms", "1000", "min.cleanable.dirty.ratio", "1.0");
        putAt(log, "a", s.clock.millis() - 1000);
        log.rollActive().join();
        putAt(log, "a", s.clock.millis());
        assertNot("dirty ratio", log);
        s.clock.step(1);
        assertDue(true, "max.compaction.lag.ms", log);
        log.cleaning().cleaned(1, 0);
        assertNot("dirty ratio 0.0", log);
    }

    @Test
    void a_tombstone_makes_a_log_overdue_when_its_horizon_is_reached() throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "1000");
        put(log, "a", null);
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        s.clock.step(999);
        assertNot("no garbage", log);
        s.clock.step(1);
        assertDue(true, "past their delete horizon", log);
    }

    @Test
    void an_unstamped_tombstone_waits_as_long_as_delete_retention() {
        PartitionLog log =
                s.create("delete.retention.ms", "1000", "min.cleanable.dirty.ratio", "1.0");
        put(log, "a", null);
        log.rollActive().join();
        s.clock.step(999);
        assertNot("dirty ratio", log);
        s.clock.step(1);
        assertDue(true, "wait for their delete horizon", log);
    }

    @Test
    void nothing_behind_a_record_within_min_compaction_lag_is_cleanable() throws IOException {
        PartitionLog log = s.create("min.compaction.lag.ms", "500");
        long nowMs = s.clock.millis();
        putAt(log, "a", nowMs - 500);
        log.rollActive().join();
        putAt(log, "b", nowMs - 499);
        log.rollActive().join();
        putAt(log, "c", nowMs - 10_000);
        log.rollActive().join();
        assertEquals(List.of(0L), cleanable(log));
        s.clock.step(1);
        assertEquals(List.of(0L, 1L, 2L), cleanable(log));
        CleanerSteps.clean(log, s.clock.millis()); // joins them
        s.store.configure("t", Map.of("min.compaction.lag.ms", "60000"));
        assertEquals(List.of(0L), cleanable(log), "what is cleaned stays cleanable");
        s.store.configure("t", Map.of("min.compaction.lag.ms", "0"));
        putAt(log, "d", s.clock.millis());
        log.rollActive().join();
        assertEquals(2, cleanable(log).size());
    }

    private List<Long> cleanable(PartitionLog log) {
        return Eligibility.cleanable(log, s.clock.millis()).stream()
                .map(Segment::baseOffset)
                .toList();
    }

    @Test
    void overdue_garbage_is_all_taken_and_other_garbage_only_where_it_is_worth_it()
            throws IOException {
        PartitionLog log = s.create("max.compaction.lag.ms", "1000", "segment.bytes", "65536");
        for (int i = 0; i < 20; i++) {
            put(log, "k" + i, "x".repeat(500));
        }
        log.rollActive().join();
        put(log, "k0", "1");
        List<Segment> segments = Eligibility.cleanable(log, s.clock.millis());
        Segment first = segments.getFirst();
        s.clock.step(1000);
        assertFalse(Eligibility.choose(log, segments, s.clock.millis()).takes(first));
        s.clock.step(1);
        assertTrue(Eligibility.choose(log, segments, s.clock.millis()).takes(first));
        log.cleaning().cleaned(first.nextOffset() - 1, 0);
        assertTrue(Eligibility.choose(log, segments, s.clock.millis()).takes(first));
        log.cleaning().cleaned(first.nextOffset(), 0);
        assertFalse(Eligibility.choose(log, segments, s.clock.millis()).takes(first));
    }
}
