import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Locale;

/// Prints what the key index costs in time and memory.
///
/// `deploy/bench/index [KEYS...]`: one, ten and fifty million by default.
final class IndexBench {
    private static final int BATCH = 256;
    private static final int LOOKUPS = 5_000_000;

    private final KeyHasher hasher = KeyHasher.keyed(1, 2);
    private final ByteBuffer key = ByteBuffer.allocateDirect(16);
    private final KeyHash hash = new KeyHash();
    private final int keys;

    private IndexBench(int keys) {
        this.keys = keys;
    }

    /// Warms up on a hundred thousand keys, then measures each number of keys that is given.
    public static void main(String[] args) {
        for (int i = 0; i < 20; i++) {
            new IndexBench(100_000).run(false);
        }
        if (args.length == 0) {
            args = new String[] {"1000000", "10000000", "50000000"};
        }
        for (String count : args) {
            new IndexBench(Integer.parseInt(count)).run(true);
        }
    }

    private void run(boolean print) {
        KeyIndex index = new KeyIndex(42);
        double worst = 0;
        long start = cpuNanos();
        for (int i = 0; i < keys; i++) {
            hashOf(i);
            index.put(hash, i, false, 100);
            if ((i & 1023) == 0 && i >= keys / 2) {
                worst = Math.max(worst, (double) index.memoryBytes() / i);
            }
        }
        double putNew = nanos(start, keys);
        start = cpuNanos();
        for (int i = 0; i < LOOKUPS; i++) {
            hashOf(scattered(i));
            index.put(hash, i, false, 100);
        }
        double putAgain = nanos(start, LOOKUPS);
        double hit = get(index, 0);
        double miss = get(index, keys);
        double batched = getAll(index);
        double pause = longestPut();
        if (print) {
            System.out.printf(
                    Locale.ROOT,
                    "%,d keys: put new %.0f ns, put again %.0f ns, get %.0f ns, get absent %.0f ns,"
                            + " get batched %.0f ns (hashing included), longest put %.2f ms,"
                            + " bytes a key %.2f, at worst %.2f (sum %d)%n",
                    keys,
                    putNew,
                    putAgain,
                    hit,
                    miss,
                    batched,
                    pause,
                    (double) index.memoryBytes() / keys,
                    worst,
                    sum);
        }
    }

    private long sum;

    private double get(KeyIndex index, int shift) {
        long start = cpuNanos();
        for (int i = 0; i < LOOKUPS; i++) {
            hashOf(scattered(i) + shift);
            sum += index.get(hash);
        }
        return nanos(start, LOOKUPS);
    }

    private double getAll(KeyIndex index) {
        long[] hi = new long[BATCH];
        long[] lo = new long[BATCH];
        long[] entries = new long[BATCH];
        long start = cpuNanos();
        for (int i = 0; i < LOOKUPS; i += BATCH) {
            for (int j = 0; j < BATCH; j++) {
                hashOf(scattered(i + j));
                hi[j] = hash.hi;
                lo[j] = hash.lo;
            }
            index.getAll(hi, lo, entries, BATCH);
            sum += entries[0];
        }
        return nanos(start, LOOKUPS);
    }

    /// In milliseconds, timing each put of another filling.
    private double longestPut() {
        KeyIndex index = new KeyIndex(43);
        long longest = 0;
        long before = System.nanoTime();
        for (int i = 0; i < keys; i++) {
            hashOf(i);
            index.put(hash, i, false, 100);
            long after = System.nanoTime();
            longest = Math.max(longest, after - before);
            before = after;
        }
        return longest / 1e6;
    }

    private int scattered(int i) {
        return (int) (((i * 0x9e3779b97f4a7c15L) >>> 33) % keys);
    }

    private void hashOf(int i) {
        key.putLong(0, i).putLong(8, i * 31L);
        hasher.hash(key, 0, 16, hash);
    }

    /// Processor time of this thread, which other load on the machine disturbs less.
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double nanos(long start, int count) {
        return (double) (cpuNanos() - start) / count;
    }
}
