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
/// with what the index says of its key.
class WindowTest {
    private static final Path FILE = SimulatedDisk.MOUNT.resolve("log");
    private static final int KEYS = 500;

    private record Written(long offset, long timestamp, @Nullable Integer key, boolean tombstone) {}

    private final KeyHasher hasher = KeyHasher.keyed(1, 2);
    private final KeyHash hash = new KeyHash();
    private final KeyIndex index = new KeyIndex(3);
    private final List<Written> written = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();

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
            int count = 1 + random.nextInt(random.nextInt(20) == 0 ? 9000 : 100);
            int size = random.nextInt(random.nextInt(20) == 0 ? 3000 : 60);
            for (int i = 0; i < count && writer.sizeSoFar() < 300_000; i++) {
                add(writer, random, offset, size);
                offset += 1 + random.nextInt(3);
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
        boolean tombstone = random.nextInt(5) == 0;
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
        assertEquals(expected.offset, window.offset(record));
        assertEquals(expected.timestamp, window.timestamp(record));
        assertEquals(expected.key != null, window.hasKey(record));
        if (expected.key == null) {
            return;
        }
        assertEquals(expected.tombstone, window.isTombstone(record));
        hasher.hash(("key-" + expected.key).getBytes(), hash);
        assertEquals(hash.hi, window.hi(record));
        assertEquals(hash.lo, window.lo(record));
        assertEquals(index.get(hash), window.entry(record));
    }
}
