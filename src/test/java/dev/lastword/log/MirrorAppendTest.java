package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.read.Reads;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.Compression;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.TimestampType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Records that bring their offsets.
class MirrorAppendTest {
    private static final long FAR = 5_000_000_000L;

    private SimulatedDisk disk = new SimulatedDisk(1);
    private TestStore s = new TestStore(disk);

    private PartitionLog create() {
        return s.store.createMirrored("t", 1, "id-1").partition(0);
    }

    private static AppendResult.Mirrored mirror(PartitionLog log, long... offsets) {
        return mirror(log, TimestampType.CREATE_TIME, 3, offsets);
    }

    private static AppendResult.Mirrored mirror(
            PartitionLog log, TimestampType type, int epoch, long... offsets) {
        MirroredRecords records = MirroredRecords.into(log);
        for (long o : offsets) {
            assertTrue(add(records, o, type, epoch));
        }
        return send(log, records);
    }

    private static boolean add(MirroredRecords to, long offset, TimestampType type, int epoch) {
        return to.add(
                offset,
                type,
                epoch,
                1_000 + offset,
                TestStore.bytes("k" + offset % 7),
                TestStore.bytes("v" + offset),
                List.of(new Header("h", TestStore.bytes("x"))));
    }

    private static AppendResult.Mirrored send(PartitionLog log, MirroredRecords records) {
        AppendRequest request = AppendRequest.mirrored(records, new StreamFence());
        log.append(request);
        return (AppendResult.Mirrored) request.result().join();
    }

    private List<Long> offsets() {
        List<Long> offsets = new ArrayList<>();
        PartitionLog log = s.log();
        long at = log.startOffset();
        while (at < log.endOffset()) {
            Reads.RecordPage page = new Reads(0).page(s.store.topic("t"), 0, at, 100, 1 << 20);
            for (LogRecord r : page.records()) {
                offsets.add(r.offset());
                assertEquals(1_000 + r.offset(), r.timestamp());
                assertEquals("v" + r.offset(), TestStore.text(r));
            }
            at = page.nextOffset();
        }
        return offsets;
    }

    private void reopen(SimulatedDisk left) {
        disk = left;
        s = new TestStore(disk);
    }

    @Test
    void records_keep_their_offsets_and_their_gaps() throws IOException {
        PartitionLog log = create();
        assertEquals(new AppendResult.Mirrored(3, 0), mirror(log, 0, 4, 9));
        assertEquals(new AppendResult.Mirrored(2, 0), mirror(log, 1_000_000, 1_000_001));
        List<Long> all = List.of(0L, 4L, 9L, 1_000_000L, 1_000_001L);
        assertEquals(all, offsets());
        assertEquals(1_000_002, log.endOffset());
        s.check();
        reopen(s.powerOff());
        assertEquals(all, offsets());
        assertEquals(1_000_002, s.log().endOffset());
        assertEquals(3, s.log().lastLeaderEpoch());
        s.check();
        s.close();
    }

    @Test
    void what_lies_below_the_end_is_there_already() {
        PartitionLog log = create();
        mirror(log, 0, 4, 9);
        assertEquals(new AppendResult.Mirrored(0, 3), mirror(log, 0, 4, 9));
        assertEquals(new AppendResult.Mirrored(1, 2), mirror(log, 4, 9, 10));
        assertEquals(List.of(0L, 4L, 9L, 10L), offsets());
        s.check();
        s.close();
    }

    @Test
    void duplicates_of_a_write_in_the_same_group_are_skipped() throws Exception {
        PartitionLog log = create();
        List<AppendRequest> requests = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            long offset = i / 2;
            MirroredRecords one = MirroredRecords.into(log);
            assertTrue(add(one, offset, TimestampType.CREATE_TIME, 0));
            AppendRequest r = AppendRequest.mirrored(one, new StreamFence());
            log.append(r);
            requests.add(r);
        }
        long stored = 0;
        for (AppendRequest r : requests) {
            stored += ((AppendResult.Mirrored) r.result().get()).stored();
        }
        assertEquals(100, stored);
        assertEquals(100, offsets().size());
        s.check();
        s.close();
    }

    @Test
    void a_gap_that_no_segment_can_hold_begins_another() throws IOException {
        PartitionLog log = create();
        mirror(log, 0, 1);
        mirror(log, FAR, FAR + 1);
        mirror(log, 3 * FAR);
        List<Long> all = List.of(0L, 1L, FAR, FAR + 1, 3 * FAR);
        assertEquals(all, offsets());
        s.check();
        reopen(s.powerOff());
        assertEquals(PartitionState.ONLINE, s.log().state());
        assertEquals(all, offsets());
        mirror(s.log(), 3 * FAR + 5);
        s.check();
        s.close();
        reopen(disk);
        assertEquals(PartitionState.ONLINE, s.log().state(), s.log().reason());
        assertEquals(6, offsets().size());
        s.close();
    }

    @Test
    void an_empty_log_begins_where_its_source_does() {
        PartitionLog log = create();
        log.startAt(FAR).join();
        assertEquals(FAR, log.startOffset());
        assertEquals(FAR, log.endOffset());
        mirror(log, FAR + 2);
        log.startAt(2 * FAR).join(); // not empty any more
        assertEquals(FAR, log.startOffset());
        reopen(s.powerOff());
        assertEquals(FAR, s.log().startOffset());
        assertEquals(List.of(FAR + 2), offsets());
        s.check();
        s.close();
    }

    @Test
    void timestamp_type_and_leader_epoch_are_kept() throws IOException {
        PartitionLog log = create();
        mirror(log, TimestampType.LOG_APPEND_TIME, 4, 0, 1, 2);
        mirror(log, TimestampType.CREATE_TIME, 5, 3);
        List<String> batches = new ArrayList<>();
        BatchScanner scanner = log.segments().active().scanFrom(0, ByteBuffer.allocate(1 << 16));
        while (scanner.next()) {
            batches.add(
                    scanner.batch().timestampType() + " " + scanner.batch().partitionLeaderEpoch());
        }
        assertEquals(
                List.of(
                        "LOG_APPEND_TIME 4",
                        "LOG_APPEND_TIME 4",
                        "LOG_APPEND_TIME 4", // one for each timestamp
                        "CREATE_TIME 5"),
                batches);
        assertEquals(4, offsets().size());
        assertEquals(5, log.lastLeaderEpoch());
        s.check();
        s.close();
    }

    @Test
    void a_write_begins_anew_where_the_offsets_span_too_much_or_it_is_full() {
        PartitionLog log = create();
        MirroredRecords records = MirroredRecords.into(log);
        TimestampType type = TimestampType.CREATE_TIME;
        assertTrue(add(records, 5, type, 0));
        assertThrows(IllegalArgumentException.class, () -> add(records, 5, type, 0));
        assertFalse(add(records, 5 + MirroredRecords.SPAN_MAX, type, 0));
        assertTrue(add(records, 4 + MirroredRecords.SPAN_MAX, type, 0));
        assertEquals(2, records.count());
        records.restart(log);
        assertTrue(records.isEmpty());
        byte[] large = new byte[1_000_000];
        int count = 0;
        while (records.add(count, type, 0, 1, TestStore.bytes("k"), large, List.of())) {
            count++;
        }
        assertEquals(4, count);
        assertEquals(count, records.count());
        assertEquals(new AppendResult.Mirrored(count, 0), send(log, records));
        assertEquals(count, log.endOffset());
        s.close();
    }

    @Test
    void a_record_that_the_topic_does_not_take_changes_nothing() {
        PartitionLog log = create();
        MirroredRecords records = MirroredRecords.into(log);
        TimestampType type = TimestampType.CREATE_TIME;
        byte[] key = TestStore.bytes("k");
        int most = log.config().maxMessageBytes() - RecordBatch.HEADER_BYTES;
        byte[] fits =
                new byte
                        [most
                                - BatchWriter.sizeOf(0, 0, key, new byte[most - 20], List.of())
                                + most
                                - 20];
        assertTrue(records.add(0, type, 0, 1, key, fits, List.of()));
        byte[] tooLarge = new byte[fits.length + 1];
        LogException.RecordTooLarge e =
                assertThrows(
                        LogException.RecordTooLarge.class,
                        () -> records.add(1, type, 0, 1, key, tooLarge, List.of()));
        assertEquals(log.config().maxMessageBytes() + 1, e.bytes());
        assertThrows(
                IllegalArgumentException.class,
                () -> records.add(1, type, 0, 1, new byte[0], fits, List.of()));
        assertEquals(1, records.count());
        send(log, records);
        assertEquals(1, log.endOffset());
        s.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"NONE", "LZ4", "ZSTD"})
    void records_are_joined_and_sent_again_after_a_failure(Compression compression)
            throws IOException {
        PartitionLog log = create();
        s.store.configure(
                "t", Map.of("compression.type", compression.name().toLowerCase(Locale.ROOT)));
        TimestampType type = TimestampType.CREATE_TIME;
        MirroredRecords first = MirroredRecords.into(log);
        MirroredRecords second = MirroredRecords.into(log);
        for (int i = 0; i < 1_000; i++) {
            assertTrue(add(first, i, type, 2));
            assertTrue(add(second, 2_000 + 3 * i, type, 2));
        }
        assertThrows(IllegalArgumentException.class, () -> second.addAll(first));
        assertTrue(first.addAll(MirroredRecords.into(log)));
        assertTrue(first.addAll(second));
        assertEquals(2_000, first.count());
        assertTrue(add(first, 10_000, type, 2));
        second.restart(log);
        assertTrue(add(second, MirroredRecords.SPAN_MAX, type, 2));
        assertFalse(first.addAll(second));
        disk.capacity(0);
        CompletionException full = assertThrows(CompletionException.class, () -> send(log, first));
        assertInstanceOf(LogException.DiskFull.class, full.getCause());
        assertEquals(0, log.endOffset());
        disk.capacity(1L << 40);
        assertEquals(new AppendResult.Mirrored(2_001, 0), send(log, first));
        assertEquals(new AppendResult.Mirrored(0, 2_001), send(log, first));
        assertEquals(2_001, offsets().size());
        assertEquals("v" + 10_000, s.get("k" + 10_000 % 7));
        s.check();
        reopen(s.powerOff());
        assertEquals(2_001, offsets().size());
        s.check();
        s.close();
    }

    @Test
    void a_reset_leaves_nothing_of_the_old_and_changes_the_epoch() {
        PartitionLog log = create();
        mirror(log, 0, 1, 2);
        String epoch = s.store.topic("t").epoch();
        s.store.reset("t", 0, "id-2");
        assertFalse(epoch.equals(s.store.topic("t").epoch()));
        assertEquals(0, s.log().endOffset());
        assertThrows(LogException.Closed.class, () -> mirror(log, 3));
        mirror(s.log(), 1);
        assertEquals(List.of(1L), offsets());
        String newEpoch = s.store.topic("t").epoch();
        reopen(s.powerOff());
        Topic topic = s.store.topic("t");
        assertEquals(newEpoch, topic.epoch());
        assertEquals(new MirrorSource(List.of("id-2"), 1, -1), topic.source());
        assertEquals(List.of(1L), offsets());
        s.check();
        s.close();
    }

    @Test
    void a_reset_is_finished_after_a_crash_at_any_operation() {
        for (int n = 1; ; n++) {
            disk = new SimulatedDisk(n);
            s = new TestStore(disk);
            PartitionLog log = create();
            mirror(log, 0, 1, 2);
            disk.crashAfter(n);
            boolean done = true;
            try {
                s.store.reset("t", 0, "id-2");
            } catch (RuntimeException | Error e) {
                done = false;
            }
            done &= !disk.hasCrashed();
            reopen(s.powerOff());
            String id = s.store.topic("t").source().topicIds().getFirst();
            assertEquals(id.equals("id-1") ? List.of(0L, 1L, 2L) : List.of(), offsets());
            assertEquals(PartitionState.ONLINE, s.log().state());
            s.check();
            s.close();
            if (done) {
                assertEquals("id-2", id);
                return;
            }
        }
    }

    @Test
    void a_mirrored_topic_grows_and_keeps_its_source() {
        create();
        mirror(s.log(), 7);
        s.store.grow("t", 3, "id-1");
        s.store.grow("t", 3, "id-1");
        mirror(s.store.topic("t").partition(2), 11);
        s.store.configure("t", Map.of("segment.bytes", "4096"));
        reopen(s.powerOff());
        assertEquals(3, s.store.topic("t").partitions().size());
        assertEquals(List.of(7L), offsets());
        assertEquals(12, s.store.topic("t").partition(2).endOffset());
        assertEquals(List.of("id-1", "id-1", "id-1"), s.store.topic("t").source().topicIds());
        s.close();
    }

    @Test
    void a_key_in_several_partitions_has_its_newest_value_everywhere() {
        create();
        s.store.grow("t", 3, "id-1");
        Topic topic = s.store.topic("t");
        mirror(topic.partition(0), 7); // the same key, each at its timestamp
        mirror(topic.partition(2), 14);
        mirror(topic.partition(1), 21);
        assertEquals("v21", s.get("k0"));
        List<String> live = new ArrayList<>();
        try (var snapshot = new Reads(0).snapshot(topic, new byte[0])) {
            for (var r = snapshot.next(); r != null; r = snapshot.next()) {
                live.add(TestStore.text(r.record()));
            }
        }
        assertEquals(List.of("v21"), live);
        s.close();
    }

    @Test
    void when_it_was_up_to_date_is_remembered() {
        PartitionLog log = create();
        assertEquals(-1, log.caughtUpMs());
        log.noteCaughtUp(s.clock.millis());
        mirror(log, 0);
        s.close();
        reopen(disk);
        assertEquals(1_000_000, s.log().caughtUpMs());
        s.close();
    }
}
