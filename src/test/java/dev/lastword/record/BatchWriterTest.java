package dev.lastword.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchWriterTest {
    private static final byte[] KEY = {'k'};

    private final BatchWriter writer = new BatchWriter();

    @Test
    void the_size_of_a_record_is_foretold_exactly() throws Exception {
        Seeds.check(
                200,
                random -> {
                    long base = Samples.baseOffset(random);
                    writer.begin(ByteBuffer.allocate(1 << 20), base, Compression.NONE);
                    List<LogRecord> records = Samples.records(random, base);
                    long baseTimestamp = records.getFirst().timestamp();
                    for (LogRecord r : records) {
                        int before = writer.sizeSoFar();
                        writer.append(r.offset(), r.timestamp(), r.key(), r.value(), r.headers());
                        int size = writer.sizeSoFar() - before;
                        assertEquals(
                                size,
                                BatchWriter.sizeOf(
                                        r.timestamp() - baseTimestamp,
                                        (int) (r.offset() - base),
                                        r.key(),
                                        r.value(),
                                        r.headers()));
                        int max = BatchWriter.maxSizeOf(r.key(), r.value(), r.headers());
                        assertTrue(size <= max && max <= size + 14, size + " of " + max);
                    }
                    int expected = writer.sizeSoFar();
                    assertEquals(records.size(), writer.count());
                    assertEquals(expected, writer.end());
                });
    }

    @Test
    void the_length_of_a_header_name_is_that_of_its_utf8_bytes() throws Exception {
        Seeds.check(
                100,
                random -> {
                    StringBuilder text = new StringBuilder();
                    for (int n = random.nextInt(20); n > 0; n--) {
                        switch (random.nextInt(4)) {
                            case 0 -> text.append((char) random.nextInt(0x80));
                            case 1 -> text.append((char) random.nextInt(0x800));
                            case 2 -> text.append((char) (0xD800 + random.nextInt(0x800)));
                            default -> text.appendCodePoint(random.nextInt(0x110000));
                        }
                    }
                    assertEquals(
                            text.toString().getBytes(StandardCharsets.UTF_8).length,
                            RecordCodec.utf8Bytes(text.toString()));
                });
    }

    @Test
    void where_a_character_takes_a_byte_more_its_length_is_right() {
        for (int code : new int[] {0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000}) {
            String text = Character.toString(code);
            assertEquals(
                    text.getBytes(StandardCharsets.UTF_8).length,
                    RecordCodec.utf8Bytes(text),
                    () -> "U+%04X".formatted(code));
        }
    }

    @Test
    void batches_follow_each_other_in_one_buffer() throws Exception {
        ByteBuffer out = ByteBuffer.allocateDirect(1000).position(7);
        writer.begin(out, 10, Compression.NONE);
        writer.append(10, 5, KEY, null, List.of());
        assertEquals(7, out.position(), "moved by end only");
        int expected = writer.sizeSoFar();
        int first = writer.end();
        assertEquals(expected, first);
        assertEquals(7 + first, out.position());
        writer.begin(out, 11, Compression.NONE);
        writer.append(20, 6, null, KEY, List.of());
        int second = writer.end();
        assertEquals(7 + first + second, out.position());
        out.flip();
        RecordBatch batch = new RecordBatch().wrap(out, 7);
        assertEquals(List.of(new LogRecord(10, 5, KEY, null, List.of())), Samples.recordsOf(batch));
        batch.wrap(out, 7 + batch.sizeInBytes()).ensureValid();
        assertEquals(List.of(new LogRecord(20, 6, null, KEY, List.of())), Samples.recordsOf(batch));
        assertEquals(11, batch.baseOffset());
        assertEquals(21, batch.nextOffset());
    }

    @Test
    void records_that_packing_makes_no_smaller_stay_as_they_are() throws Exception {
        byte[] value = new byte[300];
        new Random(1).nextBytes(value);
        List<LogRecord> records = List.of(new LogRecord(3, 5, KEY, value, List.of()));
        for (Compression compression : List.of(Compression.LZ4, Compression.ZSTD)) {
            ByteBuffer out = ByteBuffer.allocate(1000);
            writer.begin(out, 3, compression);
            writer.append(3, 5, KEY, value, List.of());
            byte[] batch = new byte[writer.end()];
            out.flip().get(batch);
            assertEquals(ByteBuffer.wrap(Samples.batch(3, records)), ByteBuffer.wrap(batch));
        }
    }

    @Test
    void a_copied_record_is_the_record() throws Exception {
        Seeds.check(
                50,
                random -> {
                    long base = Samples.baseOffset(random);
                    List<LogRecord> records = Samples.records(random, base);
                    ByteBuffer source = Samples.placed(random, Samples.batch(base, records));
                    RecordCursor cursor =
                            new RecordBatch().wrap(source, source.position()).cursor();
                    ByteBuffer out = ByteBuffer.allocate(source.capacity() + 1000);
                    writer.begin(out, base, Compression.NONE);
                    while (cursor.next()) {
                        writer.append(cursor);
                    }
                    byte[] copy = new byte[writer.end()];
                    out.flip().get(copy);
                    assertEquals(
                            ByteBuffer.wrap(Samples.batch(base, records)), ByteBuffer.wrap(copy));
                });
    }

    @Test
    void a_record_that_does_not_fit_leaves_the_batch_as_it_was() throws Exception {
        byte[] whole = Samples.plainBatch(2);
        for (int room = 0; room < whole.length; room++) {
            ByteBuffer out = ByteBuffer.allocate(200).limit(room);
            if (room < RecordBatch.HEADER_BYTES) {
                assertThrows(
                        BufferOverflowException.class,
                        () -> writer.begin(out, 100, Compression.NONE));
                continue;
            }
            writer.begin(out, 100, Compression.NONE);
            if (room < RecordBatch.HEADER_BYTES + 9) {
                assertThrows(BufferOverflowException.class, () -> append(100));
                assertEquals(0, writer.count());
                continue;
            }
            append(100);
            assertThrows(BufferOverflowException.class, () -> append(101));
            assertEquals(1, writer.count());
            byte[] batch = new byte[writer.end()];
            out.flip().get(batch);
            assertEquals(ByteBuffer.wrap(Samples.plainBatch(1)), ByteBuffer.wrap(batch));
        }
    }

    private void append(long offset) {
        writer.append(offset, 1_000, KEY, new byte[] {'v'}, List.of());
    }

    @Test
    void an_offset_must_ascend_and_fit_31_bits() {
        assertThrows(
                IllegalArgumentException.class,
                () -> writer.begin(ByteBuffer.allocate(100), -1, Compression.NONE));
        writer.begin(ByteBuffer.allocate(100), 100, Compression.NONE);
        assertThrows(IllegalArgumentException.class, () -> append(99));
        append(101);
        assertThrows(IllegalArgumentException.class, () -> append(101));
        assertThrows(IllegalArgumentException.class, () -> append(100 + (1L << 31)));
        append(99 + (1L << 31));
        assertEquals(2, writer.count());
    }

    @Test
    void a_timestamp_before_1970_is_refused() {
        writer.begin(ByteBuffer.allocate(100), 100, Compression.NONE);
        assertThrows(
                IllegalArgumentException.class, () -> writer.append(1, -2, KEY, KEY, List.of()));
    }

    @Test
    void a_batch_without_records_is_not_ended() {
        assertThrows(IllegalStateException.class, writer::end);
        writer.begin(ByteBuffer.allocate(100), 100, Compression.NONE);
        assertThrows(IllegalStateException.class, writer::end);
        append(100);
        writer.end();
        assertThrows(IllegalStateException.class, writer::end);
    }

    @Test
    void the_byte_order_of_the_callers_buffer_does_not_matter() throws Exception {
        ByteBuffer out = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        writer.begin(out, 100, Compression.NONE);
        append(100);
        byte[] batch = new byte[writer.end()];
        assertEquals(ByteOrder.LITTLE_ENDIAN, out.order());
        new RecordBatch().wrap(out.flip(), 0).ensureValid();
        out.get(batch);
        assertEquals(ByteBuffer.wrap(Samples.plainBatch(1)), ByteBuffer.wrap(batch));
    }

    @Test
    void a_record_too_long_for_an_int_is_refused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> RecordCodec.bodyBytes(0, 0, Integer.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> RecordCodec.bodyBytes(0, 0, 1L << 32));
        int longest = Integer.MAX_VALUE - Varints.INT_BYTES_MAX; // with its length an int holds it
        assertEquals(longest, RecordCodec.bodyBytes(0, 0, longest - 3));
        assertThrows(
                IllegalArgumentException.class, () -> RecordCodec.bodyBytes(0, 0, longest - 2));
    }
}
