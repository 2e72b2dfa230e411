package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.DiskFullIOException;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A disk that fails, for a while or once, beginning at every operation of a script that writes,
/// rolls, cleans, changes settings, and closes. Whatever fails: what was acknowledged is there,
/// what was refused is not, and once the disk is right again so is the store, without a restart.
@Timeout(300)
class DiskFaultTest {
    private static final int KEYS = 5;

    private static DiskFullIOException full() {
        return new DiskFullIOException("No space left on device");
    }

    private static IOException eio() {
        return new IOException("Input/output error");
    }

    /// Which operations fail, once some have passed.
    private record Plan(Set<Operation> operations, boolean lasting, Supplier<IOException> error) {}

    @Test
    void a_full_disk_at_any_operation_loses_and_changes_nothing() {
        atEveryOperation(
                new Plan(
                        Set.of(Operation.CREATE, Operation.WRITE, Operation.MKDIR),
                        true,
                        DiskFaultTest::full));
    }

    @Test
    void an_error_of_any_write_loses_nothing_and_is_taken_back() {
        atEveryOperation(new Plan(Set.of(Operation.WRITE), false, DiskFaultTest::eio));
    }

    @Test
    void an_error_of_any_flush_loses_nothing_acknowledged() {
        atEveryOperation(new Plan(Set.of(Operation.SYNC), false, DiskFaultTest::eio));
    }

    @Test
    void an_error_of_any_directorys_flush_loses_nothing() {
        atEveryOperation(new Plan(Set.of(Operation.SYNC_DIRECTORY), false, DiskFaultTest::eio));
    }

    @Test
    void an_error_of_any_rename_loses_nothing() {
        atEveryOperation(new Plan(Set.of(Operation.RENAME), false, DiskFaultTest::eio));
        atEveryOperation(new Plan(Set.of(Operation.RENAME), true, DiskFaultTest::eio));
    }

    @Test
    void an_error_of_any_deletion_truncation_or_opening_loses_nothing() {
        for (Operation op :
                new Operation[] {Operation.DELETE, Operation.TRUNCATE, Operation.CREATE}) {
            atEveryOperation(new Plan(Set.of(op), false, DiskFaultTest::eio));
        }
    }

    @Test
    void an_error_of_any_read_loses_nothing() {
        atEveryOperation(new Plan(Set.of(Operation.READ), false, DiskFaultTest::eio));
    }

    private static void atEveryOperation(Plan plan) {
        int n = 0;
        for (boolean met = true; met; n++) {
            SimulatedDisk disk = new SimulatedDisk(n);
            try {
                met = new Run(disk).run(plan, n);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(plan.operations + " after " + n + "\n" + disk.dump(), e);
            }
        }
        assertTrue(n > 1, () -> "never met: " + plan.operations);
    }

    private static final class Run {
        private final SimulatedDisk disk;
        private TestStore s;
        private final Map<String, @Nullable String> acknowledged = new HashMap<>();
        private final Map<String, Set<@Nullable String>> unknown = new HashMap<>();
        private int values;

        Run(SimulatedDisk disk) {
            this.disk = disk;
            this.s = new TestStore(disk);
            s.create(
                    "segment.bytes",
                    "1200",
                    "delete.retention.ms",
                    "100",
                    "file.delete.delay.ms",
                    "100");
        }

        /// Whether the script met the fault.
        boolean run(Plan plan, int passes) {
            AtomicInteger left = new AtomicInteger(passes);
            boolean[] met = new boolean[1];
            for (Operation op : plan.operations) {
                disk.failEvery(
                        op,
                        p -> true,
                        () -> {
                            boolean now =
                                    plan.lasting
                                            ? left.getAndDecrement() <= 0
                                            : left.getAndDecrement() == 0;
                            met[0] |= now;
                            return now ? plan.error.get() : null;
                        });
            }
            script();
            disk.heal();
            bringBack();
            check();
            put("after");
            check();
            s = new TestStore(s.powerOff());
            assertEquals(PartitionState.ONLINE, s.log().state(), () -> s.log().reason());
            check();
            s.close();
            return met[0];
        }

        private void script() {
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 6; i++) {
                    put("k" + (round + i) % KEYS);
                }
                remove("k" + round);
                attempt(() -> s.log().rollActive().join());
                s.clock.step(200);
                clean();
            }
            attempt(() -> s.store.configure("t", Map.of("segment.bytes", "2000")));
            put("k0");
            clean();
            attempt(s::close); // the checkpoint, and word of an orderly stop
            disk.heal();
            s = new TestStore(disk);
        }

        private void clean() {
            attempt(() -> {
                try {
                    CleanerSteps.unlink(s.log()); // what the round before left
                    CleanerSteps.clean(s.log(), s.clock.millis());
                    CleanerSteps.unlink(s.log());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }

        /// What fails here must leave the store as it was, or say so in its state.
        private static void attempt(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException e) {
                assertTrue(isTheDisks(e), () -> "a defect: " + e);
            }
        }

        private static boolean isTheDisks(Throwable e) {
            for (Throwable t = e; t != null; t = t.getCause()) {
                if (t instanceof LogException || t instanceof IOException) {
                    return true;
                }
            }
            return e instanceof IllegalStateException; // a pass that was stopped
        }

        private void put(String key) {
            write(key, "v" + values++ + "x".repeat(250));
        }

        private void remove(String key) {
            write(key, null);
        }

        private void write(String key, @Nullable String value) {
            try {
                TestStore.put(s.log(), key, value);
                acknowledged.put(key, value);
                unknown.remove(key);
            } catch (LogException.OutcomeUnknown e) {
                unknown.computeIfAbsent(key, k -> new HashSet<>()).add(value);
            } catch (LogException e) {
                assertEquals(acknowledged.get(key), seen(key), "nothing of it is stored: " + e);
            }
        }

        /// What readers see; where even reading fails, what they saw.
        private @Nullable String seen(String key) {
            try {
                return s.get(key);
            } catch (LogException.Corrupt e) {
                return acknowledged.get(key);
            }
        }

        private void bringBack() {
            switch (s.log().state()) {
                case READ_ONLY -> s.store.reopen("t", 0);
                case QUARANTINED -> s.store.release("t", 0, false);
                case ONLINE, CLOSED -> {}
            }
            assertEquals(PartitionState.ONLINE, s.log().state(), () -> s.log().reason());
        }

        private void check() {
            for (int k = 0; k < KEYS; k++) {
                String key = "k" + k;
                String found = s.get(key);
                assertTrue(
                        java.util.Objects.equals(found, acknowledged.get(key))
                                || unknown.getOrDefault(key, Set.of()).contains(found),
                        () -> key + " is " + found + ", acknowledged " + acknowledged.get(key));
            }
            s.check();
        }
    }
}
