package dev.lastword.oracle;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.server.storage.log.FetchIsolation;

/// Looks up offsets and times in a log through its indexes, as a broker does for its consumers:
/// `find DIR SEGMENT_BYTES TIMESTAMP…`. One line for each offset from the start to the end of the
/// log (`o offset lastOffset`, of the batch that a read there begins with, -1 where there is none),
/// and one for each timestamp (`t timestamp offset`, of the first record that is not earlier, -1).
final class Find {
    static void run(String[] args, PrintStream out) throws Exception {
        try (KafkaLog log = new KafkaLog(Path.of(args[0]), Integer.parseInt(args[1]), 0)) {
            for (long o = log.log.logStartOffset(); o < log.log.logEndOffset(); o++) {
                out.println("o " + o + " " + batchAt(log, o));
            }
            for (int i = 2; i < args.length; i++) {
                long offset =
                        log.log
                                .fetchOffsetByTimestamp(Long.parseLong(args[i]), Optional.empty())
                                .timestampAndOffsetOpt()
                                .map(found -> found.offset)
                                .orElse(-1L);
                out.println("t " + args[i] + " " + offset);
            }
        }
    }

    private static long batchAt(KafkaLog log, long offset) throws Exception {
        var records = log.log.read(offset, 1, FetchIsolation.LOG_END, true).records;
        for (RecordBatch batch : records.batches()) {
            return batch.lastOffset();
        }
        return -1;
    }
}
