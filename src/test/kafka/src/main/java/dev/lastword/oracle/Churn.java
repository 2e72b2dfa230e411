package dev.lastword.oracle;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.utils.Throttler;

/// Overwrites keys for long, few of them most of the time, and cleans whenever Kafka would: `churn
/// DIR KEYS VALUE_BYTES SEGMENT_BYTES ROUNDS`. Every key is written once, then in each round a
/// twentieth as many records; behind each round the log is cleaned if more than half of it is dirty
/// (`min.cleanable.dirty.ratio` 0.5). The key with rank r is taken with a probability that falls as
/// 1/r (Zipf). Prints what was appended, and what the cleaner read and wrote for it.
///
/// `deploy/bench/Churn.java` does the same with Lastword: the same keys in the same order.
final class Churn {
    private static final int BATCH = 100;
    private static final int ROUNDS_PER_KEYS = 20;
    private static final double DIRTY_RATIO_MIN = 0.5;

    static void run(String[] args, PrintStream out) throws Exception {
        int keys = Integer.parseInt(args[1]);
        int valueBytes = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[4]);
        SplittableRandom random = new SplittableRandom(42);
        try (KafkaLog log = new KafkaLog(Path.of(args[0]), Integer.parseInt(args[3]), 86_400_000)) {
            long appended = 0;
            long read = 0;
            long written = 0;
            long sizes = 0;
            long largest = 0;
            int cleanings = 0;
            long firstDirty = 0;
            for (int round = 0; round <= rounds; round++) {
                long before = log.log.logEndOffset() == 0 ? 0 : log.log.size();
                int records = round == 0 ? keys : keys / ROUNDS_PER_KEYS;
                for (int i = 0; i < records; i += BATCH) {
                    SimpleRecord[] batch = new SimpleRecord[BATCH];
                    for (int j = 0; j < BATCH; j++) {
                        int key =
                                round == 0
                                        ? i + j
                                        : (int) Math.pow(keys, random.nextDouble()) - 1;
                        byte[] value = new byte[valueBytes];
                        batch[j] =
                                new SimpleRecord(
                                        1_700_000_000_000L,
                                        "user-%010d".formatted(key).getBytes(StandardCharsets.US_ASCII),
                                        value);
                    }
                    log.log.appendAsLeader(MemoryRecords.withRecords(Compression.NONE, batch), 0);
                }
                if (round > 0) {
                    appended += log.log.size() - before;
                }
                log.log.updateHighWatermark(log.log.logEndOffset());
                sizes += log.log.size();
                largest = Math.max(largest, log.log.size());
                LogToClean due =
                        new LogToClean(
                                log.log, firstDirty, log.log.activeSegment().baseOffset(), false);
                if (round > 0 && due.cleanableRatio() > DIRTY_RATIO_MIN) {
                    var result = cleaner().doClean(due, System.currentTimeMillis());
                    firstDirty = result.getKey();
                    read += due.cleanableBytes() + result.getValue().bytesRead(); // for its map
                    written += result.getValue().bytesWritten();
                    cleanings++;
                }
            }
            out.println(
                    KafkaLog.format(
                            "appended %d bytesRead %d bytesWritten %d cleanings %d sizeMean %d"
                                    + " sizeMax %d",
                            appended, read, written, cleanings, sizes / (rounds + 1), largest));
        }
    }

    private static Cleaner cleaner() throws NoSuchAlgorithmException {
        return new Cleaner(
                0,
                new SkimpyOffsetMap(128 << 20),
                1 << 19,
                10 << 20,
                0.9,
                new Throttler(Double.MAX_VALUE, 300, "x", "y", Time.SYSTEM),
                Time.SYSTEM,
                partition -> {});
    }
}
