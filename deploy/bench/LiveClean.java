import dev.lastword.cleaner.Cleaner;
import dev.lastword.cleaner.CleanerEvent;
import dev.lastword.cleaner.CleanerOptions;
import dev.lastword.cleaner.Compaction;
import dev.lastword.cleaner.CompactionReport;
import dev.lastword.io.RealDisk;
import dev.lastword.log.LogStore;
import dev.lastword.log.LogStoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// Cleans the segments of a partition directory as the running service does, with its key index
/// there already: `LiveClean DIR SEGMENT_BYTES`. The directory is moved into a data directory beside
/// it. Prints records, bytes and seconds of one requested compaction.
final class LiveClean {
    private LiveClean() {}

    public static void main(String[] args) throws Exception {
        Path source = Path.of(args[0]);
        Path data = source.resolveSibling("data");
        Map<String, String> config =
                Map.of(
                        "segment.bytes", args[1],
                        "delete.retention.ms", "0",
                        "file.delete.delay.ms", "0",
                        "max.compaction.lag.ms", "9223372036854775807",
                        "min.cleanable.dirty.ratio", "1");
        try (LogStore store = open(data)) {
            store.create("t", 1, config);
        }
        replace(data.resolve("logs").resolve("t-0"), source);
        Files.deleteIfExists(data.resolve("lastword").resolve("clean-shutdown"));
        AtomicReference<CleanerEvent.Cleaned> cleaned = new AtomicReference<>();
        try (LogStore store = open(data);
                Cleaner cleaner =
                        new Cleaner(
                                store,
                                new CleanerOptions(1, 60_000, 0),
                                Clock.systemUTC(),
                                event -> {
                                    if (event instanceof CleanerEvent.Cleaned c) {
                                        cleaned.compareAndSet(null, c); // the first
                                    }
                                })) {
            Compaction all = cleaner.request(store.topic("t")); // goes before what is due anyway
            long start = System.nanoTime();
            cleaner.start();
            CompactionReport report = all.done().join();
            double seconds = (System.nanoTime() - start) / 1e9;
            if (cleaned.get() == null) {
                throw new IOException("not cleaned: " + report);
            }
            var result = cleaned.get().result();
            System.out.println(
                    String.format(
                            Locale.ROOT,
                            "records %d bytesRead %d bytesWritten %d seconds %.3f",
                            result.recordsRead(),
                            result.bytesRead(),
                            result.bytesWritten(),
                            seconds));
        }
    }

    private static LogStore open(Path data) {
        return LogStore.open(
                new RealDisk(), data, LogStoreOptions.defaults(), Clock.systemUTC(), event -> {});
    }

    private static void replace(Path log, Path source) throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            for (Path f : files.toList()) {
                Files.delete(f);
            }
        }
        try (Stream<Path> files = Files.list(source)) {
            for (Path f : files.toList()) {
                if (f.toString().endsWith(".log")) {
                    Files.move(f, log.resolve(f.getFileName()));
                }
            }
        }
    }
}
