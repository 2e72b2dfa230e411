package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.Samples;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentWriterTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);

    /// Kafka's `testCleanedSegmentOffsetOverflow`, KAFKA-20036, AutoMQ #3339.
    @Test
    void a_batch_too_far_above_the_base_begins_another_segment() throws Exception {
        long[] bases = {0, Integer.MAX_VALUE, Integer.MAX_VALUE + 1L, 1L << 40, (1L << 62) + 5};
        SegmentWriter writer = writer(0);
        for (long base : bases) {
            append(writer, base);
        }
        writer.finish();
        List<Segment> segments = writer.segments();
        assertEquals(
                List.of(0L, Integer.MAX_VALUE + 1L, 1L << 40, (1L << 62) + 5),
                segments.stream().map(Segment::baseOffset).toList());
        for (Segment s : segments) {
            BatchScanner scanner = s.scanFrom(s.baseOffset(), ByteBuffer.allocate(1000));
            while (scanner.next()) {
                RecordBatch batch = scanner.batch();
                batch.ensureValid();
                assertEquals(
                        "v" + batch.baseOffset(),
                        TestStore.text(Samples.recordsOf(batch).getFirst()));
            }
            s.release();
        }
    }

    private SegmentWriter writer(long base) throws IOException {
        disk.createDirectories(TestStore.DIR);
        return new SegmentWriter(disk, TestStore.DIR, base, 1000, new FlushTimes());
    }

    private static void append(SegmentWriter writer, long base) throws Exception {
        byte[] bytes =
                Samples.batch(base, List.of(Samples.record(base, 1_000, "k" + base, "v" + base)));
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        writer.append(new RecordBatch().wrap(buffer, 0), buffer);
    }
}
