package dev.lastword.format;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.format.KafkaBatches.Kind;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import dev.lastword.record.Samples;
import dev.lastword.record.Seeds;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Damaged bytes are found, and bytes made to deceive do no harm.
class CorruptionTest {
    private final RecordBatch batch = new RecordBatch();

    @Test
    void a_flipped_bit_is_always_found() throws Exception {
        Seeds.check(
                5,
                random -> {
                    List<LogRecord> records = Samples.records(random, 1_000);
                    byte[] good =
                            Samples.batch(1_000, records.subList(0, Math.min(5, records.size())));
                    // Another batch behind it, so that a greater length finds bytes.
                    ByteBuffer log =
                            ByteBuffer.allocate(good.length * 2).put(good).put(good).flip();
                    for (int bit = 0; bit < good.length * 8; bit++) {
                        if (isCovered(bit / 8)) {
                            flip(log, bit);
                            assertTrue(isFoundBad(log), "bit " + bit);
                            flip(log, bit);
                        }
                    }
                    batch.wrap(log, 0).ensureValid();
                });
    }

    @Test
    void a_flip_in_base_offset_or_leader_epoch_is_not_for_the_crc_to_find() throws Exception {
        ByteBuffer log = ByteBuffer.wrap(Samples.plainBatch(3));
        for (int bit = 0; bit < log.capacity() * 8; bit++) {
            if (!isCovered(bit / 8)) {
                flip(log, bit);
                if (bit == 7) { // the sign of the base offset
                    assertTrue(isFoundBad(log));
                } else {
                    assertTrue(batch.wrap(log, 0).isCrcValid(), "bit " + bit);
                }
                flip(log, bit);
            }
        }
    }

    /// Kafka leaves bytes 0 to 7 (baseOffset) and 12 to 15 (partitionLeaderEpoch) out of the CRC.
    private static boolean isCovered(int at) {
        return at >= 16 || at >= 8 && at < 12;
    }

    private static void flip(ByteBuffer log, int bit) {
        log.put(bit / 8, (byte) (log.get(bit / 8) ^ 1 << bit % 8));
    }

    private boolean isFoundBad(ByteBuffer log) {
        try {
            batch.wrap(log, 0).ensureValid();
            return false;
        } catch (CorruptBatchException e) {
            return true;
        }
    }

    @Test
    void a_forged_batch_is_read_within_its_bounds_or_refused() throws Exception {
        int[] outcomes = new int[2];
        Seeds.check(
                10_000,
                random -> {
                    byte[] forged = forged(random);
                    ByteBuffer placed = Samples.placed(random, forged);
                    try {
                        batch.wrap(placed, placed.position()).ensureValid();
                        walk(placed.position(), forged.length);
                        assertEquals(
                                KafkaBatches.records(
                                        KafkaBatches.read(
                                                Arrays.copyOf(forged, batch.sizeInBytes()))),
                                Samples.recordsOf(batch));
                        outcomes[0]++;
                    } catch (CorruptBatchException e) {
                        outcomes[1]++;
                    }
                });
        if (Long.getLong("seed") == null) {
            assertTrue(outcomes[0] > 500, outcomes[0] + " read");
            assertTrue(outcomes[1] > 5_000, outcomes[1] + " refused");
        }
    }

    private void walk(int position, int length) throws Exception {
        RecordCursor cursor = batch.cursor();
        int end = position + length;
        int at = position + RecordBatch.HEADER_BYTES;
        int records = 0;
        long last = batch.baseOffset() - 1;
        while (cursor.next()) {
            records++;
            assertEquals(at, cursor.recordPosition());
            at += cursor.recordSize();
            assertTrue(at <= end);
            assertTrue(cursor.offset() > last && cursor.offset() <= batch.lastOffset());
            assertTrue(cursor.keyPosition() + Math.max(0, cursor.keyLength()) < at);
            assertTrue(cursor.valuePosition() + Math.max(0, cursor.valueLength()) < at);
            assertTrue(cursor.headersPosition() <= at);
            last = cursor.offset();
            cursor.toRecord();
        }
        assertEquals(batch.count(), records);
        assertEquals(position + batch.sizeInBytes(), at);
    }

    @Test
    void a_forged_batch_is_rewritten_within_the_bound_or_refused() throws Exception {
        Seeds.check(
                5_000,
                random -> {
                    ByteBuffer forged = ByteBuffer.wrap(forged(random));
                    try {
                        batch.wrap(forged, 0).ensureValid();
                        BitSet retained = new BitSet();
                        for (int i = 0; i < Math.min(100, batch.count()); i++) {
                            retained.set(i, random.nextBoolean());
                        }
                        boolean copied = retained.cardinality() == batch.count();
                        boolean wellFormed = isWellFormed(batch);
                        long horizon =
                                copied || random.nextBoolean()
                                        ? -1
                                        : random.nextLong(Long.MAX_VALUE);
                        ByteBuffer out = ByteBuffer.allocate(BatchWriter.rewriteBound(batch));
                        new BatchWriter().rewrite(batch, retained, horizon, out);
                        assertSound(out.flip(), wellFormed || horizon >= 0);
                    } catch (CorruptBatchException e) {
                        assertTrue(e.getMessage().contains("base offset"), e.getMessage());
                    }
                });
    }

    private static boolean isWellFormed(RecordBatch batch) {
        try {
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                // goes on
            }
            return true;
        } catch (CorruptBatchException e) {
            return false;
        }
    }

    /// Records that stay as they are are copied unread; those that get another form have been read.
    private void assertSound(ByteBuffer rewritten, boolean read) {
        assertDoesNotThrow(() -> {
            batch.wrap(rewritten, 0).ensureValid();
            if (read) {
                assertEquals(batch.count(), Samples.recordsOf(batch).size());
            }
        });
    }

    /// A batch with a few bytes changed, and the right CRC.
    private static byte[] forged(Random random) {
        long base = random.nextInt(1_000);
        List<LogRecord> records = Samples.records(random, base);
        records = records.subList(0, Math.min(records.size(), 1 + random.nextInt(6)));
        byte[] bytes =
                random.nextBoolean()
                        ? Samples.batch(base, records)
                        : KafkaBatches.batch(Kind.any(random), base, records);
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            boolean inHeader = random.nextInt(4) == 0;
            int at = inHeader ? random.nextInt(61) : random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = (byte) (bytes[at] + (random.nextBoolean() ? 1 : -1));
                case 3 ->
                        Arrays.fill(
                                bytes,
                                at,
                                Math.min(bytes.length, at + 1 + random.nextInt(12)),
                                (byte) (random.nextBoolean() ? 0xff : 0x80));
                default -> bytes = resized(random, bytes, at);
            }
        }
        return Samples.resealed(bytes);
    }

    /// Cuts bytes out, or puts some in, and sets the length right.
    private static byte[] resized(Random random, byte[] bytes, int at) {
        int from = Math.max(at, RecordBatch.HEADER_BYTES);
        int by = random.nextInt(9) - 4;
        if (from + Math.max(0, -by) > bytes.length) {
            return bytes;
        }
        byte[] result = Arrays.copyOf(bytes, bytes.length + by);
        System.arraycopy(
                bytes,
                from + Math.max(0, -by),
                result,
                from + Math.max(0, by),
                bytes.length - from - Math.max(0, -by));
        ByteBuffer.wrap(result).putInt(8, result.length - RecordBatch.LENGTH_PREFIX_BYTES);
        return result;
    }
}
