package dev.lastword.crash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedCrash;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.EntryOrder;
import dev.lastword.laws.TestClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The machine stops after each disk operation of [Script] in turn, by a power failure or a kill,
/// and every time the store opens again with everything that was acknowledged. `-Dn=` replays one
/// stop, `-Dseeds=` draws more power failures of each.
class CrashTest {
    private static final int SEEDS = Integer.getInteger("seeds", 2);

    /// So many second crashes for each first one.
    private static final int SECOND = Integer.getInteger("second", 1);

    /// A log's directory with renames that are not durable yet.
    private static final Pattern RENAMED = Pattern.compile("/logs/[^/\n]*: unsynced: .*->");

    /// A recovery of the script's store does no more than this.
    private static final int RECOVERY_OPERATIONS = 40;

    @BeforeAll
    static void be_silent_about_threads_that_end_in_a_crash() {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            if (!(e instanceof SimulatedCrash)) {
                e.printStackTrace();
            }
        });
    }

    @AfterAll
    static void restore() {
        Thread.setDefaultUncaughtExceptionHandler(null);
    }

    /// A stopped machine: its disk, and what its clients know.
    private record Stop(long n, SimulatedDisk disk, Expected expected, TestClock clock) {
        Machine restart(SimulatedDisk left) {
            return new Machine(left, new TestClock(clock.millis()), expected.copy());
        }
    }

    private static Stop stopAfter(long n) throws Exception {
        SimulatedDisk disk = new SimulatedDisk(n);
        disk.crashAfter(n);
        Machine m = new Machine(disk, new TestClock(1_000_000), new Expected());
        boolean ended = Script.run(m);
        return new Stop(ended ? -1 : n, disk, m.expected, m.clock);
    }

    interface Check {
        void of(Stop stop) throws Exception;
    }

    private static void atEveryOperation(Check check) throws Exception {
        Long one = Long.getLong("n");
        int repeat = Integer.getInteger("repeat", 1);
        for (long n = one == null ? 0 : one; ; n++) {
            Stop stop = stopAfter(n);
            if (stop.n < 0) {
                assertTrue(n > 300 || one != null, "a script of only " + n + " operations");
                return;
            }
            try {
                check.of(stop);
            } catch (Exception | Error e) {
                throw new AssertionError(
                        "stopped after operation " + n + " (-Dn=" + n + ")\n" + stop.disk.dump(),
                        e);
            }
            if (one != null && (repeat-- <= 1 || Long.getLong("n") == null)) {
                return;
            }
            n -= one != null ? 1 : 0;
        }
    }

    private static List<SimulatedDisk> powerFailures(Stop stop) {
        List<SimulatedDisk> left = new ArrayList<>();
        left.add(stop.disk.withOnlySynced());
        for (int seed = 0; seed < SEEDS; seed++) {
            EntryOrder order = seed % 2 == 0 ? EntryOrder.REORDERED : EntryOrder.KEPT;
            left.add(stop.disk.afterCrash(new Random(1000 * stop.n + seed), order));
        }
        return left;
    }

    /// The store opens, is right, works, and is right again after a clean stop.
    private static void checkAll(Machine m) throws Exception {
        try {
            m.verify();
            m.recover();
            m.goOn();
            m.close();
            m.verify();
            m.recover();
        } finally {
            m.abandon();
        }
    }

    @Test
    void a_power_failure_at_any_operation_loses_nothing_acknowledged() throws Exception {
        atEveryOperation(stop -> {
            for (SimulatedDisk left : powerFailures(stop)) {
                checkAll(stop.restart(left));
            }
        });
    }

    @Test
    void a_kill_at_any_operation_loses_nothing_acknowledged() throws Exception {
        atEveryOperation(stop -> checkAll(stop.restart(stop.disk.killed())));
    }

    /// What a killed process left in the system's cache is seen by the next, which must not build
    /// on it before it is durable.
    @Test
    void a_power_failure_after_a_kill_loses_nothing_acknowledged() throws Exception {
        atEveryOperation(stop -> {
            Machine second = stop.restart(stop.disk.killed());
            try {
                second.recover();
                second.goOn();
            } finally {
                second.abandon();
            }
            checkAll(
                    new Machine(
                            second.disk.withOnlySynced(), second.clock, second.expected.copy()));
        });
    }

    /// A second crash in the middle of putting the first one right: at every operation where the
    /// first one came between renames, else at one drawn by chance.
    @Test
    void a_second_crash_during_recovery_loses_nothing_either() throws Exception {
        atEveryOperation(stop -> {
            Random random = new Random(stop.n);
            if (RENAMED.matcher(stop.disk.dump()).find()) {
                for (int i = 0; i < SECOND; i++) {
                    long m = 0;
                    while (crashAgain(stop, stop.disk.killed(), m, random)) {
                        m++;
                    }
                }
            } else {
                SimulatedDisk first =
                        random.nextBoolean() ? stop.disk.killed() : stop.disk.afterCrash(random);
                crashAgain(stop, first, random.nextInt(RECOVERY_OPERATIONS), random);
            }
        });
    }

    /// Whether recovery got as far as operation `m`.
    private static boolean crashAgain(Stop stop, SimulatedDisk first, long m, Random random)
            throws Exception {
        first.crashAfter(m);
        Machine second = stop.restart(first);
        try {
            second.open();
        } catch (RuntimeException | Error e) {
            if (!first.hasCrashed()) {
                throw e;
            }
        }
        boolean stopped = first.hasCrashed();
        second.abandon();
        SimulatedDisk left =
                random.nextInt(4) == 0
                        ? first.killed()
                        : first.afterCrash(random, EntryOrder.REORDERED);
        String dump = left.dump();
        Machine third = stop.restart(left);
        try {
            third.recover();
            third.goOn();
        } catch (Exception | Error e) {
            throw new AssertionError(
                    "and again after operation " + m + "\n" + first.dump() + "\nleft " + dump, e);
        } finally {
            third.abandon();
        }
        return stopped;
    }
}
