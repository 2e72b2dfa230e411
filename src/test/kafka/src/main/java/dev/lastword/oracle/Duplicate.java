package dev.lastword.oracle;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/// Appends a batch as a producer would that did not hear that it was stored: `duplicate DIR
/// SEGMENT_BYTES PRODUCER EPOCH SEQUENCE RECORDS ORDERLY`, the last whether the broker stopped in
/// order. Prints the log end offset before and after, and
/// the first offset that the producer is told.
final class Duplicate {
    static void run(String[] args, PrintStream out) throws Exception {
        SimpleRecord[] records = new SimpleRecord[Integer.parseInt(args[5])];
        Arrays.fill(
                records,
                new SimpleRecord(
                        System.currentTimeMillis(),
                        "duplicate".getBytes(StandardCharsets.US_ASCII),
                        new byte[1]));
        try (KafkaLog log =
                new KafkaLog(
                        Path.of(args[0]),
                        Integer.parseInt(args[1]),
                        0,
                        "compact",
                        Boolean.parseBoolean(args[6]))) {
            long before = log.log.logEndOffset();
            var told =
                    log.log.appendAsLeader(
                            MemoryRecords.withIdempotentRecords(
                                    Compression.NONE,
                                    Long.parseLong(args[2]),
                                    Short.parseShort(args[3]),
                                    Integer.parseInt(args[4]),
                                    records),
                            0);
            out.println(before + " " + log.log.logEndOffset() + " " + told.firstOffset());
        }
    }
}
