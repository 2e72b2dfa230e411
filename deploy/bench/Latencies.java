import java.util.Arrays;
import java.util.Locale;

/// How long each write took, in nanoseconds.
record Latencies(long[] sorted, double seconds) {

    static Latencies of(long[] nanos, double seconds) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Latencies(sorted, seconds);
    }

    Latencies and(Latencies more) {
        long[] both = Arrays.copyOf(sorted, sorted.length + more.sorted.length);
        System.arraycopy(more.sorted, 0, both, sorted.length, more.sorted.length);
        return of(both, seconds + more.seconds);
    }

    double millis(double share) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[(int) Math.min(sorted.length - 1L, (long) (share * sorted.length))] / 1e6;
    }

    String describe() {
        return String.format(
                Locale.ROOT,
                "%,9d PUTs in %5.1f s, %,7.0f/s   p50 %7.2f   p99 %7.2f   p99.9 %7.2f   max %7.2f"
                        + " ms",
                sorted.length,
                seconds,
                sorted.length / seconds,
                millis(0.5),
                millis(0.99),
                millis(0.999),
                millis(1));
    }

    String ratioTo(Latencies idle) {
        return String.format(
                Locale.ROOT,
                "p50 x%.2f, p99 x%.2f, p99.9 x%.2f, PUTs a second x%.2f",
                millis(0.5) / idle.millis(0.5),
                millis(0.99) / idle.millis(0.99),
                millis(0.999) / idle.millis(0.999),
                sorted.length / seconds / (idle.sorted.length / idle.seconds));
    }
}
