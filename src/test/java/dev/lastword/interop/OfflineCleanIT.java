package dev.lastword.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.offline.OfflineCleaner;
import dev.lastword.cleaner.offline.OfflineOptions;
import dev.lastword.io.RealDisk;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Directories that Kafka wrote, cleaned by Kafka's cleaner and by ours: what Kafka reads
/// afterwards is the same, record for record.
class OfflineCleanIT {
    private static final int SEGMENT_BYTES = 16 * 1024;
    private static final long FIRST_MS = 1_800_000_000_000L;
    private static final long SECOND_MS = FIRST_MS + 1_000;

    private static KafkaOracle kafka;

    @TempDir private Path dir;

    @BeforeAll
    static void start() throws Exception {
        kafka = KafkaOracle.start();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @ParameterizedTest
    @CsvSource({"plain, 11", "plain, 12", "all, 21", "all, 22", "all, 23", "all, 24", "all, 25"})
    void our_cleaning_keeps_what_kafkas_keeps(String kinds, long seed) throws Exception {
        Path theirs = dir.resolve("kafka").resolve("t-0");
        Path ours = dir.resolve("lastword").resolve("t-0");
        kafka.run("random", theirs, seed, 600, SEGMENT_BYTES, kinds);
        KafkaDump.copy(theirs, ours);
        KafkaDump before = dump(ours);
        // The second pass finds the tombstones and markers that the first has stamped due.
        for (long nowMs : new long[] {FIRST_MS, SECOND_MS}) {
            kafka.run("clean", theirs, SEGMENT_BYTES, 0, nowMs, 8);
            OfflineCleaner.clean(
                    new RealDisk(),
                    ours,
                    OfflineOptions.defaults(nowMs)
                            .withSegmentBytes(SEGMENT_BYTES)
                            .withDeleteRetentionMs(0),
                    (phase, done, total) -> {});
            KafkaDump expected = dump(theirs);
            KafkaDump actual = dump(ours);
            assertEquals(expected.records(), actual.records(), "seed " + seed);
            assertEquals(expected.end(), actual.end(), "log end, seed " + seed);
            assertTrue(
                    actual.records().size() < before.records().size(),
                    "nothing went, seed " + seed);
        }
    }

    private KafkaDump dump(Path log) throws Exception {
        return KafkaDump.of(kafka, log, SEGMENT_BYTES, dir);
    }
}
