package dev.lastword.log;

import static dev.lastword.log.TestStore.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.record.Compression;
import dev.lastword.record.Header;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.TimestampType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the appender is told of a group is what the group's bytes say.
class GroupTest {
    private final KeyHasher hasher = KeyHasher.keyed(1, 2);
    private final Group group = new Group(hasher);

    private static NewRecord record(String key, @Nullable String value) {
        return new NewRecord(
                bytes(key), value == null ? null : bytes(value), NewRecord.NOW, List.of());
    }

    private int latest(String key) {
        KeyHash hash = new KeyHash();
        hasher.hash(bytes(key), hash);
        return group.latest(hash);
    }

    private List<RecordBatch> batches() throws IOException {
        ByteBuffer out = group.finish();
        List<RecordBatch> all = new ArrayList<>();
        for (int at = out.position(); at < out.limit(); ) {
            RecordBatch batch = new RecordBatch().wrap(out, at);
            batch.ensureValid();
            all.add(batch);
            at += batch.sizeInBytes();
        }
        return all;
    }

    @Test
    void of_each_key_the_last_record_that_counts_is_known_however_many_there_are() {
        group.begin(100, Compression.NONE);
        assertEquals(-1, latest("k0"));
        for (int i = 0; i < 1000; i++) {
            assertEquals(i, group.add(record("k" + i % 700, "v"), 1, 0));
        }
        for (int i = 0; i < 700; i++) {
            assertEquals(i < 300 ? 700 + i : i, latest("k" + i));
        }
        assertEquals(-1, latest("k700"));
        assertEquals(1000, group.records());
        assertEquals(1100, group.nextOffset());
        group.begin(5, Compression.NONE);
        assertEquals(-1, latest("k0"));
        assertTrue(group.isEmpty());
    }

    /// Also where the table grows between, which puts all in again.
    @Test
    void a_record_that_does_not_count_hides_none_that_does() {
        group.begin(0, Compression.NONE);
        int live = group.add(record("a", "live"), 1, 9);
        int late = group.addLate(record("a", "late"), 1, 3);
        assertEquals(live, latest("a"));
        assertFalse(group.isLate(live));
        assertTrue(group.isLate(late));
        for (int i = 0; i < 100; i++) {
            group.add(record("k" + i, "v"), 1, 0);
        }
        assertEquals(live, latest("a"));
        assertEquals(9, group.version(live));
        assertEquals(3, group.version(late));
        group.begin(0, Compression.NONE);
        assertFalse(group.isLate(group.add(record("b", "v"), 1, 0)) || group.isLate(late));
    }

    @Test
    void a_late_record_and_its_keys_tombstone_share_a_batch() throws IOException {
        group.begin(0, Compression.NONE);
        group.add(record("x", "x".repeat(9_000)), 1, 0);
        int late = group.addLate(record("a", "y".repeat(7_300)), 5, 3, record("a", null), 8);
        assertEquals(1, late);
        assertEquals(late + 1, latest("a"));
        assertTrue(group.isLate(late));
        assertTrue(group.isTombstone(late + 1));
        assertEquals(8, group.version(late + 1));
        int tiny = group.add(record("z", "1"), 1, 0);
        List<RecordBatch> batches = batches();
        assertEquals(tiny, batches.getLast().lastOffset());
        assertTrue(
                batches.stream().anyMatch(b -> b.baseOffset() <= 1 && b.lastOffset() >= 2),
                batches.toString());
    }

    @Test
    void a_group_may_begin_with_what_does_not_count_and_be_nothing_else() throws IOException {
        group.begin(3, Compression.NONE);
        assertEquals(0, group.addLate(record("a", "late"), 1, 3));
        assertFalse(group.isEmpty());
        assertEquals(-1, latest("a"));
        assertEquals(3, batches().getFirst().lastOffset());
        group.begin(3, Compression.NONE);
        assertEquals(0, group.addLate(record("a", "late"), 1, 3, record("a", null), 8));
        assertEquals(1, latest("a"));
        assertEquals(4, batches().getFirst().lastOffset());
    }

    @Test
    void what_does_not_count_makes_no_batch_too_large() throws IOException {
        group.begin(0, Compression.NONE);
        for (int i = 0; i < 20; i++) {
            group.addLate(record("a", "x".repeat(3_000)), 1, 0);
            group.addLate(record("a", "x".repeat(3_000)), 1, 0, record("a", null), 8);
        }
        for (RecordBatch b : batches()) {
            assertTrue(b.sizeInBytes() <= Group.BATCH_BYTES, b.toString());
        }
        assertEquals(60, group.records());
    }

    @Test
    void a_record_of_any_size_fits_behind_others() throws IOException {
        for (int size : new int[] {60_000, 200_000, 3_000_000}) {
            Group small = new Group(hasher);
            small.begin(0, Compression.NONE);
            for (int i = 0; i < 30; i++) {
                small.add(record("k" + i, "x".repeat(1_500)), 1, 0);
            }
            small.add(record("large", "x".repeat(size)), 1, 0);
            ByteBuffer out = small.finish();
            int last = out.limit() - small.batchBytes(small.batches() - 1);
            RecordBatch batch = new RecordBatch().wrap(out, last);
            batch.ensureValid();
            assertEquals(30, batch.lastOffset());
            assertTrue(batch.sizeInBytes() > size);
        }
    }

    @Test
    void a_batch_ends_before_it_would_be_too_large_for_looking_a_key_up() throws IOException {
        group.begin(0, Compression.NONE);
        for (int i = 0; i < 200; i++) {
            group.add(record("k" + i, "x".repeat(1_000)), i, 0);
        }
        group.add(record("large", "x".repeat(100_000)), 7, 0);
        List<RecordBatch> batches = batches();
        assertEquals(13 + 1, batches.size());
        for (RecordBatch b : batches.subList(0, 13)) {
            assertTrue(b.sizeInBytes() <= Group.BATCH_BYTES, b.toString());
        }
        assertEquals(1, batches.getLast().count());
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"NONE", "LZ4", "ZSTD"})
    void what_is_told_of_batches_and_records_is_what_their_bytes_say(Compression codec)
            throws IOException {
        for (int round = 0; round < 2; round++) { // buffers are used again
            group.begin(40, codec);
            for (int i = 0; i < 300; i++) {
                boolean dead = i % 7 == 3;
                int at = group.add(record("k" + i, dead ? null : "x".repeat(900)), 1000 - i, i);
                assertEquals(40 + i, group.offset(at));
                assertEquals(1000 - i, group.timestamp(at));
                assertEquals(i, group.version(at));
            }
            List<RecordBatch> batches = batches();
            assertEquals(batches.size(), group.batches());
            int i = 0;
            for (int b = 0; b < batches.size(); b++) {
                RecordBatch batch = batches.get(b);
                assertEquals(codec, batch.compression());
                assertEquals(batch.sizeInBytes(), group.batchBytes(b));
                assertEquals(batch.lastOffset(), group.batchLastOffset(b));
                assertEquals(batch.maxTimestamp(), group.batchMaxTimestamp(b));
                assertEquals(40 + i, batch.baseOffset());
                long sizes = 0;
                for (int n = 0; n < batch.count(); n++, i++) {
                    assertEquals(i % 7 == 3, group.isTombstone(i));
                    sizes += group.size(i);
                }
                long stored = batch.sizeInBytes() - RecordBatch.HEADER_BYTES;
                // rounded down for each record, but to no less than one
                assertTrue(sizes <= stored + batch.count(), sizes + " of " + stored);
                assertTrue(sizes > stored - batch.count(), sizes + " of " + stored);
            }
            assertEquals(300, i);
        }
    }

    @Test
    void a_mirrored_batch_has_one_kind_of_time_and_one_epoch() throws IOException {
        TimestampType created = TimestampType.CREATE_TIME;
        TimestampType appended = TimestampType.LOG_APPEND_TIME;
        group.begin(0, Compression.NONE);
        assertEquals(0, mirror(5, 10, created, 1));
        assertEquals(1, mirror(9, 12, created, 1)); // another time in the same batch
        mirror(9, 20, appended, 1);
        mirror(9, 21, appended, 1);
        mirror(8, 22, appended, 1); // a batch has one append time
        mirror(8, 30, appended, 2);
        assertEquals(31, group.nextOffset());
        List<RecordBatch> batches = batches();
        assertEquals(
                List.of(10L, 20L, 22L, 30L),
                batches.stream().map(RecordBatch::baseOffset).toList());
        assertEquals(
                List.of(12L, 21L, 22L, 30L),
                batches.stream().map(RecordBatch::lastOffset).toList());
        assertEquals(
                List.of(created, appended, appended, appended),
                batches.stream().map(RecordBatch::timestampType).toList());
        assertEquals(
                List.of(1, 1, 1, 2),
                batches.stream().map(RecordBatch::partitionLeaderEpoch).toList());
        assertEquals(-1, latest("m"), "who mirrors asks no conditions");
        group.begin(0, Compression.NONE);
        group.add(record("a", "1"), 1, 0);
        assertEquals(created, batches().getFirst().timestampType());
        assertEquals(0, batches().getFirst().partitionLeaderEpoch());
    }

    private int mirror(long timestamp, long offset, TimestampType type, int epoch) {
        return group.addMirrored(
                100, bytes("m"), bytes("v"), timestamp, List.of(), offset, type, epoch);
    }

    @Test
    void a_group_is_as_good_after_memory_was_given_back() throws IOException {
        for (int usual : new int[] {0, 1 << 10, 1 << 20}) {
            group.begin(0, Compression.NONE);
            for (int i = 0; i < 1500; i++) {
                group.add(record("k" + i, "x".repeat(1_000)), 1, 0);
            }
            group.finish();
            group.trim(usual);
            group.begin(7, Compression.NONE);
            Header deadline = new Header(Deadline.HEADER, bytes("99"));
            NewRecord expiring = new NewRecord(bytes("a"), bytes("1"), 1, List.of(deadline));
            assertEquals(99, group.deadline(group.add(expiring, 1, 0)));
            assertEquals(Deadline.NONE, group.deadline(group.add(record("b", "1"), 1, 0)));
            for (int i = 0; i < 200; i++) {
                group.add(record("k" + i, "v"), 1, 0);
            }
            assertEquals(0, latest("a"));
            assertEquals(201, latest("k199"));
            assertEquals(208, batches().getLast().lastOffset());
        }
    }
}
