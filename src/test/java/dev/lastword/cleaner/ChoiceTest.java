package dev.lastword.cleaner;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which segments a pass takes, and that no tombstone goes early where some are left out.
@Timeout(60)
class ChoiceTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final TestStore s = new TestStore(disk);

    /// A segment with an old value and little other garbage; one with its tombstone and much.
    private PartitionLog oldValueAmongLiveOnes() {
        PartitionLog log = s.create("segment.bytes", "4096", "delete.retention.ms", "1000");
        put(log, "a", "old");
        for (int i = 0; i < 5; i++) {
            put(log, "live" + i, "x".repeat(600));
        }
        log.rollActive().join();
        put(log, "a", null);
        for (int i = 0; i < 6; i++) {
            put(log, "hot", "x".repeat(500));
        }
        log.rollActive().join();
        return log;
    }

    private static long stamped(PartitionLog log) {
        return log.segments().asList().stream()
                .filter(x -> x.facts().earliestHorizonMs() != Long.MAX_VALUE)
                .count();
    }

    @Test
    void a_segment_with_little_garbage_is_not_even_read() throws IOException {
        PartitionLog log = oldValueAmongLiveOnes();
        long size = log.segments().get(1).sizeBytes();
        PassResult result = CleanerSteps.cleanWorthwhile(log, s.clock.millis());
        assertEquals(size, result.bytesRead());
        assertNotNull(log.recordAt(0));
        assertEquals(log.segments().active().baseOffset(), log.cleaning().cleanedTo());
        s.check();
        s.close();
    }

    @Test
    void a_tombstone_gets_no_horizon_while_an_older_value_lies_in_a_segment_not_yet_cleaned()
            throws IOException {
        PartitionLog log = oldValueAmongLiveOnes();
        CleanerSteps.cleanWorthwhile(log, s.clock.millis());
        assertEquals(0, stamped(log));
        assertNotNull(log.recordAt(0));
        assertNull(s.get("a"));
        s.clock.step(999);
        assertFalse(CleanerSteps.isEligible(log, s.clock.millis()));
        s.clock.step(1); // now it has waited as long as it has to be seen
        assertTrue(CleanerSteps.isEligible(log, s.clock.millis()));
        CleanerSteps.cleanWorthwhile(log, s.clock.millis());
        assertNull(log.recordAt(0));
        assertEquals(1, stamped(log));
        s.check();
        s.clock.step(1000);
        assertTrue(CleanerSteps.isEligible(log, s.clock.millis()));
        CleanerSteps.cleanWorthwhile(log, s.clock.millis());
        assertEquals(0, log.index().tombstones());
        s.check();
        TestStore t = new TestStore(s.powerOff());
        assertNull(t.get("a"));
        t.check();
        t.close();
    }

    @Test
    void a_tombstone_past_its_horizon_stays_while_it_is_not_known_that_older_values_are_gone()
            throws IOException {
        PartitionLog log = oldValueAmongLiveOnes();
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals(1, stamped(log));
        put(log, "live0", "y"); // garbage in the first segment again
        TestStore t = new TestStore(s.powerOff()); // which forgets how far it is clean
        assertEquals(0, t.log().segments().get(0).facts().cleanedTo());
        t.clock.step(1000);
        PassResult result = CleanerSteps.cleanWorthwhile(t.log(), t.clock.millis());
        assertEquals(1, result.tombstonesDropped());
        assertEquals(0, t.log().segments().get(0).facts().deadRecords()); // cleaned for it
        assertNull(t.get("a"));
        t.check();
        t.close();
    }

    @Test
    void a_segment_is_clean_no_further_than_what_was_flushed_when_it_was_read() throws IOException {
        PartitionLog log = s.create("acks", "written", "delete.retention.ms", "1000");
        put(log, "a", "old");
        log.rollActive().join();
        put(log, "a", null);
        log.rollActive().join();
        put(log, "a", "only written");
        CleanerSteps.clean(log, s.clock.millis());
        assertEquals(0, log.index().tombstones());
        assertEquals(2, log.segments().get(0).facts().cleanedTo());
        assertEquals(3, log.flushedOffset());
        TestStore t = new TestStore(s.powerOff());
        assertEquals("only written", t.get("a"));
        t.check();
        t.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void behind_a_pass_less_than_the_promised_part_of_the_dirty_ratio_is_garbage(long seed)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        PartitionLog log = s.create("segment.bytes", "8192");
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 300; i++) {
                int key = (int) Math.pow(200, random.nextDouble());
                put(log, "k" + key, "x".repeat(100));
            }
            long deadBefore = deadBytes(log);
            PassResult result = CleanerSteps.cleanWorthwhile(log, s.clock.millis());
            long dead = deadBytes(log);
            long size = result.bytesBefore() - (deadBefore - dead); // batch headers not counted
            double promised = 0.5 * Choice.GARBAGE_LEFT;
            assertTrue(dead < promised * size, "seed " + seed + ": " + dead + " of " + size);
            s.check();
        }
        s.close();
    }

    private static long deadBytes(PartitionLog log) {
        return log.segments().closed().stream().mapToLong(x -> x.facts().deadBytes()).sum();
    }

    @Test
    void the_deadest_segments_are_taken_and_no_more_than_needed() throws IOException {
        PartitionLog log = s.create("segment.bytes", "65536");
        for (int segment = 0; segment < 2; segment++) {
            for (int i = 0; i < 20; i++) {
                put(log, "k" + segment + "-" + i, "x".repeat(500));
            }
            log.rollActive().join();
        }
        for (int i = 0; i < 18; i++) { // of the second nearly all is dead
            put(log, "k1-" + i, "x".repeat(500));
        }
        for (int i = 0; i < 6; i++) { // of the first some
            put(log, "k0-" + i, "x".repeat(500));
        }
        log.rollActive().join();
        long sizeOfSecond = log.segments().get(1).sizeBytes();
        PassResult result = CleanerSteps.cleanWorthwhile(log, s.clock.millis());
        assertEquals(sizeOfSecond, result.bytesRead());
        assertEquals(6, log.segments().get(0).facts().deadRecords());
        s.check();
        s.close();
    }

    @Test
    void what_counts_is_the_dead_part_of_a_segment_not_its_dead_bytes() throws IOException {
        PartitionLog log = s.create("segment.bytes", "32768");
        putAll(log, "large", 40);
        log.rollActive().join();
        putAll(log, "small", 10);
        log.rollActive().join();
        putAll(log, "large", 18);
        putAll(log, "small", 9);
        log.rollActive().join();
        long small = log.segments().get(1).sizeBytes();
        assertTrue(
                log.segments().get(0).facts().deadBytes()
                        > log.segments().get(1).facts().deadBytes());
        PassResult result = CleanerSteps.cleanWorthwhile(log, s.clock.millis());
        assertEquals(small, result.bytesRead());
        assertEquals(18, log.segments().get(0).facts().deadRecords());
        s.check();
        s.close();
    }

    private static void putAll(PartitionLog log, String prefix, int keys) {
        for (int i = 0; i < keys; i++) {
            put(log, prefix + i, "x".repeat(500));
        }
    }

    @Test
    void a_pass_over_everything_reads_nothing_where_nothing_is_to_be_done() throws IOException {
        PartitionLog log = oldValueAmongLiveOnes();
        assertTrue(CleanerSteps.clean(log, s.clock.millis()).bytesRead() > 0);
        s.clock.step(1000); // then the tombstone goes
        assertTrue(CleanerSteps.clean(log, s.clock.millis()).bytesRead() > 0);
        assertEquals(0, CleanerSteps.clean(log, s.clock.millis()).bytesRead());
        s.close();
    }

    @Test
    void a_pass_that_could_not_stamp_a_tombstone_is_not_repeated_at_once() throws IOException {
        PartitionLog log = oldValueAmongLiveOnes();
        s.clock.step(500);
        CleanerSteps.cleanWorthwhile(log, s.clock.millis());
        assertEquals(0, stamped(log));
        s.clock.step(999); // the tombstone is older than delete.retention.ms, the pass is not
        assertFalse(CleanerSteps.isEligible(log, s.clock.millis()));
        s.clock.step(1);
        assertTrue(CleanerSteps.isEligible(log, s.clock.millis()));
        s.close();
    }

    @Test
    void overdue_garbage_goes_however_little_it_is() throws IOException {
        PartitionLog log = oldValueAmongLiveOnes();
        s.store.configure("t", java.util.Map.of("max.compaction.lag.ms", "1000"));
        s.clock.step(1001);
        CleanerSteps.cleanWorthwhile(log, s.clock.millis());
        assertNull(log.recordAt(0));
        s.check();
        s.close();
    }
}
