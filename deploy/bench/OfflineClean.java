import dev.lastword.cleaner.offline.OfflineCleaner;
import dev.lastword.cleaner.offline.OfflineOptions;
import dev.lastword.cleaner.offline.OfflineResult;
import dev.lastword.io.RealDisk;
import java.nio.file.Path;
import java.util.Locale;

/// Cleans one partition directory as `lastword clean` does: `OfflineClean DIR SEGMENT_BYTES
/// DELETE_RETENTION_MS NOW_MS`. Prints records, bytes before and after, and seconds.
final class OfflineClean {
    private OfflineClean() {}

    public static void main(String[] args) throws Exception {
        OfflineOptions options =
                OfflineOptions.defaults(Long.parseLong(args[3]))
                        .withSegmentBytes(Long.parseLong(args[1]))
                        .withDeleteRetentionMs(Long.parseLong(args[2]));
        long start = System.nanoTime();
        OfflineResult result =
                OfflineCleaner.clean(
                        new RealDisk(), Path.of(args[0]), options, (phase, done, total) -> {});
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.println(
                String.format(
                        Locale.ROOT,
                        "records %d bytesRead %d bytesWritten %d seconds %.3f decide %.3f copy %.3f",
                        result.recordsRead(),
                        result.bytesBefore(),
                        result.bytesAfter(),
                        seconds,
                        result.decideNanos() / 1e9,
                        result.copyNanos() / 1e9));
    }
}
