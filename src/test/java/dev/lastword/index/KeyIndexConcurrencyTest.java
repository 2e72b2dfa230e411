package dev.lastword.index;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Readers beside a writer that updates lasting keys, lets others come and go, and by doing so
/// keeps rebuilding the pages. Offset, tombstone bit and size of an entry follow from key and
/// version, so that an entry of another key, or one put together from two, shows.
class KeyIndexConcurrencyTest {
    private static final int READERS = 3;
    private static final int WRITES = 400_000;
    private static final int BATCH = 8;

    /// Odd keys last, even keys come and go. The small numbers rebuild their page every few dozen
    /// puts; from 500 on the memory of the old page is used again at once.
    @ParameterizedTest
    @ValueSource(ints = {20, 500, 3_000, 40_000})
    void readers_never_miss_a_key_nor_go_back_in_time(int keys) throws Exception {
        Run run = new Run(keys);
        List<FutureTask<Void>> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            int number = i;
            FutureTask<Void> reader = new FutureTask<>(() -> run.read(number), null);
            readers.add(reader);
            Thread.ofPlatform().daemon().start(reader);
        }
        try {
            run.write();
        } finally {
            run.written = true;
        }
        for (FutureTask<Void> reader : readers) {
            try {
                reader.get();
            } catch (ExecutionException e) {
                throw new AssertionError(e.getCause());
            }
        }
        run.index.verify();
    }

    private static final class Run {
        final KeyIndex index = new KeyIndex(7);
        final int keys;

        /// For each key the highest version that is surely in the index.
        final AtomicLongArray put;

        /// For each key the highest version that was surely removed.
        final AtomicLongArray removed;

        volatile boolean written;

        Run(int keys) {
            this.keys = keys;
            this.put = new AtomicLongArray(keys);
            this.removed = new AtomicLongArray(keys);
        }

        void write() {
            Random random = new Random(keys);
            KeyHash hash = new KeyHash();
            long[] versions = new long[keys];
            long passing = 0;
            for (int i = 0; i < WRITES; i++) {
                int key = random.nextInt(keys);
                Hashes.GOOD.of(key, hash);
                if ((key & 1) == 0 && put.get(key) > removed.get(key)) {
                    assertTrue(index.removeIfOffset(hash, offset(key, versions[key])));
                    removed.set(key, versions[key]);
                } else {
                    long version = ++versions[key];
                    index.put(hash, offset(key, version), tombstone(version), bytes(version));
                    put.set(key, version);
                }
                // A key that nobody asks for, so that pages fill with removed slots.
                Hashes.GOOD.of(keys + passing, hash);
                index.put(hash, passing, false, 1);
                assertTrue(index.removeIfOffset(hash, passing));
                passing++;
            }
        }

        void read(int number) {
            Random random = new Random(number);
            KeyHash hash = new KeyHash();
            long[] seen = new long[keys];
            long[] hi = new long[BATCH];
            long[] lo = new long[BATCH];
            long[] entries = new long[BATCH];
            long[] putBefore = new long[BATCH];
            long[] removedBefore = new long[BATCH];
            int[] batch = new int[BATCH];
            do {
                for (int i = 0; i < BATCH; i++) {
                    batch[i] = random.nextInt(keys);
                    Hashes.GOOD.of(batch[i], hash);
                    hi[i] = hash.hi;
                    lo[i] = hash.lo;
                    putBefore[i] = put.get(batch[i]);
                    removedBefore[i] = removed.get(batch[i]);
                    entries[i] = index.get(hash);
                }
                if (number == 0) {
                    index.getAll(hi, lo, entries, BATCH);
                }
                for (int i = 0; i < BATCH; i++) {
                    check(batch[i], entries[i], putBefore[i], removedBefore[i], seen);
                }
            } while (!written);
        }

        private void check(int key, long entry, long putBefore, long removedBefore, long[] seen) {
            boolean lasting = (key & 1) == 1;
            if (entry == KeyIndex.ABSENT) {
                assertTrue(!lasting || putBefore == 0, () -> "key " + key + " is missing");
                return;
            }
            long version = KeyIndex.offset(entry) / keys;
            assertTrue(KeyIndex.offset(entry) % keys == key, () -> "not of key " + key);
            assertTrue(KeyIndex.isTombstone(entry) == tombstone(version), "torn");
            int size = SizeClass.bytes(SizeClass.of(bytes(version)));
            assertTrue(KeyIndex.approximateBytes(entry) == size, "torn");
            assertTrue(version >= seen[key], () -> version + " after " + seen[key]);
            assertTrue(version >= putBefore, () -> version + " after " + putBefore + " was put");
            assertTrue(version > removedBefore, () -> version + " is back");
            seen[key] = version;
        }

        private long offset(int key, long version) {
            return version * keys + key;
        }

        private static boolean tombstone(long version) {
            return version % 3 == 0;
        }

        private static int bytes(long version) {
            return (int) (version * 7919 % 100_000);
        }
    }
}
