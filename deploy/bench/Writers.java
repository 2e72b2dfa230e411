import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Connections that all write at the same time.
///
/// With a rate, each write has a moment at which it is due, and its latency counts from there: a
/// service that stands still does not keep the writes that were due from being measured
/// (coordinated omission). Without one, each connection writes as soon as it has its answer.
///
/// @param perSecond over all connections; 0: as fast as it goes
record Writers(URI service, String topic, int keys, int connections, int perSecond) {
    private static final String VALUE = "v".repeat(200);

    /// Writes until it is time to end.
    Latencies run(BooleanSupplier ended) throws Exception {
        List<Future<long[]>> all = new ArrayList<>();
        long startedNanos = System.nanoTime();
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
            for (int i = 0; i < connections; i++) {
                int number = i;
                all.add(threads.submit(() -> write(number, startedNanos, ended)));
            }
        }
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        long[] nanos = new long[0];
        for (Future<long[]> one : all) {
            long[] more = one.get();
            int n = nanos.length;
            nanos = Arrays.copyOf(nanos, n + more.length);
            System.arraycopy(more, 0, nanos, n, more.length);
        }
        return Latencies.of(nanos, seconds);
    }

    private long[] write(int number, long startedNanos, BooleanSupplier ended) throws IOException {
        SplittableRandom random = new SplittableRandom(number);
        long[] nanos = new long[1024];
        int n = 0;
        long intervalNanos = perSecond == 0 ? 0 : 1_000_000_000L * connections / perSecond;
        long due = startedNanos + intervalNanos * number / connections;
        try (Connection connection = new Connection(service)) {
            while (!ended.getAsBoolean()) {
                if (intervalNanos == 0) {
                    due = System.nanoTime();
                } else {
                    awaitDue(due);
                }
                int key = random.nextInt(keys);
                connection.put("/topics/" + topic + "/keys/key-" + key, VALUE);
                if (n == nanos.length) {
                    nanos = Arrays.copyOf(nanos, 2 * n);
                }
                nanos[n++] = System.nanoTime() - due;
                due += intervalNanos;
            }
        }
        return Arrays.copyOf(nanos, n);
    }

    private static void awaitDue(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
