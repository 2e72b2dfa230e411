import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Locale;

/// Streams generated NDJSON into a service with a small heap, in one body, and then the snapshot of
/// all keys out, and prints throughput and memory on the way.
///
/// `deploy/bench/memory [MEGABYTES [KEYS]]`: 2000 MB and 1,000,000 keys by default.
final class Memory {
    private static final int HEAP_MB = 256;
    private static final long SLICE_BYTES = 200_000_000;
    private static final int VALUE_CHARS = 920;
    private static final String FILLER = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(26);

    private long sliceNumber;
    private long sliceNanos = System.nanoTime();

    private Memory() {}

    public static void main(String[] args) throws Exception {
        long bytes = (args.length > 1 ? Long.parseLong(args[1]) : 2000) * 1_000_000;
        long keys = args.length > 2 ? Long.parseLong(args[2]) : 1_000_000;
        try (Service service = Service.start(args[0], "-Xmx" + HEAP_MB + "m")) {
            System.out.printf(Locale.ROOT, "service with -Xmx%dm%n", HEAP_MB);
            service.createTopic("memory", 1, "{\"segment.bytes\":\"104857600\"}");
            new Memory().in(service, bytes, keys);
            out(service, keys);
        }
    }

    private void in(Service service, long bytes, long keys) throws Exception {
        long lineBytes = line(0, keys).length() + 1;
        long count = bytes / lineBytes;
        long startedNanos = System.nanoTime();
        sliceNanos = startedNanos;
        Lines lines = new Lines(count, n -> line(n, keys), sent -> slice(service, sent));
        String answer =
                service.call(
                        200,
                        "POST",
                        "/topics/memory/records",
                        BodyPublishers.ofInputStream(() -> lines));
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        if (Service.number(answer, "count") != count) {
            throw new IllegalStateException("sent " + count + " records: " + answer);
        }
        System.out.printf(
                Locale.ROOT,
                "in: %,d records, %,d bytes in %.1f s: %.1f MB/s, %,.0f records/s; peak RSS %,d"
                        + " MB%n",
                count,
                count * lineBytes,
                seconds,
                count * lineBytes / 1e6 / seconds,
                count / seconds,
                service.residentBytes("VmHWM") / 1_000_000);
    }

    private void slice(Service service, long sent) {
        if (sent / SLICE_BYTES == sliceNumber) {
            return;
        }
        sliceNumber = sent / SLICE_BYTES;
        long now = System.nanoTime();
        double seconds = (now - sliceNanos) / 1e9;
        sliceNanos = now;
        try {
            System.out.printf(
                    Locale.ROOT,
                    "  %,5d MB: %6.1f MB/s, RSS %,d MB%n",
                    sent / 1_000_000,
                    SLICE_BYTES / 1e6 / seconds,
                    service.residentBytes("VmRSS") / 1_000_000);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Keys in an order that is neither that of the log nor sorted.
    private static String line(long n, long keys) {
        long key = n * 7_919 % keys;
        return String.format("{\"key\":\"key-%012d\",\"valueText\":\"%019d", key, n)
                + FILLER.substring(0, VALUE_CHARS)
                + "\"}";
    }

    private static void out(Service service, long keys) throws Exception {
        service.forgetPeak();
        long startedNanos = System.nanoTime();
        long lines = 0;
        long bytes = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = service.stream("/topics/memory/snapshot").body()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                bytes += n;
                for (int i = 0; i < n; i++) {
                    if (buffer[i] == '\n') {
                        lines++;
                    }
                }
            }
        }
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "snapshot: %,d keys, %,d bytes in %.1f s: %.1f MB/s, %,.0f keys/s; peak RSS %,d"
                        + " MB%n",
                lines,
                bytes,
                seconds,
                bytes / 1e6 / seconds,
                lines / seconds,
                service.residentBytes("VmHWM") / 1_000_000);
        if (lines != keys) {
            throw new IllegalStateException("there are " + keys + " keys");
        }
    }
}
