package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.compress.Compression;
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

/// A partition directory as a broker leaves it, its batches written and read by Kafka's own
/// classes. Records are told as `key=value`, tombstones as `key`, records without a key as
/// `=value`.
final class BrokerLog {
    static final Path LOG_DIRECTORY = SimulatedDisk.MOUNT.resolve("kafka");
    static final Path PARTITION = LOG_DIRECTORY.resolve("t-0");
    static final long TIME = 1_700_000_000_000L;
    private static final int LEADER_EPOCH = 42;

    private final Disk disk;
    private final ByteArrayOutputStream segment = new ByteArrayOutputStream();
    private long base;
    private long next;
    long timestamp = TIME;

    BrokerLog(Disk disk) throws IOException {
        this.disk = disk;
        disk.createDirectories(PARTITION);
        write(".kafka_cleanshutdown", "");
        write("meta.properties", "version=1\n");
        disk.syncDirectory(LOG_DIRECTORY);
        disk.syncDirectory(SimulatedDisk.MOUNT);
    }

    /// Writes a file of the log directory durably.
    void write(String name, String content) throws IOException {
        disk.writeAtomically(LOG_DIRECTORY.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    }

    long next() {
        return next;
    }

    BrokerLog skipTo(long offset) {
        next = offset;
        return this;
    }

    BrokerLog plain(String... records) {
        return data(
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                records);
    }

    BrokerLog idempotent(long producer, int sequence, String... records) {
        return data(producer, (short) 0, sequence, false, records);
    }

    BrokerLog transactional(long producer, int sequence, String... records) {
        return data(producer, (short) 0, sequence, true, records);
    }

    private BrokerLog data(
            long producer, short epoch, int sequence, boolean transactional, String... records) {
        MemoryRecordsBuilder builder = builder(producer, epoch, sequence, transactional, false);
        for (String r : records) {
            builder.append(record(r));
        }
        next += records.length;
        return add(builder);
    }

    private MemoryRecordsBuilder builder(
            long producer, short epoch, int sequence, boolean transactional, boolean control) {
        return new MemoryRecordsBuilder(
                new ByteBufferOutputStream(512),
                RecordBatch.MAGIC_VALUE_V2,
                Compression.NONE,
                TimestampType.CREATE_TIME,
                next,
                RecordBatch.NO_TIMESTAMP,
                producer,
                epoch,
                sequence,
                transactional,
                control,
                LEADER_EPOCH,
                Integer.MAX_VALUE);
    }

    private SimpleRecord record(String text) {
        int equals = text.indexOf('=');
        String key = equals < 0 ? text : text.substring(0, equals);
        return new SimpleRecord(
                timestamp,
                key.isEmpty() ? null : bytes(key),
                equals < 0 ? null : bytes(text.substring(equals + 1)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    BrokerLog commit(long producer) {
        return marker(producer, (short) 0, ControlRecordType.COMMIT);
    }

    BrokerLog abort(long producer) {
        return marker(producer, (short) 0, ControlRecordType.ABORT);
    }

    BrokerLog marker(long producer, short epoch, ControlRecordType type) {
        MemoryRecordsBuilder builder =
                builder(producer, epoch, RecordBatch.NO_SEQUENCE, true, true);
        builder.appendEndTxnMarker(timestamp, new EndTransactionMarker(type, 0));
        next++;
        return add(builder);
    }

    private BrokerLog add(MemoryRecordsBuilder builder) {
        segment.writeBytes(toArray(builder.build().buffer()));
        return this;
    }

    /// Takes bytes in as they are.
    BrokerLog raw(byte[] batch, long nextOffset) {
        segment.writeBytes(batch);
        next = nextOffset;
        return this;
    }

    private static byte[] toArray(ByteBuffer buffer) {
        byte[] array = new byte[buffer.remaining()];
        buffer.duplicate().get(array);
        return array;
    }

    /// Ends the active segment; the next is empty so far.
    BrokerLog roll() throws IOException {
        close();
        base = next;
        segment.reset();
        close();
        return this;
    }

    /// Writes the active segment out.
    void close() throws IOException {
        Path file = file(base, ".log");
        try (DiskFile out = disk.open(file, OpenMode.CREATE)) {
            out.write(ByteBuffer.wrap(segment.toByteArray()), 0);
            out.sync();
        }
        disk.syncDirectory(PARTITION);
    }

    static Path file(long base, String kind) {
        return PARTITION.resolve(String.format(Locale.ROOT, "%020d", base) + kind);
    }

    /// Base offsets of the segments of a disk.
    static List<Long> bases(Disk disk) throws IOException {
        List<Long> bases = new ArrayList<>();
        for (Path p : disk.list(PARTITION)) {
            String name = String.valueOf(p.getFileName());
            if (name.endsWith(".log")) {
                bases.add(Long.parseLong(name.substring(0, 20)));
            }
        }
        return bases;
    }

    /// All batches of a disk's partition, checked by Kafka.
    static List<MutableRecordBatch> batches(Disk disk) throws IOException {
        List<MutableRecordBatch> batches = new ArrayList<>();
        for (long base : bases(disk)) {
            byte[] content = disk.readAll(file(base, ".log"));
            for (MutableRecordBatch b :
                    MemoryRecords.readableRecords(ByteBuffer.wrap(content)).batches()) {
                b.ensureValid();
                batches.add(b);
            }
        }
        return batches;
    }

    /// What Kafka finds there: `3:key=value`, `4:key`, `5:COMMIT 7` of producer 7, `6-8:EMPTY 7`.
    static List<String> content(Disk disk) {
        try {
            List<String> content = new ArrayList<>();
            for (MutableRecordBatch b : batches(disk)) {
                if (b.countOrNull() == 0) {
                    content.add(b.baseOffset() + "-" + b.lastOffset() + ":EMPTY " + b.producerId());
                }
                for (Record r : b) {
                    content.add(r.offset() + ":" + text(b, r));
                }
            }
            return content;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(RecordBatch batch, Record record) {
        if (batch.isControlBatch()) {
            return ControlRecordType.parse(record.key()) + " " + batch.producerId();
        }
        String key = record.hasKey() ? Utils.utf8(record.key()) : "";
        return record.hasValue() ? key + "=" + Utils.utf8(record.value()) : key;
    }
}
