package dev.lastword.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.format.KafkaBatches.Kind;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.Samples;
import dev.lastword.record.Seeds;
import dev.lastword.record.TimestampType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecords.RecordFilter;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.utils.BufferSupplier;
import org.junit.jupiter.api.Test;

/// A batch that we rewrite is the batch that Kafka's cleaner makes of it
/// (`MemoryRecords.filterTo`).
class KafkaRewriteTest {
    private static final long HORIZON = 1_760_000_000_000L;

    private int sameBytes;
    private int sameRecords;

    @Test
    void a_rewritten_batch_is_the_one_that_kafka_makes() throws Exception {
        Seeds.check(
                1_500,
                random -> {
                    long base = Samples.baseOffset(random);
                    Kind kind = Kind.any(random);
                    byte[] source = KafkaBatches.batch(kind, base, Samples.records(random, base));
                    for (int pass = 0; pass < 3; pass++) {
                        source = rewriteBoth(random, source, HORIZON + pass);
                    }
                });
        if (Long.getLong("seed") == null) {
            assertTrue(sameBytes > 1_000, sameBytes + " results with the same bytes");
            assertTrue(sameRecords > 100, sameRecords + " results with the same records only");
        }
    }

    /// Rewrites with both and compares; returns our result.
    private byte[] rewriteBoth(Random random, byte[] source, long horizon) throws Exception {
        RecordBatch batch = new RecordBatch().wrap(ByteBuffer.wrap(source), 0);
        List<LogRecord> records = Samples.recordsOf(batch);
        BitSet retained = new BitSet();
        int share = random.nextInt(4);
        for (int i = 0; i < records.size(); i++) {
            retained.set(i, random.nextInt(4) <= share);
        }
        boolean stamp = random.nextInt(3) == 0;
        // Kafka itself stamps every batch that keeps a tombstone.
        boolean horizonWanted =
                stamp || retained.stream().anyMatch(i -> records.get(i).isTombstone());
        byte[] kafkas = filter(source, records, retained, stamp, horizon);
        ByteBuffer out = ByteBuffer.allocate(BatchWriter.rewriteBound(batch));
        new BatchWriter().rewrite(batch, retained, horizonWanted ? horizon : -1, out);
        byte[] ours = KafkaBatches.bytes(out.flip());
        if (sameBytesExpected(batch, records, retained, horizonWanted)) {
            assertArrayEquals(kafkas, ours);
            sameBytes++;
        } else {
            assertSameBatch(kafkas, ours);
            sameRecords++;
        }
        return ours;
    }

    /// Kafka counts timestamps from the first record that it keeps, we from where they were counted
    /// from: so records can be copied as they are. Under log append time Kafka also writes the
    /// batch's timestamp into each record. Where that makes no difference the bytes are the same.
    private static boolean sameBytesExpected(
            RecordBatch source, List<LogRecord> records, BitSet retained, boolean horizonWanted) {
        if (source.hasDeleteHorizon()
                || horizonWanted
                || retained.isEmpty()
                || retained.cardinality() == source.count()) {
            return true;
        }
        LogRecord firstKept = records.get(retained.nextSetBit(0));
        return source.timestampType() == TimestampType.CREATE_TIME
                && firstKept.timestamp() == source.baseTimestamp();
    }

    private static void assertSameBatch(byte[] kafkas, byte[] ours) throws Exception {
        var kafkasBatch = KafkaBatches.read(kafkas);
        var oursByKafka = KafkaBatches.read(ours);
        assertEquals(KafkaBatches.records(kafkasBatch), KafkaBatches.records(oursByKafka));
        assertEquals(KafkaBatches.records(kafkasBatch), Samples.recordsOf(ours));
        byte[] header = Arrays.copyOf(ours, RecordBatch.HEADER_BYTES);
        System.arraycopy(kafkas, 8, header, 8, 4); // length
        System.arraycopy(kafkas, 17, header, 17, 4); // crc
        System.arraycopy(kafkas, 27, header, 27, 8); // baseTimestamp
        assertArrayEquals(Arrays.copyOf(kafkas, RecordBatch.HEADER_BYTES), header);
    }

    private static byte[] filter(
            byte[] source, List<LogRecord> records, BitSet retained, boolean stamp, long horizon) {
        RecordFilter filter =
                new RecordFilter(horizon - 1_000, 1_000) {
                    @Override
                    protected BatchRetentionResult checkBatchRetention(
                            org.apache.kafka.common.record.RecordBatch batch) {
                        return new BatchRetentionResult(BatchRetention.RETAIN_EMPTY, stamp);
                    }

                    @Override
                    protected boolean shouldRetainRecord(
                            org.apache.kafka.common.record.RecordBatch batch, Record record) {
                        for (int i = 0; i < records.size(); i++) {
                            if (records.get(i).offset() == record.offset()) {
                                return retained.get(i);
                            }
                        }
                        throw new AssertionError("unknown offset " + record.offset());
                    }
                };
        ByteBuffer out = ByteBuffer.allocate(2 * source.length + 1_000);
        var result =
                MemoryRecords.readableRecords(ByteBuffer.wrap(source))
                        .filterTo(filter, out, BufferSupplier.NO_CACHING);
        return KafkaBatches.bytes(result.outputBuffer().flip());
    }
}
