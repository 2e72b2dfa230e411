package dev.lastword.cleaner.offline;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lastword.cleaner.offline.RefusedException.Reason;
import dev.lastword.io.SimulatedCrash;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.TestStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// A data directory of our own is cleaned between two runs of the service.
class StoreTest {
    private static final Path LOG = TestStore.DIR.resolve("logs").resolve("t-0");
    private static final long NOW = 1_000_000;
    private static final long RETENTION_MS = 1000;

    private static OfflineResult clean(SimulatedDisk disk, long nowMs) throws IOException {
        return OfflineCleaner.clean(
                disk,
                LOG,
                OfflineOptions.defaults(nowMs).withDeleteRetentionMs(RETENTION_MS),
                (phase, done, total) -> {});
    }

    private static TestStore open(SimulatedDisk disk) {
        return new TestStore(disk, TestStore.DIR, new TestClock(NOW));
    }

    private static void fill(TestStore s) {
        PartitionLog log = s.create("segment.bytes", "1024");
        for (int i = 0; i < 60; i++) {
            put(log, "k" + i % 7, "v" + i);
            if (i % 9 == 8) {
                log.rollActive().join();
            }
        }
        put(log, "k0", null);
        log.rollActive().join();
        put(log, "k1", "last");
    }

    private static void check(TestStore s) {
        assertEquals(PartitionState.ONLINE, s.log().state(), s.log().reason());
        assertEquals(62, s.log().endOffset());
        assertNull(s.get("k0"));
        assertEquals("last", s.get("k1"));
        for (int k = 2; k < 7; k++) {
            assertEquals("v" + (k < 4 ? 56 + k : 49 + k), s.get("k" + k));
        }
        s.check();
    }

    @Test
    void the_service_finds_every_latest_value_afterwards() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        try (TestStore s = open(disk)) {
            fill(s);
        }
        OfflineResult result = clean(disk, NOW);
        assertEquals(61, result.recordsRead());
        assertEquals(7, result.recordsKept());
        try (TestStore s = open(disk)) {
            check(s);
            assertEquals(-1, s.log().cleaning().droppedTombstone());
            assertEquals(61, s.log().cleaning().cleanedTo());
        }
        assertEquals(1, clean(disk, NOW + RETENTION_MS).droppedTombstones());
        try (TestStore s = open(disk)) {
            check(s);
            assertEquals(60, s.log().cleaning().droppedTombstone());
        }
    }

    /// Else a reader that resumes there would not learn that it missed a delete.
    @Test
    void a_tombstone_at_the_very_first_offset_is_told_when_it_goes() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        try (TestStore s = open(disk)) {
            PartitionLog log = s.create();
            put(log, "a", null);
            log.rollActive().join();
            put(log, "b", "1");
        }
        clean(disk, NOW);
        assertEquals(1, clean(disk, NOW + RETENTION_MS).droppedTombstones());
        try (TestStore s = open(disk)) {
            assertEquals(0, s.log().cleaning().droppedTombstone());
            assertEquals(2, s.log().endOffset());
            assertEquals("1", s.get("b"));
            s.check();
        }
    }

    @Test
    void a_directory_in_use_is_refused() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        try (TestStore s = open(disk)) {
            fill(s);
            RefusedException e = assertThrows(RefusedException.class, () -> clean(disk, NOW));
            assertEquals(Reason.IN_USE, e.reason());
        }
    }

    @Test
    void a_directory_that_was_not_closed_in_order_is_refused() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        TestStore s = open(disk);
        fill(s);
        SimulatedDisk left = s.kill();
        RefusedException e = assertThrows(RefusedException.class, () -> clean(left, NOW));
        assertEquals(Reason.NOT_CLOSED_CLEANLY, e.reason());
    }

    /// I6: the service opens whatever a stopped cleaning left.
    @Test
    void the_service_opens_after_a_stop_at_any_operation() throws IOException {
        for (int n = 0; ; n++) {
            SimulatedDisk disk = new SimulatedDisk(1);
            try (TestStore s = open(disk)) {
                fill(s);
            }
            boolean ended = true;
            disk.crashAfter(disk.operations() + n);
            try {
                clean(disk, NOW);
            } catch (SimulatedCrash e) {
                ended = false;
            }
            try (TestStore s = open(n % 2 == 0 ? disk.withOnlySynced() : disk.killed())) {
                check(s);
            }
            if (ended) {
                assertEquals(true, n > 20, "only " + n + " operations");
                return;
            }
        }
    }
}
