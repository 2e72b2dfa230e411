package dev.lastword.log;

import static dev.lastword.log.TestStore.bytes;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.DiskFullIOException;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import dev.lastword.read.Reads;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import dev.lastword.record.TimestampType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Keys with a time to live. The clock is set by hand; that what is due gets done is waited for.
@Timeout(120)
class ExpiryTest {
    private SimulatedDisk disk = new SimulatedDisk(1);
    private TestStore s = new TestStore(disk);

    @AfterEach
    void close() {
        s.check();
        s.close();
    }

    private static AppendRequest send(PartitionLog log, NewRecord record) {
        AppendRequest request = new AppendRequest(List.of(record), Condition.NONE, null);
        log.append(request);
        return request;
    }

    private static AppendResult.Appended put(PartitionLog log, NewRecord record) {
        return (AppendResult.Appended) send(log, record).result().join();
    }

    private static NewRecord record(String key, long ttlMs) {
        return new NewRecord(bytes(key), bytes("v"), NewRecord.NOW, List.of()).expiringAfter(ttlMs);
    }

    private void awaitGone(String key) {
        await().atMost(Duration.ofSeconds(60)).until(() -> s.get(key) == null);
    }

    private List<LogRecord> records() {
        List<LogRecord> all = new ArrayList<>();
        PartitionLog log = s.log();
        for (long at = log.startOffset(); at < log.endOffset(); ) {
            Reads.RecordPage page =
                    new Reads(0).page(s.store.topic("t"), 0, at, 10_000, Integer.MAX_VALUE);
            all.addAll(page.records());
            at = page.nextOffset();
        }
        return all;
    }

    private void reopen(boolean orderly) {
        if (orderly) {
            s.close();
            disk = disk.killed();
        } else {
            disk = s.powerOff();
        }
        s = new TestStore(disk, TestStore.DIR, s.clock);
    }

    @Test
    void a_key_expires_as_a_tombstone_in_the_log() {
        PartitionLog log = s.create();
        put(log, record("a", 5_000));
        TestStore.put(log, "b", "1");
        s.clock.step(5_000);
        awaitGone("a");
        LogRecord last = records().getLast();
        assertEquals(2, last.offset());
        assertEquals(s.clock.millis(), last.timestamp());
        assertNull(last.value());
        assertEquals(List.of(), last.headers());
        assertEquals("1", s.get("b"));
        await().until(() -> s.events.contains(new LogEvent.Expired("t", 0, 1)));
    }

    @Test
    void a_write_before_the_deadline_keeps_the_key() {
        PartitionLog log = s.create();
        put(log, record("a", 5_000));
        put(log, record("b", 5_000));
        put(log, record("c", 6_000));
        TestStore.put(log, "a", "2");
        put(log, record("b", 60_000));
        s.clock.step(6_000);
        awaitGone("c");
        assertEquals("2", s.get("a"));
        assertEquals("v", s.get("b"));
        assertEquals(6, log.endOffset());
        s.clock.step(60_000);
        awaitGone("b");
        assertEquals("2", s.get("a"));
    }

    @Test
    void a_deadline_outlives_a_stop_and_a_crash() throws IOException {
        PartitionLog log = s.create("segment.bytes", "1024");
        for (int i = 0; i < 100; i++) {
            put(log, record("k" + i % 10, 5_000 + 1_000 * i));
        }
        TestStore.put(log, "other", "1");
        for (boolean orderly : new boolean[] {true, false, true, false}) {
            reopen(orderly);
            assertEquals("v", s.get("k0"));
            s.check();
            s.log().rollActive().join();
            CleanerSteps.clean(s.log(), s.clock.millis());
            s.check();
        }
        s.clock.step(5_000 + 94_000);
        awaitGone("k4");
        assertNull(s.get("k0"));
        assertEquals("v", s.get("k5"));
        reopen(false);
        assertNull(s.get("k0"));
        s.clock.step(10_000);
        awaitGone("k9");
        assertEquals("1", s.get("other"));
    }

    @Test
    void what_is_overdue_at_the_start_goes_then() {
        put(s.create(), record("a", 5_000));
        s.close();
        s.clock.step(100_000);
        disk = disk.killed();
        s = new TestStore(disk, TestStore.DIR, s.clock);
        awaitGone("a");
    }

    @Test
    void an_expired_key_stays_gone_when_its_tombstone_is_cleaned_away() throws IOException {
        PartitionLog log = s.create("delete.retention.ms", "0");
        put(log, record("a", 5_000));
        s.clock.step(5_000);
        awaitGone("a");
        for (int i = 0; i < 3; i++) {
            TestStore.put(s.log(), "b" + i, "1");
            s.log().rollActive().join();
            s.clock.step(1_000);
            CleanerSteps.clean(s.log(), s.clock.millis());
        }
        assertTrue(records().stream().noneMatch(r -> r.value() == null), "tombstone still there");
        reopen(false);
        s.clock.step(-50_000);
        assertNull(s.get("a"));
    }

    @Test
    void a_clock_that_is_set_back_delays_and_does_no_other_harm() {
        PartitionLog log = s.create();
        put(log, record("a", 5_000));
        s.clock.step(-100_000);
        put(log, record("b", 1_000));
        s.clock.step(2_000);
        awaitGone("b");
        assertEquals("v", s.get("a"));
        s.clock.step(103_000);
        awaitGone("a");
        s.clock.step(-1_000_000);
        assertNull(s.get("a"));
    }

    @Test
    void more_keys_expire_than_there_is_memory_for() {
        PartitionLog log = s.create();
        int keys = Deadlines.ENTRIES_MAX * 5 / 2;
        List<NewRecord> records = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            records.add(record("k" + i, i % 3 == 0 ? 9_000 : 5_000));
            if (records.size() == 5_000 || i == keys - 1) {
                AppendRequest request =
                        new AppendRequest(List.copyOf(records), Condition.NONE, null);
                log.append(request);
                request.result().join();
                records.clear();
            }
        }
        assertEquals(keys, log.index().liveKeys());
        s.clock.step(5_000);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> log.index().liveKeys() == (keys + 2) / 3);
        s.clock.step(4_000);
        await().atMost(Duration.ofSeconds(60)).until(() -> log.index().liveKeys() == 0);
        assertEquals(2L * keys, log.endOffset());
    }

    @Test
    void any_later_event_supersedes_an_expiry_where_versions_count() {
        PartitionLog log = s.create("compaction.strategy", "timestamp");
        put(log, new NewRecord(bytes("a"), bytes("1"), 50, List.of()).expiringAfter(5_000));
        s.clock.step(5_000);
        awaitGone("a");
        NewRecord late = new NewRecord(bytes("a"), bytes("0"), 49, List.of());
        assertEquals(1, put(log, late).superseded());
        assertNull(s.get("a"));
        NewRecord later = new NewRecord(bytes("a"), bytes("2"), 51, List.of());
        assertEquals(0, put(log, later).superseded());
        assertEquals("2", s.get("a"));
    }

    @Test
    void an_expiry_has_the_version_of_what_it_deletes() {
        PartitionLog log = s.create("compaction.strategy", "header:v");
        Header seven = new Header("v", bytes("7"));
        put(
                log,
                new NewRecord(bytes("a"), bytes("1"), NewRecord.NOW, List.of(seven))
                        .expiringAfter(5_000));
        s.clock.step(5_000);
        awaitGone("a");
        assertEquals(List.of(seven), records().getLast().headers());
    }

    @Test
    void a_late_record_does_not_expire_the_key() {
        PartitionLog log = s.create("compaction.strategy", "timestamp");
        put(log, new NewRecord(bytes("a"), bytes("1"), 50, List.of()));
        put(log, new NewRecord(bytes("a"), bytes("0"), 40, List.of()).expiringAfter(1_000));
        put(log, record("b", 2_000));
        s.clock.step(2_000);
        awaitGone("b");
        assertEquals("1", s.get("a"));
    }

    @Test
    void a_deadline_may_come_as_a_header_and_a_time_to_live_takes_its_place() {
        PartitionLog log = s.create();
        Header past = new Header(Deadline.HEADER, bytes("5"));
        put(log, new NewRecord(bytes("a"), bytes("1"), NewRecord.NOW, List.of(past)));
        awaitGone("a");
        NewRecord both = new NewRecord(bytes("b"), bytes("1"), NewRecord.NOW, List.of(past));
        put(log, both.expiringAfter(5_000));
        Header expected = new Header(Deadline.HEADER, bytes("" + (s.clock.millis() + 5_000)));
        assertEquals(List.of(expected), records().getLast().headers());
        for (String none : List.of("", "x", "-5", "1e3", "9".repeat(19))) {
            Header odd = new Header(Deadline.HEADER, bytes(none));
            put(log, new NewRecord(bytes("c"), bytes("1"), NewRecord.NOW, List.of(odd)));
        }
        s.clock.step(5_000);
        awaitGone("b");
        assertEquals("1", s.get("c"));
    }

    @Test
    void what_a_full_disk_refuses_is_tried_again() {
        PartitionLog log = s.create("segment.bytes", "1024");
        put(log, record("a", 5_000));
        put(log, record("b", 5_000));
        disk.failEvery(
                Operation.WRITE,
                p -> p.toString().endsWith(".log"),
                () -> new DiskFullIOException("full"));
        s.clock.step(5_000);
        await().until(() -> s.events.stream().anyMatch(e -> e instanceof LogEvent.UpkeepFailed));
        assertEquals("v", s.get("a"));
        disk.heal();
        awaitGone("a");
        awaitGone("b");
        assertEquals(4, log.endOffset());
    }

    @Test
    void what_is_mirrored_does_not_expire_here() {
        PartitionLog mirror = s.store.createMirrored("m", 1, "id").partition(0);
        Header past = new Header(Deadline.HEADER, bytes("5"));
        MirroredRecords records = MirroredRecords.into(mirror);
        records.add(0, TimestampType.CREATE_TIME, 0, 1, bytes("a"), bytes("1"), List.of(past));
        AppendRequest request = AppendRequest.mirrored(records, new StreamFence());
        mirror.append(request);
        request.result().join();
        put(s.create(), record("a", 1_000));
        s.clock.step(1_000);
        awaitGone("a");
        assertEquals("1", s.get("m", "a"));
        assertEquals(1, mirror.endOffset());
        assertEquals(Deadline.NONE, mirror.expiry().nextMs());
    }

    @Test
    void a_time_to_live_is_part_of_what_an_idempotent_write_says() {
        PartitionLog log = s.create();
        long one = Once.fingerprint(0, record("a", 1_000), log.hasher());
        long two = Once.fingerprint(0, record("a", 2_000), log.hasher());
        long none = Once.fingerprint(0, record("a", NewRecord.FOR_EVER), log.hasher());
        assertTrue(one != two && one != none && two != none);
    }
}
