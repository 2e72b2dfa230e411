package dev.lastword.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import dev.lastword.record.Compression;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import dev.lastword.record.Samples;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes kept as those of [GoldenBatchTest]: compressed batches and markers as a broker wrote them,
/// index files as the engine did.
class GoldenFilesTest {

    @ParameterizedTest
    @EnumSource(value = Compression.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void a_compressed_batch_is_read_as_it_always_was(Compression codec) throws Exception {
        byte[] golden =
                GoldenBatchTest.golden(
                        "batch-v2-" + codec.name().toLowerCase(Locale.ROOT) + ".hex");
        RecordBatch batch = new RecordBatch().wrap(ByteBuffer.wrap(golden), 0);
        batch.ensureValid();
        assertEquals(codec, batch.compression());
        assertEquals(GoldenBatchTest.RECORDS, Samples.recordsOf(batch));
    }

    @ParameterizedTest
    @ValueSource(strings = {"abort", "commit"})
    void a_marker_is_read_as_it_always_was(String type) throws Exception {
        byte[] golden = GoldenBatchTest.golden("batch-v2-" + type + ".hex");
        RecordBatch batch = new RecordBatch().wrap(ByteBuffer.wrap(golden), 0);
        batch.ensureValid();
        assertTrue(batch.isControl());
        assertTrue(batch.isTransactional());
        assertEquals(4711, batch.producerId());
        assertEquals(12, batch.producerEpoch());
        assertEquals(-1, batch.baseSequence());
        RecordCursor cursor = batch.cursor();
        assertTrue(cursor.next());
        assertEquals(1_000_000, cursor.offset());
        assertArrayEquals(
                new byte[] {0, 0, 0, (byte) (type.equals("commit") ? 1 : 0)},
                cursor.toRecord().key());
    }

    @Test
    void the_index_files_have_the_bytes_they_always_had() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        Path log = indexed(disk);
        for (String kind : new String[] {"index", "timeindex"}) {
            assertArrayEquals(
                    GoldenBatchTest.golden("segment-" + kind + ".hex"),
                    disk.readAll(log.resolve("00000000000000000000." + kind)));
        }
    }

    /// A closed segment of thirty batches, whose times go up and down.
    static Path indexed(SimulatedDisk disk) {
        try (TestStore s = new TestStore(disk)) {
            PartitionLog log = s.create();
            for (int i = 0; i < 30; i++) {
                s.clock.step(i % 4 == 3 ? -2_500 : 1_000);
                TestStore.put(log, "k" + i, "x".repeat(700));
            }
            log.rollActive().join();
            assertNotNull(log.recordAt(29));
            return log.directory();
        }
    }
}
