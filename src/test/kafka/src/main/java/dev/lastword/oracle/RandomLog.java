package dev.lastword.oracle;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.server.common.TransactionVersion;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/// Writes a small log of everything that a broker's log may hold: `random DIR SEED BATCHES
/// SEGMENT_BYTES KINDS`. KINDS `plain`: keyed records of producers without idempotence, in every
/// codec; `all`: records without key, idempotent producers, transactions that are committed,
/// aborted or, at the end, left open too. The active segment is empty at the end, so that a cleaning
/// sees all.
final class RandomLog {
    private static final int KEYS = 40;
    private static final int PRODUCERS = 4;

    private final Random random;
    private final KafkaLog log;
    private final boolean all;
    private final int[] sequences = new int[PRODUCERS];
    private final boolean[] inTransaction = new boolean[PRODUCERS];
    private long timestamp = 1_700_000_000_000L;

    private RandomLog(Random random, KafkaLog log, boolean all) {
        this.random = random;
        this.log = log;
        this.all = all;
    }

    static void run(String[] args, PrintStream out) throws Exception {
        boolean all = args[4].equals("all");
        String policy = all ? "delete" : "compact"; // a compacted log takes no records without key
        try (KafkaLog log = new KafkaLog(Path.of(args[0]), Integer.parseInt(args[3]), 0, policy)) {
            RandomLog writer = new RandomLog(new Random(Long.parseLong(args[1])), log, all);
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                writer.step();
            }
            writer.end();
        }
    }

    private void step() throws Exception {
        timestamp += random.nextInt(100);
        int producer = random.nextInt(PRODUCERS);
        if (!all || random.nextInt(3) == 0) {
            append(MemoryRecords.withRecords(codec(), records()), AppendOrigin.CLIENT);
        } else if (inTransaction[producer] && random.nextInt(3) == 0) {
            endTransaction(producer, random.nextBoolean());
        } else if (producer == 0) {
            SimpleRecord[] records = records();
            append(
                    MemoryRecords.withIdempotentRecords(
                            codec(), producer, (short) 0, next(producer, records), records),
                    AppendOrigin.CLIENT);
        } else {
            SimpleRecord[] records = records();
            inTransaction[producer] = true;
            append(
                    MemoryRecords.withTransactionalRecords(
                            codec(), producer, (short) 0, next(producer, records), records),
                    AppendOrigin.CLIENT);
        }
        if (random.nextInt(40) == 0) {
            log.log.roll();
        }
    }

    private void end() throws Exception {
        boolean leaveOpen = random.nextInt(3) == 0;
        for (int p = 0; p < PRODUCERS; p++) {
            if (inTransaction[p] && !leaveOpen) {
                endTransaction(p, random.nextBoolean());
            }
        }
        log.log.roll();
    }

    private int next(int producer, SimpleRecord[] records) {
        int sequence = sequences[producer];
        sequences[producer] += records.length;
        return sequence;
    }

    private void endTransaction(int producer, boolean commit) throws Exception {
        inTransaction[producer] = false;
        var type = commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
        append(
                MemoryRecords.withEndTransactionMarker(
                        0, timestamp, 0, producer, (short) 0, new EndTransactionMarker(type, 0)),
                AppendOrigin.COORDINATOR);
    }

    private void append(MemoryRecords records, AppendOrigin origin) throws Exception {
        log.log.appendAsLeader(
                records,
                0,
                origin,
                RequestLocal.noCaching(),
                VerificationGuard.SENTINEL,
                TransactionVersion.TV_0.featureLevel());
        log.log.updateHighWatermark(log.log.logEndOffset());
    }

    private Compression codec() {
        CompressionType[] types = CompressionType.values();
        return Compression.of(types[random.nextInt(types.length)]).build();
    }

    private SimpleRecord[] records() {
        SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(8)];
        for (int i = 0; i < records.length; i++) {
            boolean keyless = all && random.nextInt(20) == 0;
            byte[] key = keyless ? null : bytes("key-" + random.nextInt(KEYS));
            boolean tombstone = !keyless && random.nextInt(6) == 0;
            byte[] value =
                    tombstone ? null : bytes("value-".repeat(random.nextInt(12)) + random.nextInt());
            RecordHeader[] headers =
                    random.nextInt(4) == 0
                            ? new RecordHeader[] {new RecordHeader("h", bytes("x"))}
                            : new RecordHeader[0];
            records[i] = new SimpleRecord(timestamp + i, key, value, headers);
        }
        return records;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
