package dev.lastword.log;

import static dev.lastword.log.TestStore.DIR;
import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.DiskFile;
import dev.lastword.io.DiskLock;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.log.Finding.Severity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class DirectoryVerifierTest {
    private static final Path LOG = DIR.resolve("logs").resolve("t-0");

    private SimulatedDisk disk = new SimulatedDisk(1);
    private final List<Finding> findings = new ArrayList<>();

    private VerifyResult verify() throws IOException {
        return verify(DIR);
    }

    private VerifyResult verify(Path dir) throws IOException {
        findings.clear();
        return DirectoryVerifier.verify(
                disk, LogFolders.of(disk, dir), findings::add, (records, bytes) -> {});
    }

    private void assertProblem(Path file, String what) throws IOException {
        assertTrue(!verify().isSound(), "no problem found");
        assertTrue(
                findings.stream()
                        .anyMatch(f ->
                                f.severity() == Severity.PROBLEM
                                        && f.file().equals(file)
                                        && f.what().contains(what)),
                () -> "not among " + findings);
    }

    /// What a cleaning replaced waits for its deletion; nothing else is to be told.
    private void assertOnlyWaste() {
        assertTrue(
                findings.stream().allMatch(f -> f.what().contains("replaced")),
                () -> "" + findings);
    }

    /// Several segments, some cleaned, tombstones with and without horizon; closed in order.
    private void fill() throws IOException {
        fill(2048, 60);
    }

    private void fill(int segmentBytes, int records) throws IOException {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create("segment.bytes", Integer.toString(segmentBytes));
            for (int i = 0; i < records; i++) {
                put(log, "k" + i % 7, i % 11 == 0 ? null : i + "x".repeat(150));
            }
            log.rollActive().join();
            CleanerSteps.clean(log, s.clock.millis());
            for (int i = 0; i < records; i++) {
                put(log, "k" + i % 7, i % 9 == 0 ? null : i + "y".repeat(150));
                s.clock.step(10);
            }
        }
    }

    private Path live(String kind, int number) throws IOException {
        List<Path> files =
                disk.list(LOG).stream().filter(p -> p.toString().endsWith(kind)).toList();
        return files.get(number < 0 ? files.size() + number : number);
    }

    private void write(Path file, long position, byte... bytes) throws IOException {
        try (DiskFile f = disk.open(file, OpenMode.READ_WRITE)) {
            f.write(ByteBuffer.wrap(bytes), position);
        }
    }

    private void edit(Path file, UnaryOperator<Map<String, String>> change) throws IOException {
        StateFile.write(disk, file, change.apply(new HashMap<>(StateFile.read(disk, file))));
    }

    private Path own(String end) throws IOException {
        return disk.list(DIR.resolve("lastword").resolve("partitions")).stream()
                .filter(p -> p.toString().endsWith(end))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_directory_closed_in_order_is_sound_and_fully_counted() throws IOException {
        fill();
        VerifyResult result = verify();
        assertOnlyWaste();
        assertEquals(1, result.partitions());
        assertTrue(result.segments() > 3, result::toString);
        long bytes = 0;
        for (int i = 0; i < result.segments(); i++) {
            bytes += disk.readAll(live(".log", i)).length;
        }
        assertEquals(bytes, result.bytes());
        assertTrue(result.records() > 40, result::toString);
    }

    @Test
    void a_partition_alone_and_the_logs_folder_alone_are_checked_too() throws IOException {
        fill();
        long records = verify().records();
        assertEquals(records, verify(LOG).records());
        assertOnlyWaste();
        assertEquals(records, verify(LOG.getParent()).records());
        assertOnlyWaste();
    }

    @Test
    void every_flipped_bit_in_a_log_is_found() throws IOException {
        fill();
        Path file = live(".log", 1);
        int size = disk.readAll(file).length;
        for (int at = 0; at < size; at++) {
            boolean leaderEpoch = false; // the CRC does not cover it and nothing else tells
            try (DiskFile f = disk.open(file, OpenMode.READ)) {
                BatchWalk walk = new BatchWalk(f, 0);
                while (walk.next() == BatchWalk.Step.BATCH) {
                    leaderEpoch |= at >= walk.position() + 12 && at < walk.position() + 16;
                }
            }
            int bit = at % 8;
            disk.flipBit(file, at, bit);
            int byteAt = at;
            boolean sound = verify().isSound();
            assertEquals(leaderEpoch, sound, () -> "byte " + byteAt + " bit " + bit);
            disk.flipBit(file, at, bit);
        }
        assertTrue(verify().isSound());
    }

    @Test
    void damage_is_told_with_its_place_and_reading_goes_on_behind_it() throws IOException {
        fill();
        long records = verify().records();
        Path file = live(".log", -2);
        disk.flipBit(file, 70, 3);
        VerifyResult result = verify();
        Finding damage =
                findings.stream()
                        .filter(f -> f.severity() == Severity.PROBLEM)
                        .findFirst()
                        .orElseThrow();
        assertEquals(file, damage.file());
        assertEquals(0, damage.position());
        assertTrue(damage.what().contains("CRC"), damage::what);
        assertTrue(result.records() < records && result.records() > records - 20);
    }

    @Test
    void an_index_entry_that_points_between_batches_is_found() throws IOException {
        fill(16_384, 150);
        for (int i = 0; ; i++) {
            Path index = live(".index", i);
            if (disk.readAll(index).length > 0) {
                disk.flipBit(index, 7, 0);
                assertProblem(index, "where no batch begins");
                disk.flipBit(index, 7, 0);
                write(index, 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0);
                assertProblem(index, "lies before the batch");
                return;
            }
        }
    }

    @Test
    void a_time_index_that_hides_a_later_record_is_found() throws IOException {
        fill(16_384, 150);
        for (int i = 0; ; i++) {
            Path index = live(".timeindex", i);
            if (disk.readAll(index).length > 0) {
                write(index, 0, new byte[8]);
                write(index, 7, (byte) 1);
                assertProblem(index, "later than");
                return;
            }
        }
    }

    @Test
    void an_index_of_an_odd_size_is_found() throws IOException {
        fill();
        Path index = live(".index", 0);
        write(index, disk.readAll(index).length, (byte) 1);
        assertProblem(index, "no multiple of 8");
    }

    @Test
    void a_missing_segment_is_found() throws IOException {
        fill();
        Path file = live(".log", 2);
        disk.delete(file);
        assertProblem(live(".log", 2), "one is missing");
    }

    @Test
    void a_log_that_is_shorter_than_what_was_flushed_is_found() throws IOException {
        fill();
        Path last = live(".log", -1);
        try (DiskFile f = disk.open(last, OpenMode.READ_WRITE)) {
            f.truncate(0);
        }
        assertProblem(own(".recovery"), "was flushed up to");
        assertProblem(DIR.resolve("lastword").resolve("clean-shutdown"), "ends at offset");
    }

    @Test
    void a_cleaned_offset_beyond_the_end_is_found() throws IOException {
        fill();
        edit(
                own(".cleaning"),
                values -> {
                    values.put("cleaned.to.offset", "123456");
                    return values;
                });
        assertProblem(own(".cleaning"), "cleaned.to.offset is 123456");
    }

    @Test
    void every_damaged_state_file_is_found() throws IOException {
        fill();
        Path own = DIR.resolve("lastword");
        List<Path> files = new ArrayList<>(disk.list(own.resolve("topics")));
        files.addAll(List.of(own.resolve("store"), own.resolve("clean-shutdown")));
        files.addAll(List.of(own(".recovery"), own(".cleaning"), own(".keys")));
        for (Path file : files) {
            disk.flipBit(file, 3, 1);
            assertProblem(file, "");
            disk.flipBit(file, 3, 1);
        }
        assertTrue(verify().isSound());
    }

    @Test
    void a_checkpoint_that_names_an_older_record_is_found() throws IOException {
        fill();
        Checkpoints.changeAnEntry(disk, own(".keys"));
        assertProblem(own(".keys"), "latest record");
    }

    @Test
    void a_horizon_above_an_older_record_of_the_key_is_found() throws IOException {
        SimulatedDisk source = new SimulatedDisk(2);
        SimulatedDisk keep = disk;
        byte[] value;
        byte[] stamped;
        disk = source;
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            put(log, "a", "1");
            log.rollActive().join();
            value = disk.readAll(TestStore.logFile(log, 0));
            put(log, "a", null);
            log.rollActive().join();
            CleanerSteps.clean(log, s.clock.millis());
            try (DiskFile f = disk.open(live(".log", 0), OpenMode.READ)) {
                BatchWalk walk = new BatchWalk(f, 0);
                walk.next();
                while (!walk.batch().hasDeleteHorizon()) {
                    walk.next();
                }
                ByteBuffer copy = ByteBuffer.allocate(walk.batch().sizeInBytes());
                walk.batch().copyTo(copy);
                stamped = copy.array();
            }
        }
        disk = keep;
        try (TestStore s = new TestStore(disk)) {
            put(s.create(), "b", "1");
            put(s.log(), "b", "1");
        }
        Path file = live(".log", 0);
        write(file, 0, value);
        write(file, value.length, stamped);
        try (DiskFile f = disk.open(file, OpenMode.READ_WRITE)) {
            f.truncate((long) value.length + stamped.length);
        }
        assertProblem(file, "which would come back");
    }

    @Test
    void a_torn_write_above_the_recovery_point_is_no_problem_and_below_it_is() throws IOException {
        TestStore s = new TestStore(disk);
        put(s.create(), "a", "1");
        put(s.log(), "a", "2");
        long end = s.log().segments().active().sizeBytes();
        disk = s.kill();
        Path file = live(".log", 0);
        write(file, end, new byte[] {0, 0, 0, 0, 0, 0, 0, 2, 0, 0});
        assertTrue(verify().isSound(), findings::toString);
        assertTrue(findings.toString().contains("unfinished write"), findings::toString);
        disk.flipBit(file, end - 3, 1);
        Path own = DIR.resolve("lastword");
        Path topic = disk.list(own.resolve("topics")).getFirst();
        Path recovery = own.resolve("partitions").resolve(topic.getFileName() + "-0.recovery");
        StateFile.write(disk, recovery, Map.of(PartitionLog.RECOVERY_POINT, "2"));
        assertProblem(file, "damaged");
    }

    @Test
    void a_directory_in_use_is_refused() throws IOException {
        try (TestStore s = new TestStore(disk)) {
            put(s.create(), "a", "1");
            assertThrows(LogException.DataDirectoryLocked.class, this::verify);
            assertThrows(LogException.DataDirectoryLocked.class, () -> verify(LOG));
        }
    }

    @Test
    void a_brokers_directory_is_checked_and_locked_where_the_broker_locks_it() throws IOException {
        fill();
        Path broker = SimulatedDisk.MOUNT.resolve("broker");
        disk.createDirectories(broker.resolve("t-0"));
        for (Path p : disk.list(LOG)) {
            Path to = broker.resolve("t-0").resolve(p.getFileName());
            disk.writeAtomically(to, disk.readAll(p));
        }
        disk.writeAtomically(broker.resolve("meta.properties"), new byte[0]);
        disk.writeAtomically(broker.resolve("t-0").resolve("partition.metadata"), new byte[0]);
        assertEquals(LogFolders.Kind.BROKER, LogFolders.of(disk, broker).kind());
        assertTrue(verify(broker).isSound(), findings::toString);
        assertTrue(findings.toString().contains("did not stop in order"), findings::toString);
        disk.writeAtomically(broker.resolve(".kafka_cleanshutdown"), new byte[0]);
        assertTrue(verify(broker.resolve("t-0")).isSound());
        assertOnlyWaste();
        try (DiskLock lock = disk.tryLock(broker.resolve(".lock"))) {
            assertTrue(lock != null);
            assertThrows(LogException.DataDirectoryLocked.class, () -> verify(broker));
        }
    }

    /// The plan for what a crash left is compared with what recovery does, for random leftovers.
    @Test
    void what_is_told_of_leftovers_is_what_recovery_does() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            disk = new SimulatedDisk(seed);
            fill();
            for (Path p : disk.list(LOG)) {
                String suffix =
                        List.of("", "", ".cleaned", ".swap", ".swap", ".deleted")
                                .get(random.nextInt(6));
                if (!suffix.isEmpty() && random.nextInt(3) == 0) {
                    disk.rename(p, Path.of(p + suffix));
                }
            }
            List<Path> before = disk.list(LOG);
            Leftovers plan = Leftovers.of(disk, LOG);
            List<Path> expected = new ArrayList<>(before);
            expected.removeAll(plan.removed());
            plan.completed()
                    .forEach(p -> {
                        expected.remove(p);
                        expected.add(Path.of(p.toString().replace(".swap", "")));
                    });
            SegmentRenames.recover(disk, LOG);
            assertEquals(
                    expected.stream().sorted().distinct().toList(),
                    disk.list(LOG),
                    "seed " + seed + " " + before);
        }
    }

    @Test
    void a_folder_of_nothing_is_told_from_a_new_data_directory() throws IOException {
        disk.createDirectories(DIR);
        assertEquals(LogFolders.Kind.NOTHING, LogFolders.of(disk, DIR).kind());
        new TestStore(disk, DIR, new TestClock(1)).close();
        assertEquals(LogFolders.Kind.LASTWORD, LogFolders.of(disk, DIR).kind());
    }
}
