import dev.lastword.cleaner.offline.OfflineCleaner;
import dev.lastword.cleaner.offline.OfflineOptions;
import dev.lastword.cleaner.offline.OfflineResult;
import dev.lastword.io.Disk;
import dev.lastword.io.RealDisk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// Cleans one partition directory as `lastword clean` does: `OfflineClean DIR SEGMENT_BYTES
/// DELETE_RETENTION_MS NOW_MS`. Prints records, bytes before and after, and seconds without those
/// that the deletion of the replaced files takes, which come last.
final class OfflineClean {
    private OfflineClean() {}

    public static void main(String[] args) throws Exception {
        OfflineOptions options =
                OfflineOptions.defaults(Long.parseLong(args[3]))
                        .withSegmentBytes(Long.parseLong(args[1]))
                        .withDeleteRetentionMs(Long.parseLong(args[2]));
        AtomicLong deleting = new AtomicLong();
        Disk disk = timed(new RealDisk(), deleting);
        long start = System.nanoTime();
        OfflineResult result =
                OfflineCleaner.clean(disk, Path.of(args[0]), options, (phase, done, total) -> {});
        double seconds = (System.nanoTime() - start - deleting.get()) / 1e9;
        System.out.println(
                String.format(
                        Locale.ROOT,
                        "records %d bytesRead %d bytesWritten %d seconds %.3f decide %.3f copy %.3f delete %.3f",
                        result.recordsRead(),
                        result.bytesBefore(),
                        result.bytesAfter(),
                        seconds,
                        result.decideNanos() / 1e9,
                        (result.copyNanos() - deleting.get()) / 1e9,
                        deleting.get() / 1e9));
    }

    /// A disk that adds up the nanoseconds of its deletions.
    private static Disk timed(Disk disk, AtomicLong deleting) {
        return (Disk)
                Proxy.newProxyInstance(
                        OfflineClean.class.getClassLoader(),
                        new Class<?>[] {Disk.class},
                        (proxy, method, args) -> {
                            long start = System.nanoTime();
                            try {
                                return method.invoke(disk, args);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            } finally {
                                if (method.getName().equals("delete")) {
                                    deleting.addAndGet(System.nanoTime() - start);
                                }
                            }
                        });
    }
}
