package dev.lastword.cli.offline;

import dev.lastword.io.DiskFile;
import dev.lastword.json.RecordJsonWriter;
import dev.lastword.log.BatchWalk;
import dev.lastword.log.ValueFormat;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import dev.lastword.record.TimestampType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/// Shows the batches and records of one `.log` file. Damage is shown where it is, and what follows
/// it too. Not thread-safe.
final class LogDump {
    private static final int CONTROL_KEY_BYTES = 4;

    private final Streams streams;
    private final boolean json;
    private final boolean batchesOnly;
    private final RecordJsonWriter records = new RecordJsonWriter(ValueFormat.AUTO);
    private String file = "";
    private int partition = -1;
    private boolean damaged;

    /// @param json records as the service's API has them, batches as objects of their own
    /// @param batchesOnly headers without records
    LogDump(Streams streams, boolean json, boolean batchesOnly) {
        this.streams = streams;
        this.json = json;
        this.batchesOnly = batchesOnly;
    }

    /// Shows one file.
    ///
    /// @param name what the file is called in what is shown
    /// @param partitionOrMinus the partition's number where it is known, else -1
    void show(DiskFile in, String name, int partitionOrMinus, long baseOffset) throws IOException {
        file = name;
        partition = partitionOrMinus;
        if (!json) {
            streams.line(name + ", " + String.format(Locale.ROOT, "%,d bytes", in.size()));
        }
        BatchWalk walk = new BatchWalk(in, baseOffset);
        for (BatchWalk.Step step = walk.next(); step != BatchWalk.Step.END; step = walk.next()) {
            if (step == BatchWalk.Step.DAMAGE) {
                damage(walk.position(), walk.end() - walk.position(), walk.damage());
            } else {
                batch(walk.position(), walk.batch());
            }
        }
    }

    /// Whether anything shown was damaged.
    boolean damaged() {
        return damaged;
    }

    private void damage(long position, long bytes, String what) throws IOException {
        damaged = true;
        if (!json) {
            streams.line("DAMAGED byte " + position + ", " + bytes + " bytes: " + what);
        } else if (batchesOnly) {
            streams.line(
                    new JsonLine("damage")
                            .put("file", file)
                            .put("position", position)
                            .put("bytes", bytes)
                            .put("what", what)
                            .toString());
        } else {
            streams.flush();
            streams.err()
                    .println(file + ":" + position + ": " + bytes + " bytes are damaged: " + what);
        }
    }

    private void batch(long position, RecordBatch batch) throws IOException {
        if (!json) {
            streams.line(header(position, batch));
        } else if (batchesOnly) {
            streams.line(jsonHeader(position, batch));
        }
        if (batchesOnly) {
            return;
        }
        try {
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                if (batch.isControl()) {
                    marker(cursor);
                } else if (json) {
                    jsonRecord(cursor.toRecord());
                } else {
                    record(cursor.toRecord());
                }
            }
        } catch (CorruptBatchException e) {
            damage(position, batch.sizeInBytes(), String.valueOf(e.getMessage()));
        }
    }

    private static String header(long position, RecordBatch b) {
        StringBuilder line = new StringBuilder("batch ").append(b.baseOffset());
        line.append(" to ").append(b.lastOffset());
        line.append(": byte ").append(position);
        line.append(", ").append(b.sizeInBytes()).append(" bytes, ");
        line.append(Texts.count(b.count(), "record"));
        line.append(", ").append(codec(b)).append(", up to ").append(Texts.time(b.maxTimestamp()));
        if (b.timestampType() == TimestampType.LOG_APPEND_TIME) {
            line.append(" (log append time)");
        }
        if (b.hasDeleteHorizon()) {
            line.append(", delete horizon ").append(Texts.time(b.deleteHorizonMs()));
        }
        if (b.producerId() >= 0) {
            line.append(", producer ").append(b.producerId());
            line.append(" epoch ").append(b.producerEpoch());
            line.append(" sequence ").append(b.baseSequence());
        }
        if (b.partitionLeaderEpoch() >= 0) {
            line.append(", leader epoch ").append(b.partitionLeaderEpoch());
        }
        if (b.isTransactional()) {
            line.append(", transactional");
        }
        if (b.isControl()) {
            line.append(", control");
        }
        return line.append(", CRC ok").toString();
    }

    private static String codec(RecordBatch b) {
        return b.compression().name().toLowerCase(Locale.ROOT);
    }

    private String jsonHeader(long position, RecordBatch b) {
        return new JsonLine("batch")
                .put("file", file)
                .put("position", position)
                .put("bytes", b.sizeInBytes())
                .put("baseOffset", b.baseOffset())
                .put("lastOffset", b.lastOffset())
                .put("records", b.count())
                .put("compression", codec(b))
                .put("timestampType", b.timestampType().name().toLowerCase(Locale.ROOT))
                .put("maxTimestamp", b.maxTimestamp())
                .putKnown("deleteHorizon", b.deleteHorizonMs())
                .put("producerId", b.producerId())
                .put("producerEpoch", b.producerEpoch())
                .put("baseSequence", b.baseSequence())
                .put("leaderEpoch", b.partitionLeaderEpoch())
                .put("transactional", b.isTransactional())
                .put("control", b.isControl())
                .put("crc", b.crc())
                .toString();
    }

    /// A record that a broker wrote to end a transaction; in JSON such are left out, for they are
    /// no data.
    private void marker(RecordCursor cursor) throws IOException {
        if (json) {
            return;
        }
        String type = "marker";
        byte[] key = cursor.key();
        if (key != null && key.length >= CONTROL_KEY_BYTES) {
            type =
                    switch (ByteBuffer.wrap(key).getShort(Short.BYTES)) {
                        case 0 -> "abort";
                        case 1 -> "commit";
                        default -> "marker " + ByteBuffer.wrap(key).getShort(Short.BYTES);
                    };
        }
        streams.line("  " + cursor.offset() + "  " + Texts.time(cursor.timestamp()) + "  " + type);
    }

    private void record(LogRecord r) throws IOException {
        String what = r.value() == null ? " deleted" : " = " + Texts.bytes(r.value());
        streams.line(
                "  "
                        + r.offset()
                        + "  "
                        + Texts.time(r.timestamp())
                        + "  "
                        + Texts.bytes(r.key())
                        + what);
        for (Header h : r.headers()) {
            streams.line("      " + h.name() + ": " + Texts.bytes(h.value()));
        }
    }

    private void jsonRecord(LogRecord r) throws IOException {
        records.clear();
        if (partition < 0) {
            records.write(r);
        } else {
            records.write(partition, r);
        }
        records.put('\n');
        streams.write(records.buffer(), 0, records.size());
    }
}
