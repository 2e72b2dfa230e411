package dev.lastword.cleaner;

import static dev.lastword.log.TestStore.bytes;
import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.Condition;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Segment;
import dev.lastword.log.TestStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Properties that Kafka's tests check of its cleaner, and accidents that it had, held against the
/// running cleaner. All of them, with those tested elsewhere, are in `SemanticsMap`.
@Timeout(60)
class KafkaCasesTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final TestStore s = new TestStore(disk);

    private static void write(PartitionLog log, String key, @Nullable String value, long time) {
        AppendRequest request =
                new AppendRequest(
                        List.of(
                                new NewRecord(
                                        bytes(key),
                                        value == null ? null : bytes(value),
                                        time,
                                        List.of())),
                        Condition.NONE,
                        null);
        log.append(request);
        request.result().join();
    }

    private PassResult clean(PartitionLog log) throws IOException {
        PassResult result = CleanerSteps.clean(log, s.clock.millis());
        s.check();
        return result;
    }

    /// KAFKA-4529, `testCleanTombstone`.
    @ParameterizedTest
    @ValueSource(longs = {0, 999_999, 5_000_000_000_000L})
    void a_tombstone_is_seen_for_its_whole_time_whatever_its_timestamp(long timestamp)
            throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "1000");
        put(log, "a", "1");
        write(log, "a", null, timestamp);
        log.rollActive().join();
        clean(log);
        s.clock.step(999);
        clean(log);
        assertNotNull(log.recordAt(1));
        s.clock.step(1);
        assertEquals(1, clean(log).tombstonesDropped());
        assertNull(log.recordAt(1));
        s.close();
    }

    /// `delete.retention.ms` is that of the time when the tombstone was stamped.
    @Test
    void a_later_retention_does_not_move_a_horizon() throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "1000");
        put(log, "a", null);
        log.rollActive().join();
        clean(log);
        s.store.configure("t", Map.of("delete.retention.ms", "1000000"));
        s.clock.step(1000);
        assertEquals(1, clean(log).tombstonesDropped());
        s.close();
    }

    /// KAFKA-8522, KAFKA-4545: on a log to which nobody writes any more.
    @Test
    void a_tombstone_goes_on_a_quiet_log_and_so_do_its_empty_batches() throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "1000", "segment.bytes", "1024");
        for (int i = 0; i < 40; i++) {
            put(log, "k" + i % 4, "x".repeat(100));
        }
        for (int i = 0; i < 4; i++) {
            put(log, "k" + i, null);
        }
        log.rollActive().join();
        clean(log);
        s.clock.step(1000);
        assertTrue(CleanerSteps.isEligible(log, s.clock.millis()));
        clean(log);
        assertEquals(0, log.index().keys());
        long size = log.stats().sizeBytes();
        assertTrue(size <= 61, "one empty batch, not " + size + " bytes");
        assertFalse(CleanerSteps.isEligible(log, s.clock.millis()));
        s.close();
    }

    /// `testCleanSegmentsRetainingLastEmptyBatch`, `testCleaningBeyondMissingOffsets`, KAFKA-17076.
    @Test
    void the_end_is_kept_by_an_empty_batch_where_its_records_go() throws IOException {
        PartitionLog log = s.create();
        put(log, "a", "1");
        put(log, "b", "1");
        log.rollActive().join();
        put(log, "b", "2");
        clean(log);
        Segment first = log.segments().get(0);
        assertEquals(2, first.nextOffset());
        assertEquals(2, log.cleaning().cleanedTo());
        assertNull(log.recordAt(1));
        TestStore t = new TestStore(s.powerOff());
        assertEquals(3, t.log().endOffset());
        assertEquals(2, t.log().segments().get(0).nextOffset());
        assertEquals(3, put(t.log(), "c", "1"));
        t.check();
        t.close();
    }

    /// `testDeletedBatchesWithNoMessagesRead`.
    @Test
    void more_garbage_than_a_buffer_holds_is_stepped_over() throws IOException {
        PartitionLog log = s.create();
        for (int i = 0; i < 60; i++) {
            put(log, "a", "x".repeat(100_000));
        }
        put(log, "b", "1");
        log.rollActive().join();
        PassResult result = clean(log);
        assertEquals(61, result.recordsRead());
        assertEquals(2, result.recordsKept());
        assertTrue(result.bytesRead() > 6_000_000);
        s.close();
    }

    /// `testLargeMessage`, `testMessageLargerThanMaxMessageSize`, KAFKA-4019, KAFKA-5316.
    @ParameterizedTest
    @ValueSource(strings = {"none", "zstd"})
    void a_record_larger_than_a_buffer_and_than_a_limit_lowered_since_is_cleaned(String codec)
            throws IOException {
        PartitionLog log = s.create("max.message.bytes", "4000000", "compression.type", codec);
        String large = "0123456789".repeat(350_000);
        put(log, "a", "1");
        put(log, "b", large);
        put(log, "a", large);
        log.rollActive().join();
        s.store.configure("t", Map.of("max.message.bytes", "1000"));
        assertEquals(2, clean(log).recordsKept());
        assertEquals(large, s.get("a"));
        assertEquals(large, s.get("b"));
        s.close();
    }

    /// `testCorruptMessageSizeLargerThanBytesAvailable` and its like: every bit of a batch's
    /// length.
    @Test
    void a_batch_that_claims_another_length_stops_the_cleaning_and_nothing_is_changed()
            throws IOException {
        for (int bit = 0; bit < 32; bit++) {
            SimulatedDisk d = new SimulatedDisk(1);
            TestStore t = new TestStore(d);
            PartitionLog log = t.create();
            put(log, "a", "1");
            put(log, "a", "2");
            log.rollActive().join();
            Path file = TestStore.logFile(log, 0);
            d.flipBit(file, 8 + bit / 8, bit % 8);
            byte[] before = d.readAll(file);
            assertThrows(
                    IOException.class, () -> CleanerSteps.clean(log, t.clock.millis()), "" + bit);
            assertEquals(PartitionState.QUARANTINED, log.state());
            assertTrue(java.util.Arrays.equals(before, d.readAll(file)));
            t.close();
        }
    }

    /// `testLogCleanerStats`.
    @Test
    void what_a_pass_tells_is_exact() throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "0");
        put(log, "a", "1");
        put(log, "a", null);
        put(log, "b", "1");
        put(log, "b", "2");
        log.rollActive().join();
        long size = log.segments().get(0).sizeBytes();
        PassResult first = clean(log);
        long left = log.segments().get(0).sizeBytes();
        assertEquals(new PassResult(4, size, left, size, left, 4, 2, 0), first);
        PassResult second = clean(log);
        long end = log.segments().get(0).sizeBytes();
        assertEquals(new PassResult(4, left, end, left, end, 2, 1, 1), second);
        s.close();
    }

    /// `testLogToClean`.
    @Test
    void the_dirty_ratio_is_that_of_the_bytes_behind_what_is_cleaned() throws IOException {
        PartitionLog log = s.create("segment.bytes", "1024");
        put(log, "a", "x".repeat(700));
        log.rollActive().join();
        assertEquals(1.0, log.stats().dirtyRatio());
        clean(log);
        assertEquals(0.0, log.stats().dirtyRatio());
        put(log, "b", "x".repeat(200));
        log.rollActive().join();
        put(log, "c", "active does not count");
        double clean = log.segments().get(0).sizeBytes();
        double dirty = log.segments().get(1).sizeBytes();
        assertEquals(dirty / (clean + dirty), log.stats().dirtyRatio());
        s.close();
    }

    /// `testSegmentGrouping`.
    @Test
    void neighbours_are_joined_in_order_up_to_segment_bytes() throws IOException {
        PartitionLog log = s.create("segment.bytes", "2048");
        for (int i = 0; i < 12; i++) {
            put(log, "k" + i, "x".repeat(200));
            put(log, "hot", "x");
            log.rollActive().join();
        }
        assertEquals(13, log.segments().size());
        clean(log);
        assertTrue(log.segments().size() <= 5, log.segments().size() + " segments");
        long previous = -1;
        for (Segment x : log.segments().closed()) {
            assertTrue(x.sizeBytes() <= 2048);
            assertTrue(x.baseOffset() > previous);
            previous = x.baseOffset();
        }
        for (int i = 0; i < 12; i++) {
            assertNotNull(s.get("k" + i));
        }
        s.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void neighbours_are_joined_if_before_the_pass_they_fill_a_segment_exactly(int tooMany)
            throws IOException {
        PartitionLog log = s.create("segment.bytes", "65536");
        for (int i = 0; i < 2; i++) {
            put(log, "k" + i, "x".repeat(1_000));
            put(log, "hot", "x");
            log.rollActive().join();
        }
        put(log, "hot", "x"); // so that both have garbage
        long size = log.segments().get(0).sizeBytes() + log.segments().get(1).sizeBytes();
        s.store.configure("t", Map.of("segment.bytes", Long.toString(size - tooMany)));
        clean(log);
        assertEquals(1 + tooMany, log.segments().closed().size());
        s.check();
        s.close();
    }

    /// `testCleansCombinedCompactAndDeleteTopic`; the accident of karafka-web #1223 is what
    /// `retention.ms` says, and is told in the documentation.
    @Test
    void compact_and_delete_compacts_and_takes_what_is_older_than_retention() throws IOException {
        PartitionLog log = s.create("cleanup.policy", "compact,delete", "retention.ms", "1000");
        put(log, "old", "1");
        log.rollActive().join();
        s.clock.step(900);
        put(log, "a", "1");
        put(log, "a", "2");
        log.rollActive().join();
        s.clock.step(101);
        assertTrue(CleanerSteps.retain(log, s.clock.millis()));
        assertNull(s.get("old"));
        clean(log);
        assertNull(log.recordAt(1));
        assertEquals("2", s.get("a"));
        assertEquals(3, log.endOffset());
        s.close();
    }

    /// `testCleanSegmentsWithConcurrentSegmentDeletion`, KAFKA-12840, KAFKA-7322: retention and
    /// cleaning never work on one log at the same time.
    @Test
    void retention_waits_for_a_pass_and_takes_each_segment_once() throws IOException {
        PartitionLog log =
                s.create(
                        "cleanup.policy",
                        "compact,delete",
                        "retention.ms",
                        "1000",
                        "segment.bytes",
                        "1024");
        for (int i = 0; i < 30; i++) {
            put(log, "k" + i % 3, "x".repeat(100));
        }
        log.rollActive().join();
        s.clock.step(2000);
        List<CompletableFuture<Boolean>> retention = new ArrayList<>();
        CleanerSteps.clean(
                log,
                s.clock.millis(),
                () -> {
                    if (retention.isEmpty()) {
                        retention.add(CompletableFuture.supplyAsync(this::retain));
                    }
                    assertFalse(retention.getFirst().isDone());
                });
        assertTrue(retention.getFirst().join());
        assertEquals(0, log.index().keys());
        assertEquals(log.endOffset(), log.startOffset());
        s.check();
        CleanerSteps.unlink(log);
        TestStore t = new TestStore(s.powerOff());
        assertEquals(30, t.log().endOffset());
        assertNull(t.get("k1"));
        t.check();
        t.close();
    }

    private boolean retain() {
        try {
            return CleanerSteps.retain(s.log(), s.clock.millis());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// `testConcurrentLogCleanupAndTopicDeletion`, KAFKA-6568, KAFKA-7441: neither waits for ever.
    @Test
    void a_topic_deleted_in_mid_pass_stops_it_and_is_gone() {
        PartitionLog log = s.create("segment.bytes", "1024");
        for (int i = 0; i < 30; i++) {
            put(log, "k" + i % 3, "x".repeat(100));
        }
        log.rollActive().join();
        List<CompletableFuture<Void>> deletion = new ArrayList<>();
        assertThrows(
                IllegalStateException.class, // that of a pass that was stopped
                () ->
                        CleanerSteps.clean(
                                log,
                                s.clock.millis(),
                                () -> {
                                    if (deletion.isEmpty()) {
                                        deletion.add(
                                                CompletableFuture.runAsync(
                                                        () -> s.store.delete("t")));
                                        while (log.state() != PartitionState.CLOSED) {
                                            Thread.onSpinWait();
                                        }
                                    }
                                }));
        deletion.getFirst().join();
        assertNull(s.store.find("t"));
        assertFalse(disk.exists(log.directory()));
        s.close();
    }

    /// KAFKA-1641, 3330, 8724, 8764, 9826, 6266; `testDirtyOffsetResetIfLargerThanEndOffset`,
    /// `testDirtyOffsetLargerThanActiveSegmentBaseOffset` and their like.
    @ParameterizedTest
    @ValueSource(longs = {-7, 0, 1, 2, 3, 4, 5, 1_000})
    void wherever_the_note_of_what_is_cleaned_points_the_log_is_cleaned(long noted)
            throws IOException {
        PartitionLog log = s.create();
        put(log, "a", "1");
        put(log, "a", "2");
        log.rollActive().join();
        put(log, "a", "3");
        put(log, "a", "4");
        log.cleaning().cleaned(noted, s.clock.millis());
        TestStore t = new TestStore(s.kill());
        PartitionLog again = t.log();
        for (int i = 5; i < 9; i++) {
            put(again, "a", "" + i);
        }
        again.rollActive().join();
        assertTrue(CleanerSteps.isEligible(again, t.clock.millis()));
        CleanerSteps.clean(again, t.clock.millis());
        assertEquals(1, again.index().keys());
        assertEquals(0, again.stats().deadRecords());
        assertEquals(8, again.cleaning().cleanedTo());
        assertEquals("8", t.get("a"));
        t.check();
        t.close();
    }

    /// KAFKA-8335, KAFKA-12889: however often it is cleaned.
    @Test
    void a_log_of_few_keys_does_not_grow_with_the_passes() throws IOException {
        PartitionLog log = s.create("segment.bytes", "1024", "delete.retention.ms", "10");
        long bound = 0;
        for (int round = 0; round < 30; round++) {
            for (int i = 0; i < 20; i++) {
                put(log, "k" + i % 5, i % 7 == 0 ? null : "x".repeat(50));
            }
            log.rollActive().join();
            s.clock.step(10);
            clean(log);
            long size = log.stats().sizeBytes();
            bound = round == 2 ? 2 * size : bound;
            assertTrue(round <= 2 || size <= bound, "round " + round + ": " + size);
            assertTrue(log.segments().size() < 6, log.segments().size() + " segments");
        }
        s.close();
    }

    /// NATS #4162: what was acknowledged last is what a restart finds, after any cleaning.
    @Test
    void a_restart_behind_a_cleaning_never_shows_an_older_value() throws IOException {
        PartitionLog log = s.create("segment.bytes", "1024");
        TestStore t = s;
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 20; i++) {
                put(log, "k" + i % 4, round + "-" + i + "x".repeat(60));
            }
            log.rollActive().join();
            CleanerSteps.clean(log, t.clock.millis());
            t = new TestStore(round % 2 == 0 ? t.kill() : t.powerOff());
            log = t.log();
            for (int i = 16; i < 20; i++) {
                String value = t.get("k" + i % 4);
                assertNotNull(value);
                assertTrue(value.startsWith(round + "-" + i + "x"), value);
            }
            t.check();
        }
        t.close();
    }

    /// Redpanda #2273: a log that was compacted and is only deleted from now on.
    @Test
    void a_log_with_holes_is_read_on_after_its_policy_becomes_delete() throws IOException {
        PartitionLog log = s.create("segment.bytes", "1024");
        for (int i = 0; i < 20; i++) {
            put(log, "k" + i % 2, i + "x".repeat(100));
        }
        log.rollActive().join();
        clean(log);
        s.store.configure("t", Map.of("cleanup.policy", "delete", "retention.ms", "-1"));
        put(log, "k0", "new");
        var reads = new dev.lastword.read.Reads(0);
        List<Long> seen = new ArrayList<>();
        for (long next = 0; next < log.endOffset(); ) {
            var page = reads.page(s.store.topic("t"), 0, next, 2, 10_000);
            page.records().forEach(r -> seen.add(r.offset()));
            assertTrue(page.nextOffset() > next, "reaching the end is a matter of position");
            next = page.nextOffset();
        }
        assertEquals(List.of(18L, 19L, 20L), seen);
        s.check();
        s.close();
    }
}
