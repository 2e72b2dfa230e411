package dev.lastword.cleaner;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.FlushTimes;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the cleaner's threads do whatever comes.
@Timeout(60)
class CleanerTest {
    private final TestStore s = new TestStore(new SimulatedDisk(1));

    private PartitionLog withGarbage(String topic) {
        PartitionLog log = s.createNamed(topic);
        put(log, "a", "1");
        put(log, "a", "2");
        return log;
    }

    @Test
    void an_error_in_one_log_stops_neither_the_thread_nor_the_other_logs() {
        withGarbage("bad");
        withGarbage("good");
        AtomicBoolean thrown = new AtomicBoolean();
        try (Cleaner cleaner =
                new Cleaner(
                        s.store,
                        new CleanerOptions(1, 60_000, 0),
                        s.clock,
                        e -> {
                            if (e.topic().equals("bad") && !thrown.getAndSet(true)) {
                                throw new StackOverflowError("as a listener may");
                            }
                        })) {
            Compaction bad = cleaner.request(s.store.topic("bad"));
            Compaction good = cleaner.request(s.store.topic("good"));
            cleaner.start();
            assertEquals(CompactionReport.State.FAILED, bad.done().join().state());
            assertEquals(CompactionReport.State.DONE, good.done().join().state());
            Compaction again = cleaner.request(s.store.topic("bad"));
            assertEquals(CompactionReport.State.DONE, again.done().join().state());
        }
        s.close();
    }

    @Test
    void a_policy_changed_in_mid_run_stops_the_pass_and_leaves_the_old_segments()
            throws IOException {
        PartitionLog log = withGarbage("t");
        log.rollActive().join();
        assertThrows(
                IllegalStateException.class,
                () ->
                        CleanerSteps.clean(
                                log,
                                s.clock.millis(),
                                () -> s.store.configure("t", Map.of("cleanup.policy", "delete"))));
        assertNotNull(log.recordAt(0));
        s.check();
        s.close();
    }

    @Test
    void a_dry_run_tells_what_would_go_and_changes_nothing() throws IOException {
        PartitionLog log = withGarbage("t");
        long size = log.stats().sizeBytes();
        try (Cleaner cleaner =
                new Cleaner(s.store, new CleanerOptions(1, 60_000, 0), s.clock, e -> {})) {
            DryRun run = cleaner.dryRun(s.store.topic("t"));
            assertEquals(1, run.recordsSuperseded());
            assertEquals(1, run.segmentsRewritten());
            assertEquals(size, run.bytesBefore());
            assertTrue(run.bytesAfter() < size);
            assertNotNull(log.recordAt(0));
            assertEquals(1, log.segments().size());
            assertTrue(cleaner.compactions(s.store.topic("t")).isEmpty());
        }
        s.check();
        s.close();
    }

    @Test
    void what_a_dry_run_tells_of_several_segments_a_pass_then_does() throws IOException {
        PartitionLog log = s.create("segment.bytes", "4096");
        for (int segment = 0; segment < 3; segment++) {
            for (int i = 0; i < 4; i++) {
                put(log, "k" + segment + (segment < 2 ? i % 2 : i), "x".repeat(800));
            }
            log.rollActive().join();
        }
        DryRun run = DryRun.of(s.store.topic("t"), s.clock.millis());
        PassResult result = CleanerSteps.clean(log, s.clock.millis());
        assertEquals(2, run.segmentsRewritten());
        assertEquals(4, run.recordsSuperseded());
        assertEquals(result.bytesBefore(), run.bytesBefore());
        assertEquals(result.bytesRead(), run.bytesToRead());
        assertEquals(result.bytesAfter(), run.bytesAfter(), 0.1 * result.bytesAfter());
        s.check();
        s.close();
    }

    @Test
    void a_throttle_changed_live_lets_go_who_waits_at_the_old_rate() {
        Throttle throttle = new Throttle(1, new FlushTimes());
        CompletableFuture<Void> waiting =
                CompletableFuture.runAsync(() -> throttle.take(1L << 40, () -> false));
        assertFalse(waiting.isDone());
        while (!waiting.isDone()) {
            throttle.setBytesPerSecond(0); // until it is waiting, and then once more
            Thread.onSpinWait();
        }
        waiting.join();
    }

    @Test
    void the_log_with_the_most_garbage_is_cleaned_first() {
        withGarbage("a").rollActive().join();
        PartitionLog most = withGarbage("b");
        for (int i = 0; i < 20; i++) {
            put(most, "a", "x".repeat(100));
        }
        most.rollActive().join();
        withGarbage("c").rollActive().join();
        List<String> order = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> all = new CompletableFuture<>();
        try (Cleaner cleaner =
                new Cleaner(
                        s.store,
                        new CleanerOptions(1, 60_000, 0),
                        s.clock,
                        e -> {
                            if (e instanceof CleanerEvent.Cleaned) {
                                order.add(e.topic());
                            }
                            if (order.size() == 3) {
                                all.complete(null);
                            }
                        })) {
            cleaner.start();
            all.join();
        }
        assertEquals("b", order.getFirst());
        s.close();
    }
}
