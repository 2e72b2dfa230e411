package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Index, segment list and swaps under load: threads that write and read beside one that rolls,
/// cleans, unlinks, lets flushes, renames and directory flushes fail, and takes the partition back
/// into service, in an order drawn from the seed. `-Dseeds=` runs more seeds, from `-Dfirst=` on.
@Timeout(120)
class ReopenStressTest {
    /// Far more than faults are ever asked for.
    private static final int TRIES_MAX = 1000;

    private static final int KEYS = 6;
    private static final int STEPS = 150;
    private static final int READERS = 2;
    private static final int WRITES_A_STEP = 5;

    static LongStream seeds() {
        long first = Long.getLong("first", 1);
        return LongStream.range(first, first + Integer.getInteger("seeds", 4));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatever_fails_beside_it_no_reader_finds_a_key_absent_or_older(long seed)
            throws Exception {
        new Run(seed).run();
    }

    private static final class Run {
        private final Random random;
        private final SimulatedDisk disk;
        private final TestStore s;
        private final List<FutureTask<Void>> threads = new ArrayList<>();

        /// How many writes may still be made, so that they do not run away from the cleaner.
        private final Semaphore writes = new Semaphore(0);

        private final AtomicBoolean done = new AtomicBoolean();
        private final CountDownLatch begun = new CountDownLatch(READERS + 1);

        /// For each key the highest value that was acknowledged.
        private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(KEYS);

        Run(long seed) {
            random = new Random(seed);
            disk = new SimulatedDisk(seed);
            s = new TestStore(disk);
            s.create("segment.bytes", "3000", "file.delete.delay.ms", "0");
            for (int k = 0; k < KEYS; k++) {
                TestStore.put(s.log(), "k" + k, "0x");
            }
        }

        void run() throws Exception {
            threads.add(new FutureTask<>(this::write, null));
            for (int i = 0; i < READERS; i++) {
                threads.add(new FutureTask<>(this::read, null));
            }
            threads.forEach(t -> Thread.ofPlatform().daemon().start(t));
            begun.await();
            try {
                for (int i = 0; i < STEPS; i++) {
                    step();
                }
            } finally {
                done.set(true);
            }
            for (FutureTask<Void> t : threads) {
                try {
                    t.get();
                } catch (ExecutionException e) {
                    throw new AssertionError(e.getCause());
                }
            }
            disk.heal();
            bringBack();
            assertEquals("", s.log().reason());
            s.check();
            TestStore t = new TestStore(s.powerOff());
            for (int k = 0; k < KEYS; k++) {
                assertTrue(number(t.get("k" + k)) >= acknowledged.get(k), "k" + k);
            }
            t.check();
            t.close();
        }

        private static int number(String value) {
            assertNotNull(value, "never absent");
            return Integer.parseInt(value.substring(0, value.indexOf('x')));
        }

        private void write() {
            int[] next = new int[KEYS];
            begun.countDown();
            for (int i = 0; !done.get(); i++) {
                if (!writes.tryAcquire()) {
                    Thread.onSpinWait();
                    continue;
                }
                int k = i % KEYS;
                try {
                    TestStore.put(s.log(), "k" + k, ++next[k] + "x".repeat(200));
                    acknowledged.set(k, next[k]);
                } catch (LogException e) {
                    Thread.onSpinWait(); // refused, or of unknown outcome
                }
            }
        }

        private void read() {
            int[] last = new int[KEYS];
            begun.countDown();
            while (!done.get()) {
                for (int k = 0; k < KEYS; k++) {
                    int known = acknowledged.get(k);
                    try {
                        int found = number(s.get("k" + k));
                        assertTrue(found >= known, "what was acknowledged is seen");
                        assertTrue(found >= last[k], "never older");
                        last[k] = found;
                    } catch (LogException.Closed e) {
                        Thread.onSpinWait(); // asked the partition that was reopened
                    }
                }
            }
        }

        private void step() throws IOException {
            writes.release(WRITES_A_STEP);
            switch (random.nextInt(8)) {
                case 0 -> disk.failSync(1 + random.nextInt(3));
                case 1 ->
                        disk.fail(
                                random.nextBoolean() ? Operation.RENAME : Operation.SYNC_DIRECTORY,
                                p -> p.toString().contains("/t-0"),
                                1 + random.nextInt(4),
                                new IOException("Input/output error"));
                case 2 -> attempt(() -> s.log().rollActive().join());
                case 3 -> attempt(() -> clean());
                case 4 -> CleanerSteps.unlink(s.log());
                case 5 -> bringBack();
                default -> {
                    while (writes.availablePermits() > 0
                            && threads.stream().noneMatch(FutureTask::isDone)) {
                        Thread.onSpinWait();
                    }
                }
            }
        }

        private void clean() {
            try {
                CleanerSteps.clean(s.log(), s.clock.millis());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        /// Tries until it is back; faults that were asked for go on failing until they are met, so
        /// a write beside it may have stopped the partition again when this returns.
        private void bringBack() {
            for (int tries = 0; s.log().state() != PartitionState.ONLINE; tries++) {
                assertTrue(tries < TRIES_MAX, s.log()::reason);
                attempt(() -> {
                    if (s.log().state() == PartitionState.READ_ONLY) {
                        s.store.reopen("t", 0);
                    } else {
                        s.store.release("t", 0, false);
                    }
                });
            }
        }

        private static void attempt(Runnable step) {
            try {
                step.run();
            } catch (LogException
                    | java.io.UncheckedIOException
                    | java.util.concurrent.CompletionException
                    | IllegalStateException e) {
                assertNotNull(e.getMessage(), "the fault that was asked for");
            }
        }
    }
}
