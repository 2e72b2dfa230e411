package dev.lastword.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordBatchTest {
    private final RecordBatch batch = new RecordBatch();

    @Test
    void the_size_is_known_from_twelve_bytes() throws Exception {
        byte[] bytes = Samples.plainBatch(3);
        ByteBuffer buffer = ByteBuffer.allocate(200).put(5, bytes);
        for (int limit = 5; limit < 5 + RecordBatch.LENGTH_PREFIX_BYTES; limit++) {
            assertEquals(-1, RecordBatch.declaredSize(buffer.limit(limit), 5));
        }
        for (int limit = 5 + RecordBatch.LENGTH_PREFIX_BYTES; limit <= 200; limit++) {
            assertEquals(bytes.length, RecordBatch.declaredSize(buffer.limit(limit), 5));
        }
    }

    @Test
    void a_batch_that_is_cut_short_is_refused_at_any_length() throws Exception {
        byte[] bytes = Samples.plainBatch(3);
        for (int limit = 0; limit < bytes.length; limit++) {
            ByteBuffer cut = ByteBuffer.wrap(bytes).limit(limit);
            assertThrows(CorruptBatchException.class, () -> batch.wrap(cut, 0));
        }
        batch.wrap(ByteBuffer.wrap(bytes), 0).ensureValid();
    }

    @Test
    void the_header_must_not_contradict_itself() {
        assertRefused("implausible length 48", 8, 4, 48);
        assertRefused("implausible length -1", 8, 4, -1);
        assertRefused("implausible length 2147483647", 8, 4, Integer.MAX_VALUE);
        assertRefused("declares 2147483647 bytes", 8, 4, Integer.MAX_VALUE - 12);
        assertRefused("format v0", 16, 1, 0);
        assertRefused("format v1", 16, 1, 1);
        assertRefused("unknown magic 3", 16, 1, 3);
        assertRefused("negative base offset", 0, 8, -1);
        assertRefused("last offset delta -1", 23, 4, -1);
        assertRefused("last offset delta 2", 0, 8, Long.MAX_VALUE - 2);
        assertRefused("record count -1", 57, 4, -1);
        assertRefused("record count 4", 57, 4, 4);
        assertRefused("unknown codec 5", 21, 2, 5);
    }

    private void assertRefused(String message, int at, int bytes, long value) {
        byte[] tampered = patched(Samples.plainBatch(3), at, bytes, value);
        CorruptBatchException e =
                assertThrows(
                        CorruptBatchException.class,
                        () -> batch.wrap(ByteBuffer.wrap(tampered), 0));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertEquals(ByteBuffer.wrap(tampered).getLong(0), e.baseOffset());
    }

    private static byte[] patched(byte[] batch, int at, int bytes, long value) {
        for (int i = 0; i < bytes; i++) {
            batch[at + i] = (byte) (value >>> 8 * (bytes - 1 - i));
        }
        return Samples.resealed(batch);
    }

    @Test
    void records_must_fill_the_batch_exactly() {
        // The records are 9 bytes each, from byte 61: length, attributes, timestamp, offset,
        // key length, key, value length, value, header count.
        assertMalformed("impossible record length 5", 61, 5);
        assertMalformed("impossible record length -1", 61, -1);
        assertMalformed("impossible record length 63", 61 + 18, 63);
        assertMalformed("malformed number", 61, 7);
        assertMalformed("1 bytes left in the record", 61, 9);
        assertMalformed("record offset delta -1 after -1", 61 + 3, -1);
        assertMalformed("record offset delta 0 after 0", 61 + 9 + 3, 0);
        assertMalformed("record offset delta 3 after 1", 61 + 18 + 3, 3);
        assertMalformed("impossible key length -2", 61 + 4, -2);
        assertMalformed("impossible key length 5", 61 + 4, 5);
        assertMalformed("impossible value length -2", 61 + 6, -2);
        assertMalformed("impossible value length 3", 61 + 6, 3);
        assertMalformed("impossible header count -1", 61 + 8, -1);
        assertMalformed("impossible header count 1", 61 + 8, 1);
    }

    private void assertMalformed(String message, int at, int value) {
        byte[] bytes = Samples.plainBatch(3);
        Varints.putInt(ByteBuffer.wrap(bytes), at, value);
        assertMalformed(message, Samples.resealed(bytes));
    }

    private void assertMalformed(String message, byte[] bytes) {
        CorruptBatchException e =
                assertThrows(
                        CorruptBatchException.class,
                        () -> {
                            batch.wrap(ByteBuffer.wrap(bytes), 0).ensureValid();
                            Samples.recordsOf(batch);
                        });
        String text = e.getMessage();
        assertTrue(text.contains(message) && text.contains("base offset 100"), text);
        assertEquals(100, e.baseOffset());
    }

    @Test
    void the_number_of_records_must_be_right() {
        assertMalformed("9 bytes behind", patched(Samples.plainBatch(3), 57, 4, 2));
        assertMalformed("27 bytes behind", patched(Samples.plainBatch(3), 57, 4, 0));
        byte[] noRoom = patched(Samples.plainBatch(3), 23, 4, 3);
        assertMalformed("4 records in 27 bytes", patched(noRoom, 57, 4, 4));
        byte[] oneMore = patched(Samples.plainBatch(4), 23, 4, 4);
        assertMalformed("malformed number", patched(oneMore, 57, 4, 5));
    }

    @Test
    void a_header_of_a_record_needs_a_name_and_must_end() {
        LogRecord record =
                new LogRecord(100, 1, null, null, List.of(new Header("n", new byte[] {1})));
        // length, attributes, timestamp, offset, key, value, count, name length at 61 + 7
        byte[] good = Samples.batch(100, List.of(record));
        assertMalformed("header without a name", patched(good.clone(), 61 + 7, 1, 1));
        assertMalformed("impossible header name length 4", patched(good.clone(), 61 + 7, 1, 8));
        assertMalformed("impossible header value length 2", patched(good.clone(), 61 + 9, 1, 4));
    }

    @Test
    void a_broken_cursor_stays_broken() throws Exception {
        byte[] bytes = Samples.plainBatch(3);
        bytes[61 + 9] = 2;
        RecordCursor cursor = batch.wrap(ByteBuffer.wrap(bytes), 0).cursor();
        assertTrue(cursor.next());
        assertThrows(CorruptBatchException.class, cursor::next);
        assertThrows(CorruptBatchException.class, cursor::next);
        assertTrue(batch.cursor().next(), "and can be set anew");
    }

    @Test
    void the_cursor_shows_where_the_parts_are() throws Exception {
        LogRecord record =
                new LogRecord(
                        105,
                        99,
                        "key".getBytes(),
                        "val".getBytes(),
                        List.of(new Header("n", null)));
        ByteBuffer buffer = ByteBuffer.wrap(Samples.batch(100, List.of(record)));
        RecordCursor cursor = batch.wrap(buffer, 0).cursor();
        assertTrue(cursor.next());
        assertEquals(105, cursor.offset());
        assertEquals(99, cursor.timestamp());
        assertEquals(61, cursor.recordPosition());
        assertEquals(batch.sizeInBytes() - 61, cursor.recordSize());
        assertEquals(66, cursor.keyPosition());
        assertEquals(3, cursor.keyLength());
        assertEquals(70, cursor.valuePosition());
        assertEquals(3, cursor.valueLength());
        assertEquals(74, cursor.headersPosition());
        assertEquals(1, cursor.headerCount());
        assertFalse(cursor.isTombstone());
        assertArrayEquals("key".getBytes(), cursor.key());
        assertArrayEquals("val".getBytes(), cursor.value());
        assertEquals((byte) 'k', cursor.buffer().get(66));
        assertEquals(record, cursor.toRecord());
        assertFalse(cursor.next());
        assertFalse(cursor.next());
    }

    @Test
    void null_is_not_empty() throws Exception {
        List<LogRecord> records =
                List.of(Samples.record(1, 0, null, null), Samples.record(2, 0, "", ""));
        RecordCursor cursor = batch.wrap(ByteBuffer.wrap(Samples.batch(1, records)), 0).cursor();
        assertTrue(cursor.next());
        assertEquals(-1, cursor.keyLength());
        assertNull(cursor.key());
        assertTrue(cursor.isTombstone());
        assertTrue(cursor.next());
        assertEquals(0, cursor.keyLength());
        assertArrayEquals(new byte[0], cursor.value());
        assertFalse(cursor.isTombstone());
    }

    @Test
    void what_does_not_unpack_is_checked_and_copied_but_not_opened() throws Exception {
        for (Compression compression : Compression.values()) {
            byte[] bytes = patched(Samples.plainBatch(3), 21, 2, compression.id());
            batch.wrap(ByteBuffer.wrap(bytes), 0).ensureValid();
            assertEquals(compression, batch.compression());
            ByteBuffer out = ByteBuffer.allocate(bytes.length);
            batch.copyTo(out);
            assertArrayEquals(bytes, out.array());
            assertThrows(BufferOverflowException.class, () -> batch.copyTo(out));
            if (compression == Compression.NONE) {
                assertEquals(3, Samples.recordsOf(batch).size());
            } else {
                var e = assertThrows(CorruptBatchException.class, batch::cursor);
                assertTrue(e.getMessage().contains(compression.toString()), e.getMessage());
                assertTrue(e.getMessage().contains("offset 100"), e.getMessage());
            }
        }
    }

    /// What the cleaner counts as dead must add up to what is there.
    @Test
    void the_stored_bytes_of_the_records_add_up_to_those_of_the_batch() throws Exception {
        for (Compression compression : List.of(Compression.NONE, Compression.LZ4)) {
            ByteBuffer out = ByteBuffer.allocate(200_000);
            BatchWriter writer = new BatchWriter();
            writer.begin(out, 0, compression);
            for (int i = 0; i < 100; i++) {
                writer.append(i, 0, null, ("x" + i).repeat(1 + i % 7 * 40).getBytes(), List.of());
            }
            writer.end();
            batch.wrap(out.flip(), 0);
            assertEquals(compression, batch.compression());
            int stored = batch.sizeInBytes() - RecordBatch.HEADER_BYTES;
            int sum = 0;
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                sum += batch.storedBytes(cursor.recordSize());
            }
            int rounding = compression == Compression.NONE ? 0 : 100;
            assertTrue(sum <= stored && sum >= stored - rounding, sum + " of " + stored);
            assertEquals(1, batch.storedBytes(1), "never nothing");
        }
    }

    @Test
    void a_wrong_crc_is_told_with_both_numbers() throws Exception {
        byte[] bytes = Samples.plainBatch(1);
        batch.wrap(ByteBuffer.wrap(bytes), 0);
        assertTrue(batch.isCrcValid());
        assertEquals(Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(17)), batch.crc());
        bytes[17] ^= 1;
        assertFalse(batch.isCrcValid());
        var e = assertThrows(CorruptBatchException.class, batch::ensureValid);
        assertTrue(e.getMessage().contains("%08x".formatted(batch.crc())), e.getMessage());
    }

    @Test
    void the_callers_buffer_is_left_alone() throws Exception {
        ByteBuffer buffer = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(9, Samples.plainBatch(2)).position(3).limit(150);
        batch.wrap(buffer, 9).ensureValid();
        assertEquals(2, Samples.recordsOf(batch).size());
        assertEquals(3, buffer.position());
        assertEquals(150, buffer.limit());
        assertEquals(ByteOrder.LITTLE_ENDIAN, buffer.order());
    }

    @Test
    void a_limit_that_the_caller_raises_later_is_seen() throws Exception {
        byte[] bytes = Samples.plainBatch(2);
        ByteBuffer buffer = ByteBuffer.allocate(200).put(0, bytes).limit(30);
        assertThrows(CorruptBatchException.class, () -> batch.wrap(buffer, 0));
        batch.wrap(buffer.limit(bytes.length), 0).ensureValid();
    }

    @Test
    void a_walk_through_a_buffer_allocates_nothing() throws Exception {
        ByteBuffer buffer = ByteBuffer.allocateDirect(100_000);
        byte[] bytes = Samples.plainBatch(50);
        while (buffer.remaining() > bytes.length) {
            buffer.put(bytes);
        }
        buffer.flip();
        var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long records = walk(buffer);
        long before = thread.getCurrentThreadAllocatedBytes();
        records += walk(buffer);
        long allocated = thread.getCurrentThreadAllocatedBytes() - before;
        assertTrue(records > 10_000);
        assertTrue(allocated < 1_000, () -> allocated + " bytes");
    }

    private long walk(ByteBuffer buffer) throws Exception {
        long records = 0;
        for (int at = 0; at < buffer.limit(); at += batch.sizeInBytes()) {
            batch.wrap(buffer, at).ensureValid();
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                records++;
            }
        }
        return records;
    }

    @Test
    void a_text_form_helps_in_a_log() throws Exception {
        assertEquals("RecordBatch[unwrapped]", batch.toString());
        batch.wrap(ByteBuffer.wrap(Samples.plainBatch(2)), 0);
        assertEquals("RecordBatch[offsets 100 to 101, 2 records, 79 bytes at 0]", batch.toString());
    }
}
