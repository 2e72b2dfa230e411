import java.net.http.HttpRequest.BodyPublishers;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Latency of acknowledged PUTs with nothing else going on and, in the same partition, while a
/// compaction runs.
///
/// `deploy/bench/load [--garbage-mb=800] [--connections=64,64,1] [--rate=1000,0,100]
/// [--seconds=60]`: for each number of connections, so many PUTs a second are offered; 0 measures
/// how many go through when each connection writes as soon as it has its answer. Garbage is
/// written and compacted as often as it takes to have measured beside compactions for so many
/// seconds; before and after each compaction it is measured idle, so that whatever changes in the
/// disk meanwhile changes both.
final class Load {
    private static final int KEYS = 200_000;
    private static final String FILLER = "abcdefghijklmnopqrstuvwxyz".repeat(36);
    private static final String CONFIG =
            "{\"segment.bytes\":\"67108864\",\"min.cleanable.dirty.ratio\":\"1\","
                    + "\"file.delete.delay.ms\":\"0\"}";

    private static int garbageMb = 800;
    private static int seconds = 60;
    private static String connections = "64,64,1";
    private static String rates = "1000,0,100";

    private Load() {}

    public static void main(String[] args) throws Exception {
        for (int i = 1; i < args.length; i++) {
            option(args[i]);
        }
        String[] numbers = connections.split(",");
        String[] offered = rates.split(",");
        for (int i = 0; i < numbers.length; i++) {
            try (Service service = Service.start(args[0], "-Dlastword.cleaner.backoff=1h")) {
                int rate = Integer.parseInt(offered[Math.min(i, offered.length - 1)]);
                run(service, Integer.parseInt(numbers[i]), rate);
            }
        }
    }

    private static void option(String text) {
        String value = text.substring(text.indexOf('=') + 1);
        switch (text.substring(0, Math.max(text.indexOf('='), 0))) {
            case "--garbage-mb" -> garbageMb = Integer.parseInt(value);
            case "--rate" -> rates = value;
            case "--seconds" -> seconds = Integer.parseInt(value);
            case "--connections" -> connections = value;
            default -> {
                System.err.println(
                        "load [--garbage-mb=N] [--connections=N,…] [--rate=N,…] [--seconds=N]");
                System.exit(2);
            }
        }
    }

    private static void run(Service service, int connections, int rate) throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%d connections, %s%n",
                connections,
                rate == 0 ? "closed loop" : rate + " PUTs/s offered");
        service.createTopic("load", 1, CONFIG);
        Writers writers = new Writers(service.target("/"), "load", KEYS, connections, rate);
        writers.run(after(Math.max(seconds / 4, 1))); // warm
        Latencies idle = new Latencies(new long[0], 0);
        Latencies busy = new Latencies(new long[0], 0);
        int rest = Math.max(seconds / 8, 1);
        while (busy.seconds() < seconds) {
            fill(service);
            idle = idle.and(writers.run(after(rest)));
            busy = busy.and(writeBesideCompaction(service, writers));
            idle = idle.and(writers.run(after(rest)));
        }
        System.out.println("  idle        " + idle.describe());
        System.out.println("  compacting  " + busy.describe());
        System.out.println("  ratio       " + busy.ratioTo(idle));
    }

    private static Latencies writeBesideCompaction(Service service, Writers writers)
            throws Exception {
        long startedNanos = System.nanoTime();
        CompletableFuture<String> compaction = compact(service);
        Latencies busy = writers.run(compaction::isDone);
        String report = compaction.join();
        System.out.printf(
                Locale.ROOT,
                "  compaction  %,d MB -> %,d MB in %.1f s%n",
                Service.number(report, "bytesBefore") / 1_000_000,
                Service.number(report, "bytesAfter") / 1_000_000,
                (System.nanoTime() - startedNanos) / 1e9);
        return busy;
    }

    private static BooleanSupplier after(int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        return () -> System.nanoTime() > end;
    }

    /// Writes every key several times, in an order that leaves live records in every segment.
    private static void fill(Service service) throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        long count = garbageMb * 1_000_000L / (FILLER.length() + 60);
        Lines lines =
                new Lines(
                        count,
                        n ->
                                "{\"key\":\"key-"
                                        + random.nextInt(KEYS)
                                        + "\",\"valueText\":\""
                                        + FILLER
                                        + "\"}",
                        sent -> {});
        service.call(
                200, "POST", "/topics/load/records", BodyPublishers.ofInputStream(() -> lines));
    }

    private static CompletableFuture<String> compact(Service service) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return service.call(
                        200, "POST", "/topics/load/compactions?wait=true", BodyPublishers.noBody());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
