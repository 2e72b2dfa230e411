package dev.lastword.oracle;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/// A partition directory `<topic>-<partition>` as Kafka's broker opens it, without a broker.
final class KafkaLog implements AutoCloseable {
    final UnifiedLog log;
    private final KafkaScheduler scheduler = new KafkaScheduler(1);

    KafkaLog(Path directory, int segmentBytes, long deleteRetentionMs) throws Exception {
        this(directory, segmentBytes, deleteRetentionMs, "compact");
    }

    KafkaLog(Path directory, int segmentBytes, long deleteRetentionMs, String cleanupPolicy)
            throws Exception {
        this(directory, segmentBytes, deleteRetentionMs, cleanupPolicy, true);
    }

    /// @param orderly whether the broker is to take it for stopped in order; else it reads the log
    ///   and what its producers did last
    KafkaLog(
            Path directory,
            int segmentBytes,
            long deleteRetentionMs,
            String cleanupPolicy,
            boolean orderly)
            throws Exception {
        Properties p = new Properties();
        p.put("internal.segment.bytes", Integer.toString(segmentBytes)); // may be small
        p.put("cleanup.policy", cleanupPolicy);
        p.put("delete.retention.ms", Long.toString(deleteRetentionMs));
        p.put("max.message.bytes", "10485760");
        p.put("file.delete.delay.ms", "0");
        Files.createDirectories(directory);
        File file = directory.toFile();
        scheduler.startup();
        log =
                UnifiedLog.create(
                        file,
                        new LogConfig(p),
                        0,
                        0,
                        scheduler,
                        new BrokerTopicStats(),
                        Time.SYSTEM,
                        300_000,
                        new ProducerStateManagerConfig(86_400_000, false),
                        600_000,
                        new LogDirFailureChannel(10),
                        orderly,
                        Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
    }

    @Override
    public void close() throws Exception {
        log.flush(true);
        log.close();
        scheduler.shutdown();
    }

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
