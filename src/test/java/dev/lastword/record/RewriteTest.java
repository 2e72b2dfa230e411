package dev.lastword.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewriteTest {

    @Test
    void what_is_kept_stays_as_it_was() throws Exception {
        Seeds.check(
                300,
                random -> {
                    long base = Samples.baseOffset(random);
                    List<LogRecord> records = Samples.records(random, base);
                    ByteBuffer buffer = Samples.placed(random, Samples.batch(base, records));
                    RecordBatch source = new RecordBatch().wrap(buffer, buffer.position());
                    BitSet retained = new BitSet();
                    List<LogRecord> kept = new ArrayList<>();
                    for (int i = 0; i < records.size(); i++) {
                        if (random.nextInt(3) > 0) {
                            retained.set(i);
                            kept.add(records.get(i));
                        }
                    }
                    long horizon = random.nextBoolean() ? -1 : random.nextLong(1L << 62);
                    RecordBatch result = rewrite(source, retained, horizon);
                    result.ensureValid();
                    assertEquals(kept, Samples.recordsOf(result));
                    assertEquals(base, result.baseOffset());
                    assertEquals(source.lastOffset(), result.lastOffset());
                    assertEquals(kept.isEmpty() ? -1 : horizon, result.deleteHorizonMs());
                });
    }

    private static RecordBatch rewrite(RecordBatch source, BitSet retained, long horizon)
            throws Exception {
        ByteBuffer out = ByteBuffer.allocate(3 + BatchWriter.rewriteBound(source)).position(3);
        int size = new BatchWriter().rewrite(source, retained, horizon, out);
        assertEquals(3 + size, out.position());
        RecordBatch result = new RecordBatch().wrap(out.flip(), 3);
        assertEquals(size, result.sizeInBytes());
        return result;
    }

    @Test
    void a_placeholder_stands_for_the_offsets_and_for_nothing_else() throws Exception {
        for (TimestampType type : TimestampType.values()) {
            ByteBuffer buffer = ByteBuffer.allocate(200);
            BatchWriter writer = new BatchWriter();
            writer.begin(buffer, 100, Compression.NONE);
            writer.origin(type, 4);
            writer.append(105, 1_000, new byte[] {'k'}, null, List.of());
            writer.end();
            buffer.putLong(RecordBatch.PRODUCER_ID_AT, 7);
            buffer.putShort(RecordBatch.PRODUCER_EPOCH_AT, (short) 8);
            buffer.putInt(RecordBatch.BASE_SEQUENCE_AT, 9);
            RecordBatch written = new RecordBatch().wrap(buffer.flip(), 0);
            BitSet all = new BitSet();
            all.set(0);
            RecordBatch source = rewrite(written, all, 50); // with a horizon
            ByteBuffer out = ByteBuffer.allocate(100).position(2);
            assertEquals(RecordBatch.HEADER_BYTES, BatchWriter.placeholder(source, out));
            RecordBatch result = new RecordBatch().wrap(out.flip(), 2);
            result.ensureValid();
            assertEquals(100, result.baseOffset());
            assertEquals(105, result.lastOffset());
            assertEquals(4, result.partitionLeaderEpoch());
            assertEquals(type, result.timestampType());
            assertEquals(0, result.count());
            assertFalse(result.hasDeleteHorizon());
            assertEquals(-1, result.baseTimestamp());
            assertEquals(-1, result.maxTimestamp());
            assertEquals(-1, result.producerId());
            assertEquals(-1, result.producerEpoch());
            assertEquals(-1, result.baseSequence());
        }
    }

    @Test
    void the_attributes_of_a_record_stay_when_it_is_encoded_anew() throws Exception {
        byte[] bytes = Samples.plainBatch(2);
        bytes[61 + 1] = 3;
        RecordBatch result = rewrite(wrap(Samples.resealed(bytes)), bits(0, 1), 50);
        RecordCursor cursor = result.cursor();
        assertTrue(cursor.next());
        assertEquals(3, cursor.recordAttributes());
        assertTrue(cursor.next());
        assertEquals(0, cursor.recordAttributes());
    }

    @Test
    void a_batch_that_keeps_all_is_the_same_batch() throws Exception {
        byte[] source = Samples.plainBatch(3);
        RecordBatch result = rewrite(wrap(source), bits(0, 1, 2), -1);
        assertArrayEquals(source, bytesOf(result));
    }

    @Test
    void a_batch_whose_records_do_not_unpack_is_copied_whole_or_emptied_but_not_thinned()
            throws Exception {
        byte[] source = Samples.plainBatch(3);
        source[22] |= 3;
        RecordBatch batch = wrap(Samples.resealed(source));
        assertEquals(Compression.LZ4, batch.compression());
        batch.ensureValid();
        ByteBuffer out = ByteBuffer.allocate(1000);
        new BatchWriter().rewrite(batch, bits(0, 1, 2), -1, out);
        assertArrayEquals(source, bytesOf(new RecordBatch().wrap(out.flip(), 0)));
        out.clear();
        new BatchWriter().rewrite(batch, bits(), 7, out);
        RecordBatch emptied = new RecordBatch().wrap(out.flip(), 0);
        assertEquals(0, emptied.count());
        assertEquals(Compression.NONE, emptied.compression());
        out.clear();
        assertThrows(
                CorruptBatchException.class,
                () -> new BatchWriter().rewrite(batch, bits(1), -1, out));
        assertThrows(
                CorruptBatchException.class,
                () -> new BatchWriter().rewrite(batch, bits(0, 1, 2), 7, out));
    }

    @Test
    void an_emptied_batch_keeps_its_offsets_and_can_be_emptied_again() throws Exception {
        RecordBatch emptied = rewrite(wrap(Samples.plainBatch(3)), bits(), 77);
        for (int i = 0; i < 2; i++) {
            emptied.ensureValid();
            assertEquals(RecordBatch.HEADER_BYTES, emptied.sizeInBytes());
            assertEquals(0, emptied.count());
            assertEquals(100, emptied.baseOffset());
            assertEquals(102, emptied.lastOffset());
            assertEquals(103, emptied.nextOffset());
            assertEquals(-1, emptied.baseTimestamp());
            assertEquals(1_000, emptied.maxTimestamp());
            assertFalse(emptied.hasDeleteHorizon());
            assertFalse(emptied.cursor().next());
            emptied = rewrite(emptied, bits(), -1);
        }
    }

    @Test
    void a_horizon_once_set_is_never_moved() throws Exception {
        RecordBatch stamped = rewrite(wrap(Samples.plainBatch(3)), bits(0, 1, 2), 50);
        assertEquals(50, stamped.deleteHorizonMs());
        assertEquals(50, rewrite(stamped, bits(0, 1, 2), 60).deleteHorizonMs());
        RecordBatch thinned = rewrite(stamped, bits(2), 60);
        assertTrue(thinned.hasDeleteHorizon());
        assertEquals(50, thinned.deleteHorizonMs());
        assertEquals(List.of(Samples.record(102, 1_000, "k", "v")), Samples.recordsOf(thinned));
    }

    @Test
    void the_first_moment_of_1970_is_a_horizon_too() throws Exception {
        RecordBatch stamped = rewrite(wrap(Samples.plainBatch(3)), bits(0, 1, 2), 0);
        assertTrue(stamped.hasDeleteHorizon());
        assertEquals(0, stamped.deleteHorizonMs());
    }

    @Test
    void the_bound_holds_for_the_worst_horizon() throws Exception {
        List<LogRecord> records = new ArrayList<>();
        for (int i = 0;
                i < 64;
                i++) { // with bodies of 63 bytes, the most that a one-byte length says
            records.add(Samples.record(i, 0, "k".repeat(57), null));
        }
        RecordBatch source = wrap(Samples.batch(0, records));
        BitSet all = new BitSet();
        all.set(0, 64);
        RecordBatch result = rewrite(source, all, Long.MAX_VALUE);
        assertEquals(BatchWriter.rewriteBound(source), result.sizeInBytes());
        assertEquals(records, Samples.recordsOf(result));
    }

    @Test
    void without_room_nothing_is_written() throws Exception {
        RecordBatch source = wrap(Samples.plainBatch(3));
        for (long horizon : new long[] {-1, 50}) {
            int size = rewrite(source, bits(0, 2), horizon).sizeInBytes();
            for (int room = 0; room < size; room++) {
                ByteBuffer out = ByteBuffer.allocate(500).limit(room);
                assertThrows(
                        BufferOverflowException.class,
                        () -> new BatchWriter().rewrite(source, bits(0, 2), horizon, out));
                assertEquals(0, out.position());
            }
        }
        ByteBuffer small = ByteBuffer.allocate(source.sizeInBytes() - 1);
        assertThrows(
                BufferOverflowException.class,
                () -> new BatchWriter().rewrite(source, bits(0, 1, 2), -1, small));
    }

    @Test
    void a_record_that_is_not_there_cannot_be_kept() throws Exception {
        RecordBatch source = wrap(Samples.plainBatch(3));
        assertThrows(IllegalArgumentException.class, () -> rewrite(source, bits(3), -1));
    }

    @Test
    void malformed_records_are_not_rewritten() throws Exception {
        byte[] bytes = Samples.plainBatch(3);
        bytes[61 + 18] = 2; // the length of the last record, which is not kept
        RecordBatch source = wrap(Samples.resealed(bytes));
        assertThrows(CorruptBatchException.class, () -> rewrite(source, bits(0), -1));
        assertThrows(CorruptBatchException.class, () -> rewrite(source, bits(0), 50));
    }

    private static RecordBatch wrap(byte[] batch) throws Exception {
        return new RecordBatch().wrap(ByteBuffer.wrap(batch), 0);
    }

    private static byte[] bytesOf(RecordBatch batch) {
        ByteBuffer out = ByteBuffer.allocate(batch.sizeInBytes());
        batch.copyTo(out);
        return out.array();
    }

    private static BitSet bits(int... set) {
        BitSet bits = new BitSet();
        for (int i : set) {
            bits.set(i);
        }
        return bits;
    }
}
