package dev.lastword.cleaner;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lastword.cleaner.offline.OfflineCleaner;
import dev.lastword.cleaner.offline.OfflineOptions;
import dev.lastword.cleaner.offline.RefusedException;
import dev.lastword.io.Disk;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.TestStore;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Batches that stay as they are, copied in runs from file to file, on a disk whose transfers are
/// short now and then.
@Timeout(60)
class RunsTest {
    private static final Path LOG = TestStore.DIR.resolve("logs").resolve("t-0");
    private static final int KEYS = 150;
    private static final int VALUE_BYTES_MAX = 12_000;

    private final Map<String, Long> latest = new HashMap<>();

    /// Three segments that fit one, every batch a record, few of them superseded.
    private PartitionLog fill(TestStore s, SplittableRandom random) {
        PartitionLog log = s.create("segment.bytes", "4194304");
        for (int i = 0; i < KEYS; i++) {
            write(log, "k" + i, "v".repeat(1 + random.nextInt(VALUE_BYTES_MAX)));
            if (i == KEYS / 2) {
                log.rollActive().join();
            }
        }
        log.rollActive().join();
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            write(log, "k" + random.nextInt(KEYS), "new");
        }
        log.rollActive().join();
        return log;
    }

    private void write(PartitionLog log, String key, String value) {
        latest.put(key, put(log, key, value));
    }

    private static byte[] content(Disk disk) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path p : disk.list(LOG)) {
            if (p.toString().endsWith(".log")) {
                all.writeBytes(disk.readAll(p));
            }
        }
        return all.toByteArray();
    }

    private byte[] withoutSuperseded(byte[] content) throws CorruptBatchException {
        ByteArrayOutputStream left = new ByteArrayOutputStream();
        ByteBuffer bytes = ByteBuffer.wrap(content);
        int size;
        for (int at = 0; at < content.length; at += size) {
            size = RecordBatch.declaredSize(bytes, at);
            if (latest.containsValue(bytes.getLong(at))) {
                left.write(content, at, size);
            }
        }
        return left.toByteArray();
    }

    private static void cleanOffline(SimulatedDisk disk, TestStore s) throws IOException {
        OfflineCleaner.clean(
                disk,
                LOG,
                OfflineOptions.defaults(s.clock.millis()).withSegmentBytes(4 << 20),
                (phase, done, total) -> {});
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void what_stays_is_the_same_byte_for_byte(long seed) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(seed);
        TestStore s = new TestStore(disk);
        PartitionLog log = fill(s, new SplittableRandom(seed));
        byte[] expected = withoutSuperseded(content(disk));
        CleanerSteps.clean(log, s.clock.millis());
        assertArrayEquals(expected, content(disk), "seed " + seed);
        s.check();
        s.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void what_stays_is_the_same_byte_for_byte_offline(long seed) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(seed);
        TestStore s = new TestStore(disk);
        fill(s, new SplittableRandom(seed));
        s.close();
        byte[] expected = withoutSuperseded(content(disk));
        cleanOffline(disk, s);
        assertArrayEquals(expected, content(disk), "seed " + seed);
        try (TestStore t = new TestStore(disk)) {
            assertEquals(PartitionState.ONLINE, t.log().state(), t.log().reason());
            t.check();
        }
    }

    /// The bit lies in the middle of a long run.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void a_flipped_bit_in_a_run_is_never_copied(long seed) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(seed);
        TestStore s = new TestStore(disk);
        PartitionLog log = fill(s, new SplittableRandom(seed));
        disk.flipBit(TestStore.logFile(log, 0), damaged(disk, log), 3);
        byte[] before = content(disk);
        assertThrows(CorruptBatchException.class, () -> CleanerSteps.clean(log, s.clock.millis()));
        assertEquals(PartitionState.QUARANTINED, log.state());
        assertArrayEquals(before, content(disk));
        s.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void a_flipped_bit_in_a_run_is_never_copied_offline(long seed) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(seed);
        TestStore s = new TestStore(disk);
        PartitionLog log = fill(s, new SplittableRandom(seed));
        Path file = TestStore.logFile(log, 0);
        long at = damaged(disk, log);
        s.close();
        disk.flipBit(file, at, 3);
        byte[] before = content(disk);
        assertThrows(RefusedException.class, () -> cleanOffline(disk, s));
        assertArrayEquals(before, content(disk));
    }

    /// A byte among the records of the batch in the middle of the first segment.
    private static long damaged(Disk disk, PartitionLog log) throws IOException {
        byte[] content = disk.readAll(TestStore.logFile(log, 0));
        ByteBuffer bytes = ByteBuffer.wrap(content);
        int at = 0;
        while (at < content.length / 2) {
            at += RecordBatch.declaredSize(bytes, at);
        }
        return at + RecordBatch.HEADER_BYTES + 5L;
    }
}
