import dev.lastword.cleaner.Cleaner;
import dev.lastword.cleaner.CleanerEvent;
import dev.lastword.cleaner.CleanerOptions;
import dev.lastword.cleaner.CleanerStatus;
import dev.lastword.cleaner.CleanerStatus.PartitionStatus;
import dev.lastword.io.RealDisk;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.Condition;
import dev.lastword.log.LogStore;
import dev.lastword.log.LogStoreOptions;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Overwrites keys for long, few of them most of the time, and lets the cleaner do as it thinks fit
/// behind each round: `Churn DIR KEYS VALUE_BYTES SEGMENT_BYTES ROUNDS`. The same load, and the
/// same output, as the oracle's `churn`, which does it with Kafka.
final class Churn {
    private static final int BATCH = 100;
    private static final int ROUNDS_PER_KEYS = 20;

    private final Cleaner cleaner;
    private long cleanings;
    private long read;
    private long written;

    private Churn(LogStore store) {
        cleaner = new Cleaner(store, new CleanerOptions(1, 1, 0), Clock.systemUTC(), this::count);
    }

    private synchronized void count(CleanerEvent event) {
        switch (event) {
            case CleanerEvent.Cleaned c -> {
                cleanings++;
                read += c.result().bytesRead();
                written += c.result().bytesWritten();
            }
            case CleanerEvent.Failed f -> {
                System.err.println(f);
                System.exit(1);
            }
            default -> {}
        }
    }

    public static void main(String[] args) throws Exception {
        int keys = Integer.parseInt(args[1]);
        int valueBytes = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[4]);
        Map<String, String> config =
                Map.of(
                        "segment.bytes", args[3],
                        "min.cleanable.dirty.ratio", "0.5",
                        "acks", "written",
                        "file.delete.delay.ms", "0");
        try (LogStore store =
                LogStore.open(
                        new RealDisk(),
                        Path.of(args[0]),
                        LogStoreOptions.defaults(),
                        Clock.systemUTC(),
                        event -> {})) {
            PartitionLog log = store.create("t", 1, config).partition(0);
            new Churn(store).run(log, keys, valueBytes, rounds);
        }
    }

    private void run(PartitionLog log, int keys, int valueBytes, int rounds) {
        SplittableRandom random = new SplittableRandom(42);
        long appended = 0;
        long sizes = 0;
        long largest = 0;
        for (int round = 0; round <= rounds; round++) {
            long before = log.stats().sizeBytes();
            int records = round == 0 ? keys : keys / ROUNDS_PER_KEYS;
            for (int i = 0; i < records; i += BATCH) {
                List<NewRecord> batch = new ArrayList<>(BATCH);
                for (int j = 0; j < BATCH; j++) {
                    int key =
                            round == 0 ? i + j : (int) Math.pow(keys, random.nextDouble()) - 1;
                    byte[] name =
                            "user-%010d".formatted(key).getBytes(StandardCharsets.US_ASCII);
                    batch.add(
                            new NewRecord(
                                    name, new byte[valueBytes], 1_700_000_000_000L, List.of()));
                }
                AppendRequest request = new AppendRequest(batch, Condition.NONE, null);
                log.append(request);
                request.result().join();
            }
            log.flush().join();
            if (round > 0) {
                appended += log.stats().sizeBytes() - before;
            }
            sizes += log.stats().sizeBytes();
            largest = Math.max(largest, log.stats().sizeBytes());
            if (round == 0) {
                cleaner.start();
            }
            awaitCleaner();
        }
        cleaner.close();
        System.out.println(
                String.format(
                        Locale.ROOT,
                        "appended %d bytesRead %d bytesWritten %d cleanings %d sizeMean %d"
                                + " sizeMax %d",
                        appended,
                        read,
                        written,
                        cleanings,
                        sizes / (rounds + 1),
                        largest));
    }

    /// Until nothing is being cleaned, nor due.
    private void awaitCleaner() {
        CleanerStatus now = cleaner.status();
        while (!now.running().isEmpty()
                || now.partitions().stream().anyMatch(PartitionStatus::eligible)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            now = cleaner.status();
        }
    }
}
