package dev.lastword.oracle;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/// Writes a large log for the benchmarks: `generate DIR RECORDS KEYS VALUE_BYTES SEGMENT_MB CODEC
/// SKEW`, in batches of a hundred; one record in a hundred is a tombstone. SKEW 0: all keys alike;
/// else the rank of a key is `keys * u^SKEW` with u uniform, so that few keys get most records.
final class Generate {
    private static final int BATCH = 100;

    static void run(String[] args, PrintStream out) throws Exception {
        int records = Integer.parseInt(args[1]);
        int keys = Integer.parseInt(args[2]);
        int valueBytes = Integer.parseInt(args[3]);
        Compression codec = Compression.of(CompressionType.forName(args[5])).build();
        double skew = Double.parseDouble(args[6]);
        SplittableRandom random = new SplittableRandom(42);
        try (KafkaLog log =
                new KafkaLog(
                        Path.of(args[0]), Integer.parseInt(args[4]) << 20, 0)) {
            for (int i = 0; i < records; i += BATCH) {
                SimpleRecord[] batch = new SimpleRecord[BATCH];
                for (int j = 0; j < BATCH; j++) {
                    double u = random.nextDouble();
                    int key = (int) (keys * (skew == 0 ? u : Math.pow(u, skew)));
                    byte[] value = new byte[valueBytes];
                    for (int b = 0; b < valueBytes; b++) {
                        value[b] = (byte) ('a' + (i + j + b * 7 + (key & b)) % 26);
                    }
                    batch[j] =
                            new SimpleRecord(
                                    1_700_000_000_000L + i + j,
                                    ("user-%010d".formatted(key)).getBytes(StandardCharsets.US_ASCII),
                                    random.nextInt(100) == 0 ? null : value);
                }
                log.log.appendAsLeader(MemoryRecords.withRecords(codec, batch), 0);
            }
            out.printf(
                    "%d records, %d bytes, %d segments%n",
                    records, log.log.size(), log.log.numberOfSegments());
        }
    }
}
