package dev.lastword.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.RealDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.Condition;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import dev.lastword.record.Header;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random logs that our engine wrote, in every codec that it writes: Kafka reads, dumps and looks
/// up in them before and after our running cleaner was at them, and what that keeps is what Kafka's
/// cleaner keeps of a copy. `-Dseeds=` runs more of them.
class LiveCleanIT {
    private static final int SEGMENT_BYTES = 16 * 1024;
    private static final long RETENTION_MS = 1_000;
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final int KEYS = 40;

    /// So many that a cleaned segment still has several index entries.
    private static final int MANY_KEYS = 2_000;

    private static final int SEEDS = Integer.getInteger("seeds", 3);
    private static final List<String> CODECS = List.of("none", "lz4", "zstd");

    private static KafkaOracle kafka;

    @TempDir private Path dir;

    /// The records as they were written, in the form that Kafka's are told in.
    private final List<String> written = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        kafka = KafkaOracle.start();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, SEEDS);
    }

    private Path data() {
        return dir.resolve("data");
    }

    private Path log() {
        return data().resolve("logs").resolve("t-0");
    }

    private TestStore open(long nowMs) {
        return new TestStore(new RealDisk(), data(), new TestClock(nowMs));
    }

    /// A log whose active segment is empty.
    private PartitionLog write(TestStore s, long seed, int keys) {
        Random random = new Random(seed);
        PartitionLog log =
                s.create(
                        "segment.bytes",
                        Integer.toString(SEGMENT_BYTES),
                        "delete.retention.ms",
                        Long.toString(RETENTION_MS),
                        "file.delete.delay.ms",
                        "0",
                        "compression.type",
                        CODECS.get((int) (seed % CODECS.size())));
        for (int i = 0; i < 300; i++) {
            append(log, random, keys, 1 + random.nextInt(8));
        }
        log.rollActive().join();
        return log;
    }

    private void append(PartitionLog log, Random random, int keys, int count) {
        List<NewRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String value = random.nextInt(6) == 0 ? null : "v" + "xyz".repeat(random.nextInt(80));
            List<Header> headers =
                    switch (random.nextInt(4)) {
                        case 0 -> List.of(new Header("h", utf8("x")), new Header("h", null));
                        case 1 -> List.of(new Header("", new byte[0]));
                        default -> List.of();
                    };
            long timestamp = 1_700_000_000_000L + log.endOffset() * 10 + random.nextInt(5_000);
            NewRecord r =
                    new NewRecord(
                            utf8("key-" + random.nextInt(keys)),
                            value == null ? null : utf8(value + random.nextInt()),
                            timestamp,
                            headers);
            records.add(r);
            written.add(told(written.size(), r));
        }
        AppendRequest request = new AppendRequest(records, Condition.NONE, null);
        log.append(request);
        request.result().join();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String told(long offset, NewRecord r) {
        StringBuilder line = new StringBuilder();
        line.append(offset).append(' ').append(r.timestamp()).append(' ').append(told(r.key()));
        line.append(' ').append(told(r.value()));
        for (Header h : r.headers()) {
            line.append(' ').append(h.name()).append('=').append(told(h.value()));
        }
        return line.toString();
    }

    private static String told(byte @Nullable [] bytes) {
        return bytes == null ? "-" : Base64.getEncoder().withoutPadding().encodeToString(bytes);
    }

    private KafkaDump dump(Path log) throws IOException {
        return KafkaDump.of(kafka, log, SEGMENT_BYTES, dir);
    }

    private void cleanBoth(Path theirs, long nowMs) throws IOException {
        kafka.run("clean", theirs, SEGMENT_BYTES, RETENTION_MS, nowMs, 8);
        clean(nowMs);
    }

    private void clean(long nowMs) throws IOException {
        try (TestStore s = open(nowMs)) {
            CleanerSteps.clean(s.log(), nowMs);
            s.check();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void kafka_reads_what_we_wrote_and_keeps_what_we_keep(long seed) throws Exception {
        try (TestStore s = open(NOW_MS)) {
            write(s, seed, KEYS);
            assertTrue(s.log().segments().size() > 3, "several segments");
        }
        assertEquals(written, dump(log()).records(), "seed " + seed);
        Path theirs = dir.resolve("kafka").resolve("t-0");
        KafkaDump.copy(log(), theirs);
        // The first pass stamps the tombstones, and one of them is due in the last.
        int left = written.size();
        for (long later : new long[] {0, RETENTION_MS - 1, RETENTION_MS}) {
            cleanBoth(theirs, NOW_MS + later);
            KafkaDump expected = dump(theirs);
            KafkaDump actual = dump(log());
            assertEquals(expected.records(), actual.records(), "seed " + seed + ", " + later);
            assertEquals(expected.horizons(), actual.horizons(), "seed " + seed + ", " + later);
            assertEquals(expected.end(), actual.end(), "seed " + seed);
            boolean fewer = actual.records().size() < left;
            assertEquals(later != RETENTION_MS - 1, fewer, "seed " + seed + ", " + later);
            left = actual.records().size();
        }
    }

    /// What the live index sees and Kafka's map of the closed segments does not.
    @ParameterizedTest
    @MethodSource("seeds")
    void behind_records_in_the_active_segment_we_keep_only_fewer(long seed) throws Exception {
        try (TestStore s = open(NOW_MS)) {
            PartitionLog log = write(s, seed, KEYS);
            append(log, new Random(-seed), KEYS, 30);
        }
        Path theirs = dir.resolve("kafka").resolve("t-0");
        KafkaDump.copy(log(), theirs);
        cleanBoth(theirs, NOW_MS);
        Set<String> missing = new HashSet<>(dump(theirs).records());
        List<String> ours = dump(log()).records();
        assertTrue(missing.containsAll(ours), "seed " + seed);
        ours.forEach(missing::remove);
        assertFalse(missing.isEmpty(), "seed " + seed);
        Map<String, String> latest = new HashMap<>();
        written.forEach(r -> latest.put(KafkaDump.key(r), r));
        for (String r : missing) {
            assertTrue(
                    KafkaDump.offset(latest.get(KafkaDump.key(r))) > KafkaDump.offset(r),
                    "seed " + seed + ": " + r);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void kafkas_own_tool_finds_nothing_wrong_before_and_after_cleaning(long seed) throws Exception {
        try (TestStore s = open(NOW_MS)) {
            write(s, seed, KEYS);
        }
        assertEquals(written.size(), recordsByTool());
        clean(NOW_MS);
        assertEquals(dump(log()).records().size(), recordsByTool());
    }

    private long recordsByTool() throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(log())) {
            all.filter(f -> f.toString().matches(".*\\.(log|index|timeindex)"))
                    .sorted()
                    .forEach(f -> files.add(f.toString()));
        }
        List<String> lines =
                kafka.run("tool", "--deep-iteration", "--files", String.join(",", files));
        for (String line : lines) {
            assertFalse(
                    line.matches(
                            "(?i).*(isvalid: false|mismatch|not found|out of order|corrupt).*"),
                    line);
        }
        assertEquals(files.size(), lines.stream().filter(l -> l.startsWith("Dumping ")).count());
        return lines.stream().filter(l -> l.startsWith("| offset: ")).count();
    }

    /// Without index files Kafka makes them again from the log.
    @ParameterizedTest
    @MethodSource("seeds")
    void both_index_files_are_those_that_kafka_would_write(long seed) throws Exception {
        try (TestStore s = open(NOW_MS)) {
            write(s, seed, MANY_KEYS);
        }
        checkIndexes("written");
        clean(NOW_MS);
        checkIndexes("cleaned");
    }

    private void checkIndexes(String state) throws IOException {
        Map<String, byte[]> ours = indexes(log());
        Path copy = dir.resolve(state).resolve("t-0");
        KafkaDump.copy(log(), copy);
        kafka.run("dump", copy, SEGMENT_BYTES);
        assertSame(ours, indexes(copy)); // Kafka found no reason to make them again
        for (String name : ours.keySet()) {
            Files.delete(copy.resolve(name));
        }
        kafka.run("dump", copy, SEGMENT_BYTES);
        assertSame(ours, indexes(copy));
        assertTrue(ours.values().stream().anyMatch(b -> b.length >= 24), "with entries");
    }

    private static Map<String, byte[]> indexes(Path log) throws IOException {
        Map<String, byte[]> indexes = new TreeMap<>();
        try (Stream<Path> files = Files.list(log)) {
            for (Path f : files.filter(f -> f.toString().endsWith("index")).toList()) {
                indexes.put(String.valueOf(f.getFileName()), Files.readAllBytes(f));
            }
        }
        return indexes;
    }

    private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void kafka_finds_every_offset_and_every_time_through_our_indexes(long seed) throws Exception {
        try (TestStore s = open(NOW_MS)) {
            write(s, seed, MANY_KEYS);
        }
        clean(NOW_MS);
        KafkaDump dump = dump(log());
        List<String> records = dump.records();
        List<Object> command = new ArrayList<>(List.of("find", log(), SEGMENT_BYTES));
        List<String> expected = new ArrayList<>();
        for (long o = 0; o < dump.end(); o++) {
            expected.add("o " + o + " " + firstAtOrBehind(dump.lastOffsets(), o));
        }
        for (int i = 0; i < records.size(); i += 7) {
            for (long t = KafkaDump.timestamp(records.get(i)) - 1, end = t + 2; t < end; t++) {
                command.add(t);
                expected.add("t " + t + " " + firstNotBefore(records, t));
            }
        }
        assertEquals(expected, kafka.run(command.toArray()), "seed " + seed);
    }

    private static long firstAtOrBehind(List<Long> lastOffsets, long offset) {
        return lastOffsets.stream().filter(last -> last >= offset).findFirst().orElse(-1L);
    }

    private static long firstNotBefore(List<String> records, long t) {
        return records.stream()
                .filter(r -> KafkaDump.timestamp(r) >= t)
                .map(KafkaDump::offset)
                .findFirst()
                .orElse(-1L);
    }
}
