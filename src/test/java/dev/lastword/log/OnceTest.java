package dev.lastword.log;

import static dev.lastword.log.TestStore.bytes;
import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.index.KeyHash;
import dev.lastword.ingest.Ingest;
import dev.lastword.ingest.IngestStream;
import dev.lastword.ingest.StreamFailedException;
import dev.lastword.io.DiskFullIOException;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import dev.lastword.record.Header;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is to be stored once is stored once, whatever comes between two attempts.
class OnceTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);

    private static KeyHash request(long name) {
        KeyHash hash = new KeyHash();
        hash.hi = name;
        hash.lo = ~name;
        return hash;
    }

    private static AppendRequest send(PartitionLog log, long name, String key, String value) {
        return send(log, name, key, value, Condition.NONE);
    }

    private static AppendRequest send(
            PartitionLog log, long name, String key, String value, Condition condition) {
        NewRecord record = new NewRecord(bytes(key), bytes(value), NewRecord.NOW, List.of());
        Once once = Once.single(request(name), Once.fingerprint(0, record, log.hasher()));
        AppendRequest request =
                new AppendRequest(List.of(record.storedOnce(once)), condition, null);
        log.append(request);
        return request;
    }

    private static AppendResult once(PartitionLog log, long name, String key, String value) {
        try {
            return send(log, name, key, value).result().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof LogException failure ? failure : e;
        }
    }

    @Test
    void a_repeat_is_answered_as_the_first_was() {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            AppendResult first = once(log, 7, "a", "1");
            put(log, "a", "2");
            s.clock.step(1000);
            assertEquals(first, once(log, 7, "a", "1"));
            assertTrue(((AppendResult.Appended) first).created());
            assertEquals("2", s.get("a"));
            assertEquals(2, log.endOffset());
            assertThrows(LogException.RequestDiffers.class, () -> once(log, 7, "a", "3"));
            assertEquals(2, log.endOffset());
            s.check();
        }
    }

    @Test
    void the_name_counts_before_the_condition() {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            AppendResult first = send(log, 1, "a", "1", new Condition.IfAbsent()).result().join();
            assertEquals(first, send(log, 1, "a", "1", new Condition.IfAbsent()).result().join());
            assertInstanceOf(
                    AppendResult.ConditionFailed.class,
                    send(log, 2, "a", "1", new Condition.IfAbsent()).result().join());
            log.append(
                    new AppendRequest(
                            List.of(new NewRecord(bytes("a"), null, NewRecord.NOW, List.of())),
                            Condition.NONE,
                            null));
            assertInstanceOf(
                    AppendResult.Appended.class,
                    send(log, 2, "a", "1", new Condition.IfAbsent()).result().join(),
                    "what was refused is not remembered");
        }
    }

    @Test
    void repeats_in_one_group_are_stored_once() {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            CompletableFuture<Void> hold = new CompletableFuture<>();
            CompletableFuture<Void> held = new CompletableFuture<>();
            Thread.startVirtualThread(() -> {
                log.flush()
                        .thenRun(() -> {
                            held.complete(null);
                            hold.join();
                        });
            });
            held.join();
            AppendRequest one = send(log, 5, "a", "1");
            AppendRequest two = send(log, 5, "a", "1");
            hold.complete(null);
            assertEquals(one.result().join(), two.result().join());
            assertEquals(1, log.endOffset());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void it_survives_a_kill_and_a_power_failure(boolean power) {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "1024");
        AppendResult[] first = new AppendResult[50];
        for (int i = 0; i < first.length; i++) {
            first[i] = once(log, i, "k" + i % 5, "v" + i);
        }
        long end = log.endOffset();
        TestStore t = new TestStore(power ? s.powerOff() : s.kill(), TestStore.DIR, s.clock);
        for (int i = 0; i < first.length; i++) {
            assertEquals(first[i], once(t.log(), i, "k" + i % 5, "v" + i));
        }
        assertEquals(end, t.log().endOffset());
        t.check();
        t.close();
    }

    @Test
    void it_survives_the_cleaning_of_its_records_and_an_orderly_stop() throws IOException {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "1024");
        AppendResult[] first = new AppendResult[50];
        for (int i = 0; i < first.length; i++) {
            first[i] = once(log, i, "k", "v" + i);
        }
        log.rollActive().join();
        CleanerSteps.clean(log, s.clock.millis());
        assertTrue(log.stats().sizeBytes() < 1000, "its records are gone");
        s = new TestStore(s.kill(), TestStore.DIR, s.clock);
        assertEquals(first[3], once(s.log(), 3, "k", "v3"));
        s.close();
        s = new TestStore(disk(s), TestStore.DIR, s.clock);
        assertEquals(first[49], once(s.log(), 49, "k", "v49"));
        assertEquals(50, s.log().endOffset());
        s.close();
    }

    private static SimulatedDisk disk(TestStore s) {
        return (SimulatedDisk) s.disk;
    }

    @Test
    void a_write_that_failed_is_not_remembered_not_even_by_the_file() {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create("segment.bytes", "1024");
        once(log, 1, "a", "x".repeat(800));
        disk.failEvery(
                Operation.WRITE,
                p -> p.toString().endsWith(".log"),
                () -> new DiskFullIOException("full"));
        assertThrows(LogException.DiskFull.class, () -> once(log, 2, "b", "x".repeat(800)));
        disk.heal();
        TestStore t = new TestStore(s.kill(), TestStore.DIR, s.clock);
        once(t.log(), 2, "b", "x".repeat(800));
        assertEquals(2, t.log().endOffset());
        t.check();
        t.close();
    }

    @Test
    void it_is_forgotten_after_a_day() {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            once(log, 1, "a", "1");
            s.clock.step(IdempotencyWindow.KEPT_MS);
            once(log, 1, "a", "1");
            assertEquals(1, log.endOffset());
            s.clock.step(1);
            once(log, 1, "a", "other");
            assertEquals(2, log.endOffset());
        }
    }

    @Test
    void the_window_is_bounded_and_keeps_the_latest() throws Exception {
        TestStore s = new TestStore(disk);
        PartitionLog log = s.create();
        AppendRequest last = null;
        for (int i = 0; i < IdempotencyWindow.ENTRIES_MAX + 500; i++) {
            last = send(log, i, "a", "v");
            if (i % 100 == 0) {
                last.result().join();
            }
        }
        last.result().join();
        TestStore t = new TestStore(s.kill(), TestStore.DIR, s.clock);
        int size = t.log().requests().size();
        assertEquals(IdempotencyWindow.ENTRIES_MAX, size);
        long end = t.log().endOffset();
        once(t.log(), IdempotencyWindow.ENTRIES_MAX + 499, "a", "v");
        once(t.log(), 500, "a", "v");
        assertEquals(end, t.log().endOffset());
        once(t.log(), 499, "a", "v");
        assertEquals(end + 1, t.log().endOffset());
        t.close();
    }

    @Test
    void a_mark_from_outside_is_not_stored() {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            Header forged = new Header(Once.HEADER, new byte[41]);
            AppendRequest request =
                    new AppendRequest(
                            List.of(
                                    new NewRecord(
                                            bytes("a"),
                                            bytes("1"),
                                            NewRecord.NOW,
                                            List.of(forged))),
                            Condition.NONE,
                            null);
            log.append(request);
            request.result().join();
            assertEquals(List.of(), log.recordAt(0).headers());
        }
    }

    /// A stream is sent again and again, each time broken off at a random place or the service
    /// killed, until it comes through: each record is stored once, in order.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void a_stream_that_is_sent_again_passes_over_what_is_durable(long seed) throws Exception {
        Random random = new Random(seed);
        TestStore s = new TestStore(disk);
        s.store.create("t", 3, Map.of("segment.bytes", "65536"));
        int records = 2000;
        long total = -1;
        while (total < 0) {
            IngestStream stream = new Ingest().open(s.store.topic("t"), request(9), null);
            int stop = random.nextInt(2 * records);
            for (int i = 0; i < Math.min(records, stop); i++) {
                stream.add(record(i));
            }
            if (stop >= records) {
                total = stream.finish().count();
            } else if (random.nextBoolean()) {
                stream.flush();
            } else {
                stream.abandon();
                s = new TestStore(s.kill(), TestStore.DIR, s.clock);
            }
        }
        assertEquals(records, total);
        long stored = 0;
        for (PartitionLog p : s.store.topic("t").partitions()) {
            long last = -1;
            for (long offset = 0; offset < p.endOffset(); offset++) {
                int n = Integer.parseInt(new String(p.recordAt(offset).value()).strip());
                assertTrue(n > last, "seed " + seed);
                last = n;
            }
            stored += p.endOffset();
        }
        assertEquals(records, stored, "seed " + seed);
        IngestStream other = new Ingest().open(s.store.topic("t"), request(9), null);
        StreamFailedException e =
                assertThrows(
                        StreamFailedException.class,
                        () -> {
                            for (int i = 0; i < records; i++) {
                                other.add(record(i == 1000 ? -1 : i));
                            }
                            other.finish();
                        });
        assertInstanceOf(LogException.RequestDiffers.class, e.reason());
        assertFalse(e.accepted() > records);
        s.check();
        s.close();
    }

    private static NewRecord record(int i) {
        return new NewRecord(
                bytes("k" + Math.floorMod(i, 97)),
                bytes(i + " ".repeat(1000)),
                NewRecord.NOW,
                List.of());
    }
}
