package dev.lastword.cleaner.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.offline.RefusedException.Reason;
import dev.lastword.io.DiskLock;
import dev.lastword.io.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What lies around a broker's partition decides whether and what is cleaned, and stays right.
class SurroundingsTest {
    private static final String CLEANER = "cleaner-offset-checkpoint";

    private final SimulatedDisk disk = new SimulatedDisk(1);

    private OfflineResult clean() throws IOException {
        return clean(OfflineOptions.defaults(BrokerLog.TIME + 1_000_000));
    }

    private OfflineResult clean(OfflineOptions options) throws IOException {
        return OfflineCleaner.clean(disk, BrokerLog.PARTITION, options, (phase, done, total) -> {});
    }

    private void check(String... content) {
        assertEquals(List.of(content), BrokerLog.content(disk));
    }

    private BrokerLog log() throws IOException {
        return new BrokerLog(disk)
                .plain("a=1", "b=1")
                .roll()
                .plain("a=2", "b=2")
                .roll()
                .plain("a=3", "b=3")
                .roll();
    }

    private void refused(Reason reason) {
        RefusedException e = assertThrows(RefusedException.class, this::clean);
        assertEquals(reason, e.reason(), e.getMessage());
        check("0:a=1", "1:b=1", "2:a=2", "3:b=2", "4:a=3", "5:b=3");
    }

    private String checkpoint() throws IOException {
        return new String(
                disk.readAll(BrokerLog.LOG_DIRECTORY.resolve(CLEANER)), StandardCharsets.UTF_8);
    }

    @Test
    void a_directory_that_a_broker_did_not_close_is_refused() throws IOException {
        log();
        disk.delete(BrokerLog.LOG_DIRECTORY.resolve(".kafka_cleanshutdown"));
        refused(Reason.NOT_CLOSED_CLEANLY);
    }

    @Test
    void a_directory_in_use_is_refused() throws IOException {
        log();
        DiskLock lock = disk.tryLock(BrokerLog.LOG_DIRECTORY.resolve(".lock"));
        refused(Reason.IN_USE);
        lock.close();
        clean();
        check("4:a=3", "5:b=3");
    }

    @Test
    void what_is_no_partition_is_refused() throws IOException {
        log();
        for (Path p : List.of(BrokerLog.LOG_DIRECTORY, BrokerLog.LOG_DIRECTORY.resolve("none-0"))) {
            RefusedException e =
                    assertThrows(
                            RefusedException.class,
                            () ->
                                    OfflineCleaner.clean(
                                            disk, p, OfflineOptions.defaults(1), (x, y, z) -> {}));
            assertEquals(Reason.NOT_A_PARTITION, e.reason());
        }
    }

    @Test
    void formats_before_v2_are_refused() throws IOException {
        byte[] old = new byte[100];
        old[11] = 88;
        old[16] = 1;
        new BrokerLog(disk).plain("a=1").roll().raw(old, 5).roll();
        RefusedException e = assertThrows(RefusedException.class, this::clean);
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertTrue(e.getMessage().contains("v1"), e.getMessage());
    }

    /// Kafka's `testCleanableOffsetsForTime`.
    @Test
    void a_segment_with_a_record_within_the_lag_and_those_behind_are_not_touched()
            throws IOException {
        BrokerLog log = new BrokerLog(disk).plain("a=1", "a=2").roll();
        log.timestamp = BrokerLog.TIME + 500_001;
        log.plain("b=1", "b=2").roll();
        log.timestamp = BrokerLog.TIME;
        log.plain("c=1", "c=2").roll();
        OfflineOptions options = OfflineOptions.defaults(BrokerLog.TIME + 1_000_000);
        clean(options.withMinCompactionLagMs(500_000));
        check("1:a=2", "2:b=1", "3:b=2", "4:c=1", "5:c=2");
        clean(options.withMinCompactionLagMs(499_999));
        check("1:a=2", "3:b=2", "5:c=2");
    }

    @Test
    void nothing_from_the_segment_of_the_high_watermark_on_is_touched() throws IOException {
        log().write("replication-offset-checkpoint", "0\n1\nt 0 3\n");
        assertEquals(2, clean().toOffset());
        check("0:a=1", "1:b=1", "2:a=2", "3:b=2", "4:a=3", "5:b=3");
    }

    @Test
    void segments_below_the_log_start_offset_stay_as_they_are() throws IOException {
        log().write("log-start-offset-checkpoint", "0\n1\nt 0 3\n");
        assertEquals(2, clean().fromOffset());
        check("0:a=1", "1:b=1", "4:a=3", "5:b=3");
    }

    @Test
    void the_clean_offset_is_that_of_the_cleaned_range_and_other_entries_stay() throws IOException {
        log().write(CLEANER, "0\n2\nt 1 99\nt 0 2\n");
        clean();
        assertEquals("0\n2\nt 1 99\nt 0 6\n", checkpoint());
    }

    @Test
    void a_clean_offset_file_without_content_is_one_of_no_partition() throws IOException {
        log().write(CLEANER, ""); // as a broker makes it at its first start
        clean();
        assertEquals("0\n1\nt 0 6\n", checkpoint());
    }

    @Test
    void a_damaged_clean_offset_file_is_told_before_anything_is_changed() throws IOException {
        log().write(CLEANER, "0\n2\nt 0 2\n");
        IOException e = assertThrows(IOException.class, this::clean);
        assertTrue(e.getMessage().contains(CLEANER), e.getMessage());
        check("0:a=1", "1:b=1", "2:a=2", "3:b=2", "4:a=3", "5:b=3");
    }

    @Test
    void the_clean_offset_is_not_put_above_an_open_transaction() throws IOException {
        log().transactional(1, 0, "c=1").roll();
        clean();
        assertEquals("0\n1\nt 0 6\n", checkpoint());
    }

    @Test
    void a_dry_run_leaves_the_clean_offset() throws IOException {
        log();
        clean(OfflineOptions.defaults(1).withDryRun(true));
        assertFalse(disk.exists(BrokerLog.LOG_DIRECTORY.resolve(CLEANER)));
    }

    /// KAFKA-12520.
    @Test
    void snapshots_of_joined_segments_go_and_all_others_stay() throws IOException {
        log();
        for (long base : new long[] {0, 2, 4, 6}) {
            disk.writeAtomically(BrokerLog.file(base, ".snapshot"), new byte[] {1});
        }
        byte[] epochs = {5};
        Path epochFile = BrokerLog.PARTITION.resolve("leader-epoch-checkpoint");
        disk.writeAtomically(epochFile, epochs);
        clean();
        List<String> left =
                disk.list(BrokerLog.PARTITION).stream()
                        .map(p -> String.valueOf(p.getFileName()))
                        .filter(p -> p.endsWith(".snapshot"))
                        .toList();
        assertEquals(
                List.of("00000000000000000000.snapshot", "00000000000000000006.snapshot"), left);
        assertTrue(disk.exists(epochFile));
    }

    /// Kafka's `testSegmentGroupingWithSparseOffsets`.
    @Test
    void a_new_segment_never_spans_more_than_31_bits_of_offsets() throws IOException {
        BrokerLog log = new BrokerLog(disk).plain("a=1", "x=1").roll();
        log.skipTo(Integer.MAX_VALUE - 10L).plain("b=1", "x=2").roll();
        log.skipTo(Integer.MAX_VALUE + 10L).plain("c=1", "x=3").roll();
        clean();
        check("0:a=1", "2147483637:b=1", "2147483657:c=1", "2147483658:x=3");
        assertEquals(List.of(0L, 2147483639L, 2147483659L), BrokerLog.bases(disk));
    }

    /// Kafka's `testSegmentWithOffsetOverflow`.
    @Test
    void a_segment_whose_offsets_are_too_far_apart_is_split() throws IOException {
        BrokerLog log = new BrokerLog(disk).plain("a=1", "b=1");
        log.skipTo(1L << 31).plain("a=2", "c=1").roll();
        clean();
        check("1:b=1", "2147483648:a=2", "2147483649:c=1");
        assertEquals(List.of(0L, 1L << 31, (1L << 31) + 2), BrokerLog.bases(disk));
    }

    /// Kafka's `testCleanSegmentsRetainingLastEmptyBatch`, KAFKA-17076.
    @Test
    void the_end_of_the_cleaned_range_is_kept_by_an_empty_batch() throws IOException {
        new BrokerLog(disk).plain("a=1").plain("=no key").roll();
        clean();
        check("0:a=1", "1-1:EMPTY -1");
        assertEquals(42, BrokerLog.batches(disk).getLast().partitionLeaderEpoch());
    }

    /// A broker takes a segment's largest timestamp, and so its age, from there.
    @Test
    void the_time_index_of_a_new_segment_ends_with_the_largest_timestamp() throws IOException {
        BrokerLog log = new BrokerLog(disk).plain("a=1", "b=1");
        log.timestamp = BrokerLog.TIME + 7;
        log.plain("a=2", "c=1");
        log.timestamp = BrokerLog.TIME + 5;
        log.plain("d=1").roll();
        clean();
        ByteBuffer index = ByteBuffer.wrap(disk.readAll(BrokerLog.file(0, ".timeindex")));
        assertEquals(12, index.remaining());
        assertEquals(BrokerLog.TIME + 7, index.getLong());
        assertEquals(3, index.getInt());
    }
}
