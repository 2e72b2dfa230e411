package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.Samples;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// A valid batch behind damage is found wherever it lies, for what is found decides whether a tail
/// is cut.
class BatchSearchTest {
    private static final int WINDOW_BYTES = 1 << 20;

    private final SimulatedDisk disk = new SimulatedDisk(1);

    /// A file in which a batch lies behind so many bytes of anything.
    private DiskFile fileWith(int bytesBefore, byte[] batch) throws IOException {
        disk.createDirectories(TestStore.DIR);
        DiskFile file = disk.open(TestStore.DIR.resolve("f"), OpenMode.CREATE);
        byte[] before = new byte[bytesBefore];
        Arrays.fill(before, (byte) 2); // what every batch has for its magic
        file.write(ByteBuffer.wrap(before), 0);
        file.write(ByteBuffer.wrap(batch), bytesBefore);
        return file;
    }

    private static byte[] emptyBatch() throws IOException {
        ByteBuffer out = ByteBuffer.allocate(RecordBatch.HEADER_BYTES);
        RecordBatch full = new RecordBatch().wrap(ByteBuffer.wrap(Samples.plainBatch(3)), 0);
        BatchWriter.placeholder(full, out);
        return out.array();
    }

    @Test
    void a_batch_is_found_also_where_two_windows_meet() throws IOException {
        for (byte[] batch : new byte[][] {emptyBatch(), Samples.plainBatch(3)}) {
            int[] places = {
                0,
                1,
                WINDOW_BYTES - batch.length,
                WINDOW_BYTES - RecordBatch.HEADER_BYTES,
                WINDOW_BYTES - RecordBatch.HEADER_BYTES + 1,
                WINDOW_BYTES - 1,
                WINDOW_BYTES
            };
            for (int place : places) {
                try (DiskFile file = fileWith(place, batch)) {
                    BatchSearch search = new BatchSearch(file, file.size(), 100);
                    assertEquals(place, search.from(0), "at " + place);
                    assertEquals(place, search.from(place));
                    assertEquals(-1, search.from(place + 1));
                    assertTrue(search.isBatchAt(place));
                    assertFalse(search.isBatchAt(place + 1));
                }
            }
        }
    }

    @Test
    void what_is_cut_short_or_damaged_or_lies_too_low_is_no_batch() throws IOException {
        byte[] batch = Samples.plainBatch(3);
        try (DiskFile file = fileWith(10, batch)) {
            assertEquals(-1, new BatchSearch(file, file.size() - 1, 100).from(0));
            assertEquals(-1, new BatchSearch(file, file.size(), 101).from(0));
            assertEquals(10, new BatchSearch(file, file.size(), 99).from(0));
        }
        batch[batch.length - 1] ^= 1;
        try (DiskFile file = fileWith(10, batch)) {
            assertEquals(-1, new BatchSearch(file, file.size(), 100).from(0));
        }
    }
}
