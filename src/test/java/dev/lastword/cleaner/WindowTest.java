package dev.lastword.cleaner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.OffsetSet;
import dev.lastword.log.OffsetSets;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.Compression;
import dev.lastword.record.RecordBatch;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever batches come and wherever the read buffer ends: each record is seen once, in order, and
/// with what the index, or what was noted, says of it.
class WindowTest {
    private static final Path FILE = SimulatedDisk.MOUNT.resolve("log");
    private static final int KEYS = 500;

    private record Written(long offset, long timestamp, @Nullable Integer key, boolean tombstone) {}

    private final KeyHasher hasher = KeyHasher.keyed(1, 2);
    private final KeyHash hash = new KeyHash();
    private final KeyIndex index = new KeyIndex(3);
    private final List<Written> written = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();
    private boolean tombstones = true;

    private DiskFile write(SplittableRandom random, SimulatedDisk disk) throws Exception {
        ByteBuffer out = ByteBuffer.allocateDirect(16 << 20);
        BatchWriter writer = new BatchWriter();
        Compression[] codecs = {
            Compression.NONE, Compression.NONE, Compression.LZ4, Compression.ZSTD
        };
        long offset = 0;
        while (out.position() < 4 << 20) {
            int from = out.position();
            writer.begin(out, offset, codecs[random.nextInt(codecs.length)]);
            boolean gaps = random.nextBoolean();
            int count = 1 + random.nextInt(random.nextInt(20) == 0 ? 9000 : 100);
            int size = random.nextInt(random.nextInt(20) == 0 ? 3000 : 60);
            for (int i = 0; i < count && writer.sizeSoFar() < 300_000; i++) {
                add(writer, random, offset, size);
                offset += gaps ? 1 + random.nextInt(3) : 1;
            }
            writer.end();
            sizes.add(out.position() - from);
        }
        DiskFile file = disk.open(FILE, OpenMode.CREATE);
        file.write(out.flip(), 0);
        return file;
    }

    private void add(BatchWriter writer, SplittableRandom random, long offset, int size) {
        Integer key = random.nextInt(10) == 0 ? null : random.nextInt(KEYS);
        boolean tombstone = tombstones && random.nextInt(5) == 0;
        byte[] bytes = key == null ? null : ("key-" + key).getBytes();
        writer.append(offset, offset * 7, bytes, tombstone ? null : new byte[size], List.of());
        written.add(new Written(offset, offset * 7, key, tombstone));
        if (bytes != null) {
            hasher.hash(bytes, hash);
            index.put(hash, offset, tombstone, size);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shows_every_record_of_every_batch(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        DiskFile file = write(random, new SimulatedDisk(seed));
        ByteBuffer buffer = ByteBuffer.allocateDirect(64 + random.nextInt(1 << 20));
        BatchScanner scanner = new BatchScanner(file, 0, file.size(), buffer);
        Window window = new Window();
        int batches = 0;
        int records = 0;
        int shared = 0;
        while (scanner.next()) {
            window.add(scanner, hasher);
            if (!window.isFull() && scanner.nextIsBuffered()) {
                continue;
            }
            window.lookUp(index);
            for (int b = 0; b < window.batchCount(); b++) {
                RecordBatch batch = window.batch(b);
                batch.ensureValid();
                assertEquals(sizes.get(batches++), batch.sizeInBytes());
                assertEquals(batch.count(), window.count(b));
                for (int r = window.first(b); r < window.first(b) + window.count(b); r++) {
                    check(written.get(records++), window, r);
                }
            }
            shared += window.batchCount() > 1 ? 1 : 0;
            window.clear();
        }
        assertEquals(sizes.size(), batches);
        assertEquals(written.size(), records);
        assertTrue(shared > 0, "windows of several batches");
    }

    private void check(Written expected, Window window, int record) {
        checkKind(expected, window, record);
        assertEquals(expected.timestamp, window.timestamp(record));
        if (expected.key == null) {
            return;
        }
        hasher.hash(("key-" + expected.key).getBytes(), hash);
        assertEquals(hash.hi, window.hi(record));
        assertEquals(hash.lo, window.lo(record));
    }

    private void checkKind(Written expected, Window window, int record) {
        assertEquals(expected.offset, window.offset(record));
        assertEquals(isSuperseded(expected), window.isSuperseded(record));
        assertEquals(expected.key != null && expected.tombstone, window.isTombstone(record));
    }

    private boolean isSuperseded(Written w) {
        if (w.key == null) {
            return false;
        }
        hasher.hash(("key-" + w.key).getBytes(), hash);
        return KeyIndex.offset(index.get(hash)) != w.offset;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shows_of_every_record_what_was_noted(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        tombstones = seed % 2 == 0;
        DiskFile file = write(random, new SimulatedDisk(seed));
        OffsetSet noted =
                OffsetSets.of(
                        written.stream()
                                .filter(this::isSuperseded)
                                .mapToLong(Written::offset)
                                .toArray());
        BatchScanner scanner =
                new BatchScanner(file, 0, file.size(), ByteBuffer.allocateDirect(1 << 20));
        Window window = new Window();
        int records = 0;
        while (scanner.next()) {
            window.clear();
            window.add(scanner, noted, tombstones);
            assertEquals(scanner.batch().count(), window.count(0));
            for (int r = 0; r < window.count(0); r++) {
                checkKind(written.get(records++), window, r);
            }
        }
        assertEquals(written.size(), records);
    }
}
