import dev.lastword.io.RealDisk;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.Condition;
import dev.lastword.log.LogEvent;
import dev.lastword.log.LogStore;
import dev.lastword.log.LogStoreOptions;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.read.Reads;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Steps of `deploy/bench/restart`, each in a process of its own: fill a store, write to it, open it
/// and look a key up, by the engine alone. The process ends as if it had been killed, unless the
/// step says that it stops in order.
final class Restart {
    private static final int VALUE_BYTES = 60;
    private static final int RECORDS_A_REQUEST = 1000;
    private static final int WRITERS = 8;

    private final LogStore store;
    private final long openedNanos;
    private final CountDownLatch checkpoint = new CountDownLatch(1);
    private final SplittableRandom random = new SplittableRandom(1);

    private Restart(Path dir) {
        long start = System.nanoTime();
        store =
                LogStore.open(
                        new RealDisk(),
                        dir,
                        LogStoreOptions.defaults(),
                        Clock.systemUTC(),
                        this::tell);
        openedNanos = System.nanoTime() - start;
    }

    private void tell(LogEvent event) {
        switch (event) {
            case LogEvent.CheckpointWritten c -> {
                print("  checkpoint of %,d bytes written in %,d ms", c.bytes(), c.tookMs());
                checkpoint.countDown();
            }
            case LogEvent.UpkeepFailed f -> print("  %s", f.reason());
            default -> {}
        }
    }

    /// The arguments are the step, the directory, and its number.
    public static void main(String[] args) throws Exception {
        Restart r = new Restart(Path.of(args[1]));
        long number = args.length > 2 ? Long.parseLong(args[2]) : 0;
        switch (args[0]) {
            case "fill" -> r.fill(number);
            case "open" -> r.look(number);
            case "write" -> r.write(number);
            case "latency" -> r.latency(number);
            case "stop" -> r.stop();
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private void fill(long keys) {
        store.create("t", 1, Map.of("segment.bytes", "268435456"));
        append(keys, false, Long.MAX_VALUE);
        stop();
    }

    private void stop() {
        PartitionLog log = log();
        long bytes = log.stats().sizeBytes();
        long keys = log.index().keys();
        long start = System.nanoTime();
        store.close();
        print("  %,d keys, log of %,d bytes; stopped in %,d ms", keys, bytes, ms(start));
    }

    private PartitionLog log() {
        return store.topic("t").partition(0);
    }

    /// Opens and looks one key up; then waits for all pages of the index.
    private void look(long keys) {
        long start = System.nanoTime();
        Reads.Found found = new Reads(0).get(store.topic("t"), key(random.nextLong(keys)));
        long firstNanos = System.nanoTime() - start;
        if (found == null) {
            throw new IllegalStateException("a key is missing");
        }
        start = System.nanoTime();
        log().index().loadAll();
        print(
                "  open in %.1f ms, first key in %.1f ms more, all of the index %.1f ms later; %,d keys",
                openedNanos / 1e6,
                firstNanos / 1e6,
                (System.nanoTime() - start) / 1e6,
                log().index().keys());
    }

    /// Updates of random keys until the log has so many bytes more.
    private void write(long bytes) {
        append(log().index().keys(), true, log().stats().sizeBytes() + bytes);
        log().flush().join();
        print("  log of %,d bytes", log().stats().sizeBytes());
    }

    private void append(long keys, boolean update, long untilBytes) {
        ArrayDeque<AppendRequest> open = new ArrayDeque<>();
        PartitionLog log = log();
        for (long i = 0; update ? log.stats().sizeBytes() < untilBytes : i < keys; ) {
            List<NewRecord> records = new ArrayList<>(RECORDS_A_REQUEST);
            for (int n = 0; n < RECORDS_A_REQUEST && (update || i < keys); n++, i++) {
                records.add(record(update ? random.nextLong(keys) : i));
            }
            AppendRequest request = new AppendRequest(records, Condition.NONE, null);
            log.appendWaiting(request);
            open.add(request);
            if (open.size() > 30) {
                open.remove().result().join();
            }
        }
        open.forEach(r -> r.result().join());
    }

    /// The latency of durable single writes while nothing else goes on, then during a checkpoint,
    /// which writing so many bytes brings about.
    private void latency(long bytes) throws InterruptedException {
        measure("while idle", 8_000, false);
        append(log().index().keys(), true, log().stats().sizeBytes() + bytes);
        measure("during a checkpoint", 60_000, true);
    }

    private void measure(String when, long ms, boolean untilCheckpoint) throws InterruptedException {
        long keys = log().index().keys();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        List<Thread> threads = new ArrayList<>();
        List<List<Long>> all = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            SplittableRandom own = random.split();
            List<Long> nanos = new ArrayList<>();
            all.add(nanos);
            threads.add(
                    Thread.startVirtualThread(
                            () -> {
                                while (System.nanoTime() < end
                                        && !(untilCheckpoint && checkpoint.getCount() == 0)) {
                                    AppendRequest r =
                                            new AppendRequest(
                                                    List.of(record(own.nextLong(keys))),
                                                    Condition.NONE,
                                                    null);
                                    long start = System.nanoTime();
                                    log().append(r);
                                    r.result().join();
                                    nanos.add(System.nanoTime() - start);
                                }
                            }));
        }
        for (Thread t : threads) {
            t.join();
        }
        long[] sorted = all.stream().flatMap(List::stream).mapToLong(n -> n).sorted().toArray();
        print(
                "  %s: %,d writes, p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, longest %.2f ms",
                when,
                sorted.length,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[(int) (sorted.length * 999L / 1000)] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    private NewRecord record(long number) {
        byte[] value = new byte[VALUE_BYTES];
        Arrays.fill(value, (byte) number);
        return new NewRecord(key(number), value, NewRecord.NOW, List.of());
    }

    private static byte[] key(long number) {
        return String.format(Locale.ROOT, "key-%012d", number)
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static long ms(long start) {
        return (System.nanoTime() - start) / 1_000_000;
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }
}
