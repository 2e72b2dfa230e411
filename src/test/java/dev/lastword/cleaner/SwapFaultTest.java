package dev.lastword.cleaner;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.TestStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What happens at and around each step of a pass.
@Timeout(120)
class SwapFaultTest {
    private static final List<Operation> ALL = List.of(Operation.values());

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final TestStore s = new TestStore(disk);

    /// Several segments too large to be joined, each with garbage.
    private PartitionLog withGarbage(String topic) {
        PartitionLog log = s.createNamed(topic, "segment.bytes", "1500");
        for (int i = 0; i < 20; i++) {
            put(log, "k" + i % 7, i + "x".repeat(i % 7 == 0 ? 20 : 300));
        }
        log.rollActive().join();
        return log;
    }

    /// Runs something just before each disk operation on a folder, in the thread that asked for it.
    private void before(Path folder, List<Operation> operations, Runnable what) {
        boolean[] inside = new boolean[1];
        for (Operation op : operations) {
            disk.failEvery(
                    op,
                    p -> {
                        if (p.startsWith(folder) && !inside[0]) {
                            inside[0] = true;
                            what.run();
                            inside[0] = false;
                        }
                        return false;
                    },
                    IOException::new);
        }
    }

    private static List<Operation> changes() {
        return ALL.stream().filter(op -> op != Operation.READ).toList();
    }

    @Test
    void a_get_at_any_moment_of_a_swap_finds_the_latest_value() throws IOException {
        PartitionLog log = withGarbage("t");
        AtomicInteger looks = new AtomicInteger();
        before(
                log.directory(),
                changes(),
                () -> {
                    looks.incrementAndGet();
                    for (int k = 0; k < 7; k++) {
                        String found = s.get("k" + k);
                        assertNotNull(found);
                        assertTrue(found.startsWith((k < 6 ? 14 + k : 13) + "x"), found);
                    }
                });
        CleanerSteps.clean(log, s.clock.millis());
        disk.heal();
        assertTrue(looks.get() > 30, looks + " looks");
        s.check();
        s.close();
    }

    @Test
    void never_are_two_groups_of_a_partition_in_a_swap() throws IOException {
        PartitionLog log = withGarbage("t");
        int segments = log.segments().size();
        AtomicInteger most = new AtomicInteger();
        before(
                log.directory(),
                changes(),
                () -> {
                    try {
                        var inSwap =
                                disk.list(log.directory()).stream()
                                        .map(Path::toString)
                                        .filter(p -> p.endsWith(".cleaned") || p.endsWith(".swap"))
                                        .map(p -> p.substring(p.lastIndexOf('/'), p.indexOf('.')))
                                        .collect(Collectors.toSet());
                        assertTrue(inSwap.size() <= 1, () -> "in a swap: " + inSwap);
                        most.accumulateAndGet(inSwap.size(), Math::max);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
        CleanerSteps.clean(log, s.clock.millis());
        disk.heal();
        assertEquals(1, most.get());
        assertTrue(log.segments().size() > 2 && segments > 3, "more than one group");
        s.check();
        s.close();
    }

    /// The nth of a kind of operation on the topic `bad` meets an error, for every n that a pass
    /// comes to.
    private static void atEachStep(Operation op, Supplier<IOException> error) {
        for (int n = 0; ; n++) {
            if (!oneStep(new SimulatedDisk(n), op, new AtomicInteger(n), error)) {
                return;
            }
        }
    }

    /// Whether the pass came to that operation.
    private static boolean oneStep(
            SimulatedDisk faulty, Operation op, AtomicInteger left, Supplier<IOException> error) {
        TestStore store = new TestStore(faulty);
        for (String topic : List.of("bad", "good")) {
            PartitionLog log = store.createNamed(topic, "segment.bytes", "1500");
            for (int i = 0; i < 20; i++) {
                put(log, "k" + i % 7, i + "x".repeat(300));
            }
            log.rollActive().join();
        }
        Path folder = store.store.topic("bad").partition(0).directory();
        boolean[] met = new boolean[1];
        faulty.failEvery(
                op,
                p -> p.startsWith(folder),
                () -> {
                    if (left.getAndDecrement() != 0) {
                        return null;
                    }
                    met[0] = true;
                    return error.get();
                });
        try (Cleaner cleaner =
                new Cleaner(
                        store.store, new CleanerOptions(1, 3_600_000, 0), store.clock, e -> {})) {
            Compaction bad = cleaner.request(store.store.topic("bad"));
            Compaction good = cleaner.request(store.store.topic("good"));
            cleaner.start();
            CompactionReport.State outcome = bad.done().join().state();
            assertEquals(CompactionReport.State.DONE, good.done().join().state());
            faulty.heal();
            if (met[0] && outcome == CompactionReport.State.FAILED) {
                var status =
                        cleaner.status().partitions().stream()
                                .filter(p -> p.topic().equals("bad"))
                                .findFirst()
                                .orElseThrow();
                assertEquals(1, status.failures());
                assertNotNull(status.lastError());
            }
            Compaction again = cleaner.request(store.store.topic("bad"));
            CompactionReport report = again.done().join();
            assertEquals(CompactionReport.State.DONE, report.state(), report.error());
        }
        for (String topic : List.of("bad", "good")) {
            PartitionLog log = store.store.topic(topic).partition(0);
            assertEquals(PartitionState.ONLINE, log.state(), log.reason());
            assertEquals(0, log.stats().deadRecords());
        }
        store.check();
        store.close();
        return met[0];
    }

    @Test
    void an_io_error_in_any_step_of_a_pass_stops_no_other_log_and_is_shown_and_retried() {
        ALL.forEach(op -> atEachStep(op, () -> new IOException("Input/output error")));
    }

    @Test
    void an_error_like_out_of_memory_in_any_step_stops_no_other_log_and_is_shown_and_retried() {
        ALL.forEach(op ->
                atEachStep(
                        op,
                        () -> {
                            throw new OutOfMemoryError("simulated");
                        }));
    }

    @Test
    void an_error_in_one_logs_upkeep_keeps_no_other_log_from_retention() {
        String[] settings = {
            "cleanup.policy", "delete", "retention.ms", "1000", "segment.bytes", "1024"
        };
        for (String topic : List.of("bad", "good")) {
            put(s.createNamed(topic, settings), "a", "x".repeat(900));
            s.store.topic(topic).partition(0).rollActive().join();
        }
        s.clock.step(5_000);
        Path folder = s.store.topic("bad").partition(0).directory();
        disk.failEvery(
                Operation.RENAME,
                p -> p.startsWith(folder),
                () -> {
                    throw new OutOfMemoryError("simulated");
                });
        try (Cleaner cleaner =
                new Cleaner(s.store, new CleanerOptions(1, 1, 0), s.clock, e -> {})) {
            cleaner.start();
            PartitionLog good = s.store.topic("good").partition(0);
            while (good.startOffset() == 0) {
                Thread.onSpinWait();
            }
            while (cleaner.status().partitions().getFirst().lastError() == null) {
                Thread.onSpinWait();
            }
            assertEquals(0, s.store.topic("bad").partition(0).startOffset());
            disk.heal();
        }
        s.close();
    }

    @Test
    void a_pass_stops_where_its_partition_goes_out_of_service() {
        PartitionLog log = withGarbage("t");
        long size = log.stats().sizeBytes();
        assertThrows(
                IllegalStateException.class,
                () ->
                        CleanerSteps.clean(
                                log,
                                s.clock.millis(),
                                () -> log.quarantine("damage that a reader met")));
        assertEquals(size, log.stats().sizeBytes());
        s.close();
    }
}
