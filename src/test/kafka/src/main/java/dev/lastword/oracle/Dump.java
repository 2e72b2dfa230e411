package dev.lastword.oracle;

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Base64;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.LogSegment;

/// Prints every batch and record of a log as Kafka reads it, after checking CRCs: `dump DIR
/// SEGMENT_BYTES`. One line for a batch (`b base last producer epoch sequence flags horizon count`),
/// one for a record (`r offset timestamp key value header=value…`), key and values in Base64 or `-`.
final class Dump {
    static void run(String[] args, PrintStream out) throws Exception {
        try (KafkaLog log =
                new KafkaLog(Path.of(args[0]), Integer.parseInt(args[1]), 0)) {
            for (LogSegment segment : log.log.logSegments()) {
                out.println("s " + segment.baseOffset());
                segment.timeIndex().sanityCheck();
                segment.offsetIndex().sanityCheck();
                print(segment.log(), out);
            }
            out.println("end " + log.log.logEndOffset());
        }
    }

    private static void print(FileRecords records, PrintStream out) {
        for (RecordBatch batch : records.batches()) {
            batch.ensureValid();
            int count = 0;
            StringBuilder lines = new StringBuilder();
            for (Record r : batch) {
                count++;
                lines.append("r ")
                        .append(r.offset())
                        .append(' ')
                        .append(r.timestamp())
                        .append(' ')
                        .append(text(r.key()))
                        .append(' ')
                        .append(text(r.value()));
                for (Header h : r.headers()) {
                    ByteBuffer value = h.value() == null ? null : ByteBuffer.wrap(h.value());
                    lines.append(' ').append(h.key()).append('=').append(text(value));
                }
                lines.append('\n');
            }
            out.println(
                    "b %d %d %d %d %d %s%s%s %d %d"
                            .formatted(
                                    batch.baseOffset(),
                                    batch.lastOffset(),
                                    batch.producerId(),
                                    batch.producerEpoch(),
                                    batch.baseSequence(),
                                    batch.compressionType().name,
                                    batch.isTransactional() ? " txn" : "",
                                    batch.isControlBatch() ? " control" : "",
                                    batch.deleteHorizonMs().orElse(-1),
                                    count));
            out.print(lines);
        }
    }

    private static String text(ByteBuffer bytes) {
        if (bytes == null) {
            return "-";
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return Base64.getEncoder().withoutPadding().encodeToString(copy);
    }
}
