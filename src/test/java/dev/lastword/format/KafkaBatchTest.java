package dev.lastword.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lastword.format.KafkaBatches.Kind;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.Samples;
import dev.lastword.record.Seeds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MutableRecordBatch;
import org.apache.kafka.common.record.SimpleRecord;
import org.junit.jupiter.api.Test;

/// Kafka reads what we write, and we read what Kafka writes.
class KafkaBatchTest {

    @Test
    void kafka_reads_what_we_write() throws Exception {
        Seeds.check(
                400,
                random -> {
                    long base = Samples.baseOffset(random);
                    List<LogRecord> records = Samples.records(random, base);
                    MutableRecordBatch batch = KafkaBatches.read(Samples.batch(base, records));
                    assertEquals(records, KafkaBatches.records(batch));
                    assertEquals(base, batch.baseOffset());
                    assertEquals(records.getLast().offset(), batch.lastOffset());
                    assertEquals(records.size(), batch.countOrNull());
                });
    }

    @Test
    void we_write_the_bytes_that_kafka_writes() throws Exception {
        Seeds.check(
                400,
                random -> {
                    long base = Samples.baseOffset(random);
                    List<LogRecord> records = Samples.records(random, base);
                    assertArrayEquals(
                            KafkaBatches.batch(Kind.PLAIN, base, records),
                            Samples.batch(base, records));
                });
    }

    @Test
    void we_read_what_kafka_writes() throws Exception {
        RecordBatch ours = new RecordBatch();
        Seeds.check(
                600,
                random -> {
                    long base = Samples.baseOffset(random);
                    List<LogRecord> records = Samples.records(random, base);
                    Kind kind = Kind.any(random);
                    byte[] bytes = KafkaBatches.batch(kind, base, records);
                    ByteBuffer placed = Samples.placed(random, bytes);
                    ours.wrap(placed, placed.position()).ensureValid();
                    MutableRecordBatch kafkas = KafkaBatches.read(bytes);
                    assertSameHeader(kafkas, ours);
                    assertEquals(kafkas.lastOffset() + 1, ours.nextOffset());
                    assertEquals(kind == Kind.CONTROL, ours.isControl());
                    List<LogRecord> read = Samples.recordsOf(ours);
                    assertEquals(KafkaBatches.records(kafkas), read);
                    assertEquals(expected(kind, records, read), read);
                });
    }

    private static List<LogRecord> expected(
            Kind kind, List<LogRecord> written, List<LogRecord> read) {
        return switch (kind) {
            case CONTROL -> read;
            case LOG_APPEND_TIME -> at(KafkaBatches.LOG_APPEND_TIME, written);
            default -> written;
        };
    }

    private static List<LogRecord> at(long timestamp, List<LogRecord> records) {
        return records.stream()
                .map(r -> new LogRecord(r.offset(), timestamp, r.key(), r.value(), r.headers()))
                .toList();
    }

    /// Compares every field but baseTimestamp, which Kafka does not show everywhere.
    static void assertSameHeader(MutableRecordBatch kafkas, RecordBatch ours) {
        assertEquals(kafkas.sizeInBytes(), ours.sizeInBytes());
        assertEquals(kafkas.baseOffset(), ours.baseOffset());
        assertEquals(kafkas.lastOffset(), ours.lastOffset());
        assertEquals(kafkas.maxTimestamp(), ours.maxTimestamp());
        assertEquals(kafkas.partitionLeaderEpoch(), ours.partitionLeaderEpoch());
        assertEquals(kafkas.producerId(), ours.producerId());
        assertEquals(kafkas.producerEpoch(), ours.producerEpoch());
        assertEquals(kafkas.baseSequence(), ours.baseSequence());
        assertEquals(kafkas.isControlBatch(), ours.isControl());
        assertEquals(kafkas.isTransactional(), ours.isTransactional());
        assertEquals(kafkas.timestampType().name(), ours.timestampType().name());
        assertEquals(kafkas.compressionType().name(), ours.compression().name());
        assertEquals(kafkas.compressionType().id, ours.compression().id());
        assertEquals(kafkas.countOrNull(), ours.count());
        assertEquals(kafkas.checksum(), ours.crc());
        assertEquals(kafkas.deleteHorizonMs().orElse(-1), ours.deleteHorizonMs());
        assertEquals(kafkas.deleteHorizonMs().isPresent(), ours.hasDeleteHorizon());
    }

    @Test
    void the_header_of_a_batch_that_kafka_compressed_is_read() throws Exception {
        Compression[] codecs = {Compression.NONE, Compression.gzip().build()};
        for (Compression codec : codecs) {
            SimpleRecord[] records = new SimpleRecord[10];
            for (int i = 0; i < records.length; i++) {
                records[i] = new SimpleRecord(1_000 + i, new byte[5], new byte[100]);
            }
            byte[] bytes =
                    KafkaBatches.bytes(MemoryRecords.withRecords(500L, codec, records).buffer());
            RecordBatch ours = new RecordBatch().wrap(ByteBuffer.wrap(bytes), 0);
            ours.ensureValid();
            assertSameHeader(KafkaBatches.read(bytes), ours);
        }
    }

    @Test
    void batches_of_many_kinds_in_one_buffer_are_walked() throws Exception {
        Seeds.check(
                30,
                random -> {
                    List<byte[]> batches = new ArrayList<>();
                    int size = 0;
                    long base = 0;
                    for (int i = 0; i < 20; i++) {
                        batches.add(anyBatch(random, base));
                        size += batches.getLast().length;
                        base += 1L << 32;
                    }
                    ByteBuffer log = ByteBuffer.allocate(size);
                    batches.forEach(log::put);
                    log.flip();
                    RecordBatch ours = new RecordBatch();
                    int at = 0;
                    for (byte[] batch : batches) {
                        assertEquals(batch.length, RecordBatch.declaredSize(log, at));
                        ours.wrap(log, at).ensureValid();
                        assertEquals(
                                KafkaBatches.records(KafkaBatches.read(batch)),
                                Samples.recordsOf(ours));
                        at += ours.sizeInBytes();
                    }
                    assertEquals(size, at);
                });
    }

    private static byte[] anyBatch(Random random, long base) {
        List<LogRecord> records = Samples.records(random, base);
        return random.nextBoolean()
                ? Samples.batch(base, records)
                : KafkaBatches.batch(Kind.any(random), base, records);
    }
}
