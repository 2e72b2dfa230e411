package dev.lastword.oracle;

import java.io.PrintStream;
import java.nio.file.Path;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.utils.Throttler;

/// Cleans a log by Kafka's cleaner, up to the active segment or the
/// first open transaction: `clean DIR SEGMENT_BYTES
/// DELETE_RETENTION_MS NOW_MS MAP_MB`. Prints records and bytes read, bytes written and seconds.
final class Clean {
    static void run(String[] args, PrintStream out) throws Exception {
        int segmentBytes = Integer.parseInt(args[1]);
        long nowMs = Long.parseLong(args[3]);
        try (KafkaLog log =
                new KafkaLog(
                        Path.of(args[0]), segmentBytes, Long.parseLong(args[2]))) {
            Cleaner cleaner =
                    new Cleaner(
                            0,
                            new SkimpyOffsetMap(Integer.parseInt(args[4]) << 20),
                            1 << 19,
                            10 << 20,
                            0.9,
                            new Throttler(Double.MAX_VALUE, 300, "x", "y", Time.SYSTEM),
                            Time.SYSTEM,
                            partition -> {});
            long end =
                    Math.min(log.log.activeSegment().baseOffset(), log.log.lastStableOffset());
            long start = System.nanoTime();
            var result = cleaner.doClean(new LogToClean(log.log, 0, end, false), nowMs);
            double seconds = (System.nanoTime() - start) / 1e9;
            var stats = result.getValue();
            out.println(
                    KafkaLog.format(
                            "records %d bytesRead %d bytesWritten %d seconds %.3f",
                            stats.messagesRead(), stats.bytesRead(), stats.bytesWritten(), seconds));
        }
    }
}
