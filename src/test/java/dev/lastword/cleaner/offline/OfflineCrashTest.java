package dev.lastword.cleaner.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.DiskFullIOException;
import dev.lastword.io.SimulatedCrash;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.EntryOrder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A cleaning stops after each of its disk operations in turn. Whatever is left is the old or the
/// new of each group, and cleaning again finishes the work. Kafka's `testRecoveryAfterCrash`.
class OfflineCrashTest {
    private static final long NOW = BrokerLog.TIME + 1_000_000;
    private static final int SEEDS = Integer.getInteger("seeds", 3);

    private static final List<String> CLEANED =
            List.of(
                    "0-0:EMPTY 1",
                    "2:ABORT 1",
                    "6:c",
                    "7:b=3",
                    "8:d=1",
                    "10:e=2",
                    "11:f=1",
                    "12:a=3",
                    "13:f=active");

    private static final OfflineOptions OPTIONS =
            OfflineOptions.defaults(NOW).withSegmentBytes(260);

    /// Three groups of segments, one of them of several, with all that a broker has beside them.
    private static SimulatedDisk disk() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(7);
        BrokerLog log =
                new BrokerLog(disk)
                        .transactional(1, 0, "b=lost")
                        .plain("a=1")
                        .abort(1)
                        .plain("c=1")
                        .roll()
                        .plain("b=1", "b=2")
                        .roll()
                        .plain("c", "b=3")
                        .plain("d=1")
                        .roll()
                        .plain("e=1", "e=2")
                        .roll()
                        .plain("f=1", "a=3")
                        .roll()
                        .plain("f=active");
        log.close();
        log.write("cleaner-offset-checkpoint", "0\n1\nother 3 17\n");
        return disk;
    }

    private static void clean(SimulatedDisk disk) throws IOException {
        OfflineCleaner.clean(disk, BrokerLog.PARTITION, OPTIONS, (phase, done, total) -> {});
    }

    /// Of each key what a reader finds at last, with aborted records left out.
    private static Map<String, String> latest(SimulatedDisk disk) {
        Map<String, String> latest = new HashMap<>();
        for (String r : BrokerLog.content(disk)) {
            String text = r.substring(r.indexOf(':') + 1);
            if (!text.contains("lost") && !text.contains("EMPTY") && !text.contains("ABORT")) {
                latest.put(text.replaceAll("=.*", ""), r);
            }
        }
        return latest;
    }

    /// All but the batches that only stand for offsets: where they are depends on the groups, and
    /// the next run forms others.
    private static List<String> content(SimulatedDisk disk) {
        return BrokerLog.content(disk).stream().filter(r -> !r.contains("EMPTY -1")).toList();
    }

    private static void checkAfter(long n, SimulatedDisk left) throws IOException {
        try {
            clean(left);
            assertEquals(CLEANED, content(left));
            assertTrue(
                    left.list(BrokerLog.PARTITION).stream()
                            .allMatch(p ->
                                    p.toString().matches(".*\\.(log|index|timeindex|txnindex)")),
                    () -> "strays in " + left.dump());
            assertEquals(
                    "0\n2\nother 3 17\nt 0 13\n",
                    new String(
                            left.readAll(
                                    BrokerLog.LOG_DIRECTORY.resolve("cleaner-offset-checkpoint")),
                            StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError("stopped after operation " + n + "\n" + left.dump(), e);
        }
    }

    @Test
    void the_script_cleans_several_groups() throws IOException {
        SimulatedDisk disk = disk();
        Map<String, String> before = latest(disk);
        clean(disk);
        assertEquals(CLEANED, content(disk));
        assertEquals(before, latest(disk));
        assertTrue(BrokerLog.bases(disk).size() > 2, () -> disk.dump());
    }

    @Test
    void a_stop_at_any_operation_and_a_second_one_lose_nothing_and_the_next_run_finishes()
            throws IOException {
        SimulatedDisk whole = disk();
        long from = whole.operations();
        clean(whole);
        long to = whole.operations();
        assertTrue(to - from > 30, () -> "only " + (to - from) + " operations");
        for (long n = from; n < to; n++) {
            for (int seed = 0; seed < SEEDS; seed++) {
                SimulatedDisk disk = stopped(disk(), n);
                Random random = new Random(1000 * n + seed);
                SimulatedDisk left =
                        switch (seed) {
                            case 0 -> disk.withOnlySynced();
                            case 1 -> disk.killed();
                            default -> disk.afterCrash(random, EntryOrder.REORDERED);
                        };
                SimulatedDisk again = stopped(left, random.nextInt(20));
                checkAfter(n, seed % 2 == 0 ? again.withOnlySynced() : again.killed());
            }
        }
    }

    private static SimulatedDisk stopped(SimulatedDisk disk, long n) throws IOException {
        disk.crashAfter(n);
        try {
            clean(disk);
        } catch (SimulatedCrash expected) {
            return disk;
        }
        disk.crash();
        return disk;
    }

    @Test
    void a_full_disk_loses_nothing_and_the_next_run_finishes() throws IOException {
        SimulatedDisk empty = disk();
        for (long bytes = 1; ; bytes += 37) {
            SimulatedDisk disk = disk();
            disk.capacity(sizeOfAll(disk) + bytes);
            try {
                clean(disk);
                assertTrue(bytes > 100);
                return;
            } catch (DiskFullIOException e) {
                assertEquals(latest(empty), latest(disk));
                disk.capacity(Long.MAX_VALUE);
                checkAfter(-bytes, disk);
            }
        }
    }

    private static long sizeOfAll(SimulatedDisk disk) throws IOException {
        long size = 0;
        for (long base : BrokerLog.bases(disk)) {
            size += disk.readAll(BrokerLog.file(base, ".log")).length;
        }
        return size + 60;
    }

    /// I9.
    @Test
    void a_flipped_bit_anywhere_in_what_is_cleaned_is_found_and_nothing_changes()
            throws IOException {
        long base = 4;
        int size = disk().readAll(BrokerLog.file(base, ".log")).length;
        for (int at = 0; at < size; at++) {
            if (at >= 12 && at < 16) {
                continue; // the leader epoch is not covered by the CRC
            }
            if (at < 8) {
                continue; // nor is the base offset: see the next test
            }
            SimulatedDisk disk = disk();
            disk.flipBit(BrokerLog.file(base, ".log"), at, at % 8);
            List<Path> before = disk.list(BrokerLog.PARTITION);
            RefusedException e = assertThrows(RefusedException.class, () -> clean(disk));
            assertTrue(
                    e.reason() == RefusedException.Reason.CORRUPT
                            || e.reason() == RefusedException.Reason.UNSUPPORTED,
                    e.getMessage());
            assertTrue(e.getMessage().contains("00000000000000000004.log"), e.getMessage());
            assertTrue(e.getMessage().contains("byte 0"), e.getMessage());
            assertEquals(before, disk.list(BrokerLog.PARTITION));
        }
    }

    @Test
    void an_offset_beyond_the_next_segment_is_found() throws IOException {
        SimulatedDisk disk = disk();
        disk.flipBit(BrokerLog.file(4, ".log"), 6, 0);
        RefusedException e = assertThrows(RefusedException.class, () -> clean(disk));
        assertEquals(RefusedException.Reason.CORRUPT, e.reason());
    }
}
