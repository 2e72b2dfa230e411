package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import dev.lastword.log.SegmentFiles.Suffix;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A run of segments is replaced as a whole or not at all: the table of [SegmentRenames], and each
/// moment between its lines. Segments 0 and 10 are replaced, by two or by one; 20 stays.
class SegmentRenamesTest {
    private static final Path DIR = TestStore.DIR;
    private static final List<Long> OLD = List.of(0L, 10L);

    private static final Map<Long, String> ALL_OLD = Map.of(0L, "old", 10L, "old", 20L, "old");

    private static Map<Long, String> allNew(List<Long> fresh) {
        return fresh.size() == 2
                ? Map.of(0L, "new", 10L, "new", 20L, "old")
                : Map.of(0L, "new", 20L, "old");
    }

    private static List<Long> fresh(int count) {
        return OLD.subList(0, count);
    }

    private static void write(SimulatedDisk disk, long base, String value, long last, Suffix suffix)
            throws IOException {
        ByteBuffer batch = ByteBuffer.allocate(1024);
        BatchWriter writer = new BatchWriter();
        writer.begin(batch, base, Compression.NONE);
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        writer.append(last, 1, text, text, List.of());
        writer.end();
        write(disk, SegmentFiles.file(DIR, base, SegmentFiles.LOG, suffix), batch.flip());
        for (String kind : List.of(SegmentFiles.INDEX, SegmentFiles.TIME_INDEX)) {
            write(disk, SegmentFiles.file(DIR, base, kind, suffix), ByteBuffer.wrap(text));
        }
    }

    private static void write(SimulatedDisk disk, Path file, ByteBuffer content)
            throws IOException {
        try (DiskFile f = disk.open(file, OpenMode.CREATE)) {
            f.write(content, 0);
            f.sync();
        }
    }

    /// The log, durable, and the new segments, whose names are not.
    private static SimulatedDisk before(List<Long> fresh) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        disk.createDirectories(DIR);
        for (long base : List.of(0L, 10L, 20L)) {
            write(disk, base, "old", base + 9, Suffix.LIVE);
        }
        disk.syncDirectory(SimulatedDisk.MOUNT);
        disk.syncDirectory(DIR);
        for (long base : fresh) {
            long last = base == fresh.getLast() ? 19 : 9;
            write(disk, base, "new", last, Suffix.CLEANED);
        }
        return disk;
    }

    /// What each segment's files are, which must be of one kind.
    private static Map<Long, String> segments(SimulatedDisk disk) throws IOException {
        Map<Long, String> found = new TreeMap<>();
        for (Path p : disk.list(DIR)) {
            for (String kind :
                    List.of(SegmentFiles.LOG, SegmentFiles.INDEX, SegmentFiles.TIME_INDEX)) {
                var base = SegmentFiles.baseOffset(p, kind, Suffix.LIVE);
                if (base.isPresent()) {
                    String content = new String(disk.readAll(p), StandardCharsets.ISO_8859_1);
                    String value = content.contains("new") ? "new" : "old";
                    String other = found.putIfAbsent(base.getAsLong(), value);
                    assertTrue(other == null || other.equals(value), "a mix: " + disk.dump());
                }
            }
        }
        return found;
    }

    private static void assertNothingElse(SimulatedDisk disk) throws IOException {
        for (Path p : disk.list(DIR)) {
            boolean live =
                    List.of(SegmentFiles.LOG, SegmentFiles.INDEX, SegmentFiles.TIME_INDEX).stream()
                            .anyMatch(k -> SegmentFiles.baseOffset(p, k, Suffix.LIVE).isPresent());
            assertTrue(live, p + " is left");
        }
    }

    /// As a start does: what a killed process left may not be durable.
    private static void recover(SimulatedDisk disk) throws IOException {
        disk.syncDirectory(DIR);
        SegmentRenames.recover(disk, DIR);
    }

    /// Recovers, and what is found then is there after a power failure too.
    private static Map<Long, String> recovered(SimulatedDisk disk) throws IOException {
        recover(disk);
        Map<Long, String> found = segments(disk);
        assertNothingElse(disk);
        SimulatedDisk durable = disk.withOnlySynced();
        assertEquals(found, segments(durable), "not durable: " + disk.dump());
        assertNothingElse(durable);
        return found;
    }

    private interface Steps {
        void run(SimulatedDisk disk) throws IOException;
    }

    /// Whether the steps were stopped after so many operations.
    private static boolean stopped(SimulatedDisk disk, long operations, Steps steps)
            throws IOException {
        disk.crashAfter(disk.operations() + operations);
        try {
            steps.run(disk);
        } catch (RuntimeException | IOException | Error e) {
            if (!disk.hasCrashed()) {
                throw e;
            }
        }
        return disk.hasCrashed();
    }

    private static List<SimulatedDisk> left(SimulatedDisk disk, long seed) {
        return List.of(
                disk.withOnlySynced(),
                disk.killed(),
                disk.afterCrash(new Random(seed)),
                disk.afterCrash(new Random(seed + 1), SimulatedDisk.EntryOrder.REORDERED),
                disk.afterCrash(new Random(seed + 2), SimulatedDisk.EntryOrder.REORDERED));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_crash_at_any_operation_leaves_the_old_or_the_new_and_so_does_a_second_one(int count)
            throws IOException {
        List<Long> fresh = fresh(count);
        boolean crashed = true;
        for (long n = 0; crashed; n++) {
            SimulatedDisk disk = before(fresh);
            boolean[] promoted = new boolean[1];
            crashed =
                    stopped(
                            disk,
                            n,
                            d -> {
                                SegmentRenames.promote(d, DIR, fresh);
                                promoted[0] = true;
                                SegmentRenames.replace(d, DIR, OLD, fresh);
                                SegmentRenames.deleteRetired(d, DIR, OLD);
                            });
            for (SimulatedDisk left : left(disk, n)) {
                boolean again = true;
                for (long m = 0; again; m++) {
                    SimulatedDisk first = left.killed();
                    again = stopped(first, m, d -> recover(d));
                    for (SimulatedDisk second : left(first, m).subList(0, 3)) {
                        Map<Long, String> found = recovered(second);
                        assertTrue(
                                found.equals(allNew(fresh))
                                        || (found.equals(ALL_OLD) && !promoted[0]),
                                () -> found + " of " + left.dump());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void what_failed_half_way_is_completed_by_another_attempt(int count) throws IOException {
        List<Long> fresh = fresh(count);
        for (Operation op : List.of(Operation.RENAME, Operation.SYNC_DIRECTORY)) {
            boolean failed = true;
            for (int nth = 1; failed; nth++) {
                SimulatedDisk disk = before(fresh);
                SegmentRenames.promote(disk, DIR, fresh);
                disk.fail(op, p -> true, nth, new IOException("Input/output error"));
                failed = false;
                try {
                    SegmentRenames.replace(disk, DIR, OLD, fresh);
                } catch (IOException e) {
                    failed = true;
                }
                disk.heal();
                SegmentRenames.replace(disk, DIR, OLD, fresh);
                assertEquals(allNew(fresh), segments(disk));
                assertEquals(allNew(fresh), segments(disk.withOnlySynced()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void what_is_given_up_at_any_moment_of_the_promotion_leaves_the_old(int count)
            throws IOException {
        List<Long> fresh = fresh(count);
        boolean failed = true;
        for (int nth = 1; failed; nth++) {
            SimulatedDisk disk = before(fresh);
            disk.fail(Operation.RENAME, p -> true, nth, new IOException("Input/output error"));
            failed = false;
            try {
                SegmentRenames.promote(disk, DIR, fresh);
            } catch (IOException e) {
                failed = true;
            }
            disk.heal();
            if (failed) {
                boolean stopped = true;
                for (long n = 0; stopped; n++) {
                    SimulatedDisk d = disk.killed();
                    stopped = stopped(d, n, x -> SegmentRenames.giveUp(x, DIR, fresh));
                    for (SimulatedDisk left : left(d, n)) {
                        assertEquals(ALL_OLD, recovered(left));
                    }
                    if (!stopped) {
                        assertNothingElse(d.killed());
                        assertNothingElse(d.withOnlySynced());
                    }
                }
            }
        }
    }

    @Test
    void what_is_retired_is_gone_after_a_power_failure_and_then_for_good() throws IOException {
        SimulatedDisk disk = before(List.of());
        SegmentRenames.retire(disk, DIR, 0);
        SimulatedDisk retired = disk.killed();
        assertEquals(Map.of(10L, "old", 20L, "old"), segments(disk.withOnlySynced()));
        assertEquals(9, retired.list(DIR).size());
        SegmentRenames.deleteRetired(retired, DIR, List.of(0L));
        SegmentRenames.deleteRetired(retired, DIR, List.of(0L)); // there may be none
        assertEquals(6, retired.withOnlySynced().list(DIR).size());
    }

    @Test
    void a_log_that_is_not_there_is_not_renamed_in_silence() throws IOException {
        SimulatedDisk disk = before(List.of());
        assertThrows(IOException.class, () -> SegmentRenames.promote(disk, DIR, List.of(0L)));
        assertEquals(ALL_OLD, segments(disk));
    }

    @Test
    void an_index_that_lost_its_log_completes_nothing() throws IOException {
        SimulatedDisk disk = before(fresh(1));
        SegmentRenames.promote(disk, DIR, fresh(1));
        disk.delete(SegmentFiles.file(DIR, 0, SegmentFiles.LOG, Suffix.SWAP));
        assertEquals(ALL_OLD, recovered(disk));
    }
}
