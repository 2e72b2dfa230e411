package dev.lastword.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.record.BatchWriter;
import dev.lastword.record.Compression;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.MutableRecordBatch;
import org.apache.kafka.common.record.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Compressed batches: what Kafka's client packs is read here, what is packed here Kafka's client
/// reads.
class KafkaCompressionTest {
    private static final long SEED = Long.getLong("seed", 4711);

    private static org.apache.kafka.common.compress.Compression kafka(Compression codec) {
        return org.apache.kafka.common.compress.Compression.of(CompressionType.forId(codec.id()))
                .build();
    }

    /// Records from tiny to some hundred kilobytes, well packable and not, tombstones, headers.
    private static List<LogRecord> records(int count, int valueBytesMax) {
        Random random = new Random(SEED);
        List<LogRecord> records = new ArrayList<>();
        long offset = 1_000_000;
        for (int i = 0; i < count; i++) {
            byte[] key = ("key-" + random.nextInt(50)).getBytes(StandardCharsets.UTF_8);
            byte[] value = null;
            if (random.nextInt(5) > 0) {
                value = new byte[random.nextInt(valueBytesMax)];
                if (random.nextBoolean()) {
                    random.nextBytes(value);
                }
            }
            var headers =
                    i % 3 == 0
                            ? List.of(new dev.lastword.record.Header("h", new byte[] {1, 2}))
                            : List.<dev.lastword.record.Header>of();
            records.add(new LogRecord(offset, 1_700_000_000_000L + i, key, value, headers));
            offset += 1 + random.nextInt(3);
        }
        return records;
    }

    private static ByteBuffer packedByKafka(Compression codec, List<LogRecord> records) {
        ByteBuffer out = ByteBuffer.allocate(1 << 20);
        MemoryRecordsBuilder builder =
                MemoryRecords.builder(
                        out,
                        kafka(codec),
                        org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                        records.getFirst().offset());
        for (LogRecord r : records) {
            var headers =
                    r.headers().stream()
                            .map(h -> new RecordHeader(h.name(), h.value()))
                            .toArray(RecordHeader[]::new);
            builder.appendWithOffset(r.offset(), r.timestamp(), r.key(), r.value(), headers);
        }
        return builder.build().buffer();
    }

    private static ByteBuffer direct(ByteBuffer heap) {
        return ByteBuffer.allocateDirect(heap.remaining()).put(heap.duplicate()).flip();
    }

    private static List<LogRecord> read(RecordBatch batch) throws Exception {
        List<LogRecord> records = new ArrayList<>();
        RecordCursor cursor = batch.cursor();
        while (cursor.next()) {
            records.add(cursor.toRecord());
        }
        return records;
    }

    private static void assertSame(List<LogRecord> expected, List<LogRecord> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            LogRecord e = expected.get(i);
            LogRecord a = actual.get(i);
            assertEquals(e.offset(), a.offset());
            assertEquals(e.timestamp(), a.timestamp());
            assertArrayEquals(e.key(), a.key());
            assertArrayEquals(e.value(), a.value());
            assertEquals(e.headers().size(), a.headers().size());
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void what_kafka_packs_is_read_one_for_one(Compression codec) throws Exception {
        for (int bytes : new int[] {20, 3_000, 200_000}) {
            List<LogRecord> records = records(40, bytes);
            ByteBuffer packed = packedByKafka(codec, records);
            for (ByteBuffer buffer : List.of(packed, direct(packed))) {
                RecordBatch batch = new RecordBatch().wrap(buffer, 0);
                batch.ensureValid();
                assertEquals(codec, batch.compression());
                assertSame(records, read(batch));
                assertSame(records, read(batch));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void what_is_packed_here_kafka_reads_one_for_one(Compression codec) throws Exception {
        for (int bytes : new int[] {20, 3_000, 200_000}) {
            List<LogRecord> records = records(40, bytes);
            ByteBuffer out = ByteBuffer.allocateDirect(16 << 20);
            BatchWriter writer = new BatchWriter();
            writer.begin(out, records.getFirst().offset(), codec);
            for (LogRecord r : records) {
                writer.append(r.offset(), r.timestamp(), r.key(), r.value(), r.headers());
            }
            int size = writer.end();
            assertEquals(size, out.position());
            out.flip();
            assertEquals(codec, new RecordBatch().wrap(out, 0).compression());
            List<LogRecord> byKafka = new ArrayList<>();
            for (MutableRecordBatch b : MemoryRecords.readableRecords(out).batches()) {
                b.ensureValid();
                for (Record r : b) {
                    byKafka.add(
                            new LogRecord(
                                    r.offset(),
                                    r.timestamp(),
                                    bytes(r.key()),
                                    bytes(r.value()),
                                    java.util.Arrays.stream(r.headers())
                                            .map(h ->
                                                    new dev.lastword.record.Header(
                                                            h.key(), h.value()))
                                            .toList()));
                }
            }
            assertSame(records, byKafka);
            assertSame(records, read(new RecordBatch().wrap(out, 0)));
        }
    }

    private static byte[] bytes(ByteBuffer b) {
        if (b == null) {
            return null;
        }
        byte[] bytes = new byte[b.remaining()];
        b.duplicate().get(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void a_batch_that_loses_records_keeps_its_codec_and_the_other_records(Compression codec)
            throws Exception {
        List<LogRecord> records = records(60, 2_000);
        RecordBatch batch = new RecordBatch().wrap(direct(packedByKafka(codec, records)), 0);
        Random random = new Random(SEED);
        for (int round = 0; round < 20; round++) {
            BitSet retained = new BitSet();
            List<LogRecord> kept = new ArrayList<>();
            for (int i = 0; i < records.size(); i++) {
                if (random.nextInt(20) > round) {
                    retained.set(i);
                    kept.add(records.get(i));
                }
            }
            long horizon = random.nextBoolean() ? 1_800_000_000_000L : -1;
            ByteBuffer out = ByteBuffer.allocateDirect(BatchWriter.rewriteBound(batch));
            new BatchWriter().rewrite(batch, retained, horizon, out);
            RecordBatch rewritten = new RecordBatch().wrap(out.flip(), 0);
            rewritten.ensureValid();
            assertSame(kept, read(rewritten));
            assertEquals(batch.baseOffset(), rewritten.baseOffset());
            assertEquals(batch.lastOffset(), rewritten.lastOffset());
            if (!kept.isEmpty()) {
                assertEquals(horizon, rewritten.deleteHorizonMs());
            }
            if (kept.size() > 5) {
                assertEquals(codec, rewritten.compression());
            }
            for (MutableRecordBatch b : MemoryRecords.readableRecords(out).batches()) {
                b.ensureValid();
                int n = 0;
                for (Record r : b) {
                    assertEquals(kept.get(n++).offset(), r.offset());
                }
                assertEquals(kept.size(), n);
            }
        }
    }

    @Test
    void what_would_not_get_smaller_is_stored_plain() throws Exception {
        byte[] noise = new byte[100];
        new Random(SEED).nextBytes(noise);
        for (Compression codec : Compression.values()) {
            ByteBuffer out = ByteBuffer.allocate(1000);
            BatchWriter writer = new BatchWriter();
            writer.begin(out, 0, codec);
            writer.append(0, 0, noise, noise, List.of());
            writer.end();
            RecordBatch batch = new RecordBatch().wrap(out.flip(), 0);
            batch.ensureValid();
            assertArrayEquals(noise, read(batch).getFirst().value());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void flipped_bits_under_a_right_crc_are_damage_or_records_and_nothing_else(Compression codec)
            throws Exception {
        byte[] packed = bytes(packedByKafka(codec, records(12, 60)));
        int damage = 0;
        for (int bit = 61 * 8; bit < packed.length * 8; bit++) {
            byte[] flipped = packed.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertTrue(!new RecordBatch().wrap(ByteBuffer.wrap(flipped), 0).isCrcValid());
            CRC32C crc = new CRC32C();
            crc.update(flipped, 21, flipped.length - 21);
            ByteBuffer.wrap(flipped).putInt(17, (int) crc.getValue());
            RecordBatch batch = new RecordBatch().wrap(ByteBuffer.wrap(flipped), 0);
            batch.ensureValid();
            try {
                read(batch);
            } catch (CorruptBatchException e) {
                damage++;
            }
        }
        assertTrue(damage > 0);
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "LZ4", "ZSTD", "SNAPPY"})
    void a_batch_that_unpacks_to_more_than_can_be_meant_is_damage(Compression codec) {
        ByteBuffer bomb = ByteBuffer.allocate(32 << 20);
        try (MemoryRecordsBuilder builder =
                MemoryRecords.builder(
                        bomb,
                        kafka(codec),
                        org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                        0)) {
            byte[] zeros = new byte[30 << 20];
            for (int i = 0; i < 9; i++) {
                builder.append(0, new byte[] {1}, zeros);
            }
            ByteBuffer packed = builder.build().buffer();
            assertTrue(packed.remaining() < 32 << 20);
            var e =
                    assertThrows(
                            CorruptBatchException.class,
                            () -> new RecordBatch().wrap(packed, 0).cursor());
            assertTrue(e.getMessage().contains("more than"), e.getMessage());
        }
    }
}
