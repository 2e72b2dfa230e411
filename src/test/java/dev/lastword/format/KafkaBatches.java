package dev.lastword.format;

import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.EndTransactionMarker;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.MutableRecordBatch;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.Utils;

/// Batches written and read by Kafka's own classes.
final class KafkaBatches {
    static final long LOG_APPEND_TIME = 1_750_000_000_000L;

    /// The kinds of batches that a broker's log holds.
    enum Kind {
        PLAIN,
        IDEMPOTENT,
        TRANSACTIONAL,
        LOG_APPEND_TIME,
        CONTROL;

        static Kind any(Random random) {
            return values()[random.nextInt(values().length)];
        }
    }

    private KafkaBatches() {}

    /// A batch of these records as a broker would hold it; of a [Kind#CONTROL] batch the only
    /// record is a marker at the first of their offsets.
    static byte[] batch(Kind kind, long baseOffset, List<LogRecord> records) {
        boolean hasProducer = kind != Kind.PLAIN && kind != Kind.LOG_APPEND_TIME;
        boolean control = kind == Kind.CONTROL;
        MemoryRecordsBuilder builder =
                new MemoryRecordsBuilder(
                        new ByteBufferOutputStream(512),
                        RecordBatch.MAGIC_VALUE_V2,
                        Compression.NONE,
                        kind == Kind.LOG_APPEND_TIME
                                ? TimestampType.LOG_APPEND_TIME
                                : TimestampType.CREATE_TIME,
                        baseOffset,
                        LOG_APPEND_TIME,
                        hasProducer ? 4711L << 32 : RecordBatch.NO_PRODUCER_ID,
                        hasProducer ? 12 : RecordBatch.NO_PRODUCER_EPOCH,
                        hasProducer && !control ? 777 : RecordBatch.NO_SEQUENCE,
                        control || kind == Kind.TRANSACTIONAL,
                        control,
                        hasProducer ? 42 : 0,
                        Integer.MAX_VALUE);
        if (control) {
            long time = Math.max(0, records.getFirst().timestamp());
            builder.appendEndTxnMarker(time, new EndTransactionMarker(ControlRecordType.COMMIT, 3));
        } else {
            for (LogRecord r : records) {
                builder.appendWithOffset(r.offset(), simple(r));
            }
        }
        return bytes(builder.build().buffer());
    }

    private static SimpleRecord simple(LogRecord record) {
        return new SimpleRecord(
                record.timestamp(),
                record.key(),
                record.value(),
                record.headers().stream()
                        .map(h -> new RecordHeader(h.name(), h.value()))
                        .toArray(RecordHeader[]::new));
    }

    /// The one batch in these bytes, checked by Kafka.
    static MutableRecordBatch read(byte[] bytes) {
        var batches = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches().iterator();
        MutableRecordBatch batch = batches.next();
        if (batches.hasNext() || batch.sizeInBytes() != bytes.length) {
            throw new AssertionError("more than one batch");
        }
        batch.ensureValid();
        return batch;
    }

    /// The records that Kafka finds in a batch.
    static List<LogRecord> records(Iterable<Record> batch) {
        List<LogRecord> records = new ArrayList<>();
        for (Record r : batch) {
            List<Header> headers = new ArrayList<>();
            for (var h : r.headers()) {
                headers.add(new Header(h.key(), h.value()));
            }
            records.add(
                    new LogRecord(
                            r.offset(),
                            r.timestamp(),
                            Utils.toNullableArray(r.key()),
                            Utils.toNullableArray(r.value()),
                            headers));
        }
        return records;
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
