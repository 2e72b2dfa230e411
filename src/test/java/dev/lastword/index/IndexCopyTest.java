package dev.lastword.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Copies of an index that is being changed, and indexes that load such copies page by page.
/// `-Dseed=` replays one seed.
class IndexCopyTest {
    private static final int KEYS = 60_000;

    static LongStream seeds() {
        Long replayed = Long.getLong("seed");
        return replayed == null ? LongStream.range(0, 12) : LongStream.of(replayed);
    }

    private record Value(long offset, boolean tombstone, long version) {}

    /// A copy in memory; pages can be damaged.
    private static final class Copied implements PageSource {
        final List<PageHead> heads = new ArrayList<>();
        final List<byte[]> pages = new ArrayList<>();
        final List<long[]> changes = new ArrayList<>();
        final List<Integer> damaged = new ArrayList<>();
        Map<Long, Value> log = Map.of();
        long start;
        int scans;
        boolean closed;

        @Override
        public List<PageHead> heads() {
            return heads;
        }

        @Override
        public boolean read(int page, ByteBuffer target) {
            target.put(0, pages.get(page));
            return !damaged.contains(page);
        }

        @Override
        public boolean keeps(long offset) {
            return offset >= start;
        }

        @Override
        public boolean keepsAll() {
            return start == 0;
        }

        @Override
        public void rebuild(KeyIndex index, Wanted wanted) {
            scans++;
            log.forEach((key, v) -> {
                KeyHash hash = Hashes.GOOD.of(key);
                if (wanted.wants(hash.lo) && v.offset >= start) {
                    index.put(hash, v.offset, v.tombstone, 1, v.version);
                }
            });
        }

        @Override
        public void close() {
            closed = true;
        }

        void takeChanges(IndexChanges taken) {
            for (int i = 0; i < taken.count() * IndexChanges.LONGS; i += IndexChanges.LONGS) {
                changes.add(
                        new long[] {
                            taken.get(i), taken.get(i + 1), taken.get(i + 2), taken.get(i + 3)
                        });
            }
        }

        void apply(KeyIndex index) {
            KeyHash hash = new KeyHash();
            for (long[] c : changes) {
                hash.hi = c[0];
                hash.lo = c[1];
                if (c[2] == KeyIndex.ABSENT) {
                    index.removeIfOffset(hash, c[3]);
                } else {
                    index.put(hash, KeyIndex.offset(c[2]), KeyIndex.isTombstone(c[2]), 1, c[3]);
                }
            }
        }
    }

    /// An index that changes at random, and what it must hold.
    private static final class Changing {
        final Random random;
        final KeyIndex index;
        final Map<Long, Value> model = new HashMap<>();
        final int keys;
        long offset;

        Changing(long seed) {
            random = new Random(seed);
            index = new KeyIndex(seed, seed % 2 == 1);
            keys = seed % 3 == 0 ? 300 : KEYS;
        }

        void change(int times) {
            for (int i = 0; i < times; i++) {
                long key = random.nextInt(keys);
                Value before = model.get(key);
                if (before != null && random.nextInt(5) == 0) {
                    assertTrue(index.removeIfOffset(Hashes.GOOD.of(key), before.offset));
                    model.remove(key);
                } else {
                    long version = index.isVersioned() ? random.nextLong() : 0;
                    Value v = new Value(++offset, random.nextInt(4) == 0, version);
                    index.put(Hashes.GOOD.of(key), v.offset, v.tombstone, 1, version);
                    model.put(key, v);
                }
            }
        }

        Copied copy(int changesBetween) {
            Copied copied = new Copied();
            IndexCopy copy = index.beginCopy();
            PageHead head;
            while ((head = copy.next()) != null) {
                copied.heads.add(copy.complete(head));
                byte[] bytes = new byte[head.bytes(index.isVersioned())];
                copy.bytes().get(0, bytes);
                copied.pages.add(bytes);
                if (random.nextBoolean()) {
                    copied.takeChanges(copy.takeChanges());
                }
                change(changesBetween);
            }
            copied.takeChanges(copy.takeChanges());
            copy.end();
            copied.log = Map.copyOf(model);
            return copied;
        }
    }

    private static KeyIndex load(Copied copied, boolean versioned) {
        KeyIndex index = new KeyIndex(1, versioned);
        assertTrue(PageHead.cover(copied.heads));
        index.restore(copied);
        return index;
    }

    private static void assertSame(Map<Long, Value> model, KeyIndex index, int keys) {
        long live = 0;
        for (long key = 0; key < keys; key++) {
            Value v = model.get(key);
            KeyHash hash = Hashes.GOOD.of(key);
            long entry = index.get(hash);
            assertEquals(
                    v == null ? -1 : v.offset,
                    entry == KeyIndex.ABSENT ? -1 : KeyIndex.offset(entry));
            assertEquals(v == null ? 0 : v.version, index.version(hash));
            assertTrue(v == null || KeyIndex.isTombstone(entry) == v.tombstone);
            live += v == null || v.tombstone ? 0 : 1;
        }
        assertEquals(model.size(), index.keys());
        assertEquals(live, index.liveKeys());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void a_copy_of_a_changing_index_is_exact_at_its_end(long seed) {
        Changing c = new Changing(seed);
        c.change(c.keys * 3);
        Copied copied = c.copy(c.random.nextInt(3000));
        KeyIndex loaded = load(copied, c.index.isVersioned());
        copied.apply(loaded);
        assertSame(c.model, loaded, c.keys);
        loaded.verify();
        assertTrue(copied.closed);
        c.index.verify();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void a_loading_index_can_be_changed_like_any_other(long seed) {
        Changing c = new Changing(seed);
        c.change(c.keys * 2);
        Copied copied = c.copy(0);
        Changing again = new Changing(seed);
        again.model.putAll(c.model);
        again.offset = c.offset;
        again.index.restore(copied);
        assertEquals(c.index.keys(), again.index.keys());
        again.change(c.keys);
        assertSame(again.model, again.index, c.keys);
        again.index.verify();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void damaged_pages_are_made_anew_by_one_scan(long seed) {
        Changing c = new Changing(seed);
        c.change(c.keys * 2);
        Copied copied = c.copy(0);
        for (int i = 0; i < copied.pages.size(); i++) {
            if (i == 0 || c.random.nextInt(3) == 0) {
                copied.damaged.add(i);
                c.random.nextBytes(copied.pages.get(i));
            }
        }
        KeyIndex loaded = load(copied, c.index.isVersioned());
        assertSame(c.model, loaded, c.keys);
        loaded.verify();
        assertEquals(1, copied.scans);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void entries_that_do_not_stand_are_left_out_and_not_counted(long seed) {
        Changing c = new Changing(seed);
        c.change(c.keys * 2);
        Copied copied = c.copy(0);
        copied.start = c.offset - c.keys / 2;
        if (seed % 2 == 0) {
            copied.damaged.add(0);
        }
        KeyIndex loaded = load(copied, c.index.isVersioned());
        loaded.loadAll();
        c.model.values().removeIf(v -> v.offset < copied.start);
        assertSame(c.model, loaded, c.keys);
        loaded.verify();
    }

    @Test
    void an_index_that_is_cleared_in_the_middle_of_loading_is_empty() {
        Changing c = new Changing(1);
        c.change(KEYS);
        Copied copied = c.copy(0);
        KeyIndex loaded = load(copied, true);
        loaded.get(Hashes.GOOD.of(1));
        loaded.clear();
        assertEquals(0, loaded.keys());
        assertEquals(KeyIndex.ABSENT, loaded.get(Hashes.GOOD.of(1)));
        loaded.put(Hashes.GOOD.of(1), 5, false, 1, 7);
        loaded.verify();
    }

    /// Readers that load pages, and a writer that loads, changes and splits others, at the same
    /// time: nobody misses a key.
    @ParameterizedTest
    @MethodSource("seeds")
    void readers_of_a_loading_index_never_miss_a_key(long seed) throws Exception {
        int keys = 50_000;
        KeyIndex full = new KeyIndex(seed);
        for (long key = 0; key < keys; key++) {
            full.put(Hashes.GOOD.of(key), key, false, 1);
        }
        Changing c = new Changing(seed);
        KeyIndex loading = new KeyIndex(seed + 1);
        Copied copied = new Copied();
        IndexCopy copy = full.beginCopy();
        PageHead head;
        while ((head = copy.next()) != null) {
            copied.heads.add(copy.complete(head));
            byte[] bytes = new byte[head.bytes(false)];
            copy.bytes().get(0, bytes);
            copied.pages.add(bytes);
        }
        Map<Long, Value> log = new HashMap<>();
        for (long key = 0; key < keys; key++) {
            log.put(key, new Value(key, false, 0));
        }
        copied.log = log;
        copied.damaged.add(c.random.nextInt(copied.pages.size()));
        loading.restore(copied);
        List<FutureTask<Void>> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Random random = new Random(seed * 10 + i);
            FutureTask<Void> reader =
                    new FutureTask<>(
                            () -> {
                                for (int n = 0; n < keys; n++) {
                                    long key = random.nextInt(keys);
                                    long entry = loading.get(Hashes.GOOD.of(key));
                                    assertEquals(key, KeyIndex.offset(entry) % keys);
                                }
                            },
                            null);
            readers.add(reader);
            Thread.ofPlatform().daemon().start(reader);
        }
        for (int n = 0; n < keys; n++) {
            long key = c.random.nextInt(keys);
            loading.put(Hashes.GOOD.of(key), keys + key, false, 1);
            loading.put(Hashes.GOOD.of(keys + n), n, false, 1);
        }
        for (FutureTask<Void> reader : readers) {
            reader.get();
        }
        loading.verify();
        assertEquals(2L * keys, loading.keys());
        assertTrue(copied.closed);
    }

    @Test
    void heads_that_leave_out_or_repeat_a_place_are_no_index() throws IOException {
        Changing c = new Changing(1);
        c.change(5 * KEYS);
        List<PageHead> heads = c.copy(0).heads;
        assertTrue(heads.size() > 3 && PageHead.cover(heads));
        for (int i = 0; i < heads.size(); i++) {
            List<PageHead> fewer = new ArrayList<>(heads);
            fewer.remove(i);
            assertTrue(!PageHead.cover(fewer));
            List<PageHead> more = new ArrayList<>(heads);
            more.add(i, heads.get(i));
            assertTrue(!PageHead.cover(more));
        }
    }
}
