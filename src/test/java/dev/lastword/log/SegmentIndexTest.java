package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The bytes of the two index files of a segment, and what is found in them.
class SegmentIndexTest {
    private static final Path FILE = TestStore.DIR.resolve("index");

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @BeforeEach
    void make_the_folder() throws IOException {
        disk.createDirectories(TestStore.DIR);
    }

    private void write(String hex) throws IOException {
        try (DiskFile file = disk.open(FILE, OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(HexFormat.ofDelimiter(" ").parseHex(hex)), 0);
        }
    }

    private void assertFile(String hex) throws IOException {
        assertEquals(hex, HexFormat.ofDelimiter(" ").formatHex(disk.readAll(FILE)));
    }

    @Test
    void an_offset_index_is_kafkas_to_the_byte() throws IOException {
        OffsetIndex index = new OffsetIndex();
        index.add(5, 4200);
        index.add(0x01020304, 0x7fff_fff0);
        index.writeTo(disk, FILE);
        assertFile("00 00 00 05 00 00 10 68 01 02 03 04 7f ff ff f0");
        assertTrue(index.equalsFile(disk, FILE));
    }

    @Test
    void a_time_index_is_kafkas_to_the_byte() throws IOException {
        TimeIndex index = new TimeIndex();
        index.add(1_700_000_000_000L, 5);
        index.add(1_700_000_000_001L, 0x01020304);
        index.writeTo(disk, FILE);
        assertFile("00 00 01 8b cf e5 68 00 00 00 00 05 00 00 01 8b cf e5 68 01 01 02 03 04");
        assertTrue(index.equalsFile(disk, FILE));
    }

    @Test
    void a_look_up_gives_the_last_entry_that_is_not_beyond_the_offset() throws IOException {
        OffsetIndex heap = new OffsetIndex();
        assertEquals(0, heap.floorPosition(Integer.MAX_VALUE));
        int entries = 100; // more than the first array has room for
        for (int i = 0; i < entries; i++) {
            assertEquals(i, heap.count());
            heap.add(10 + 3 * i, 5000 * (i + 1));
        }
        heap.writeTo(disk, FILE);
        OffsetIndex mapped = OffsetIndex.map(disk, FILE, 5000 * entries + 1);
        OffsetIndex continued = OffsetIndex.of(Arrays.copyOf(heap.packed(), heap.count()));
        OffsetIndex switched = OffsetIndex.of(Arrays.copyOf(heap.packed(), heap.count()));
        switched.switchToMap(disk, FILE);
        assertEquals(0, switched.packed().length, "costs no heap any more");
        for (OffsetIndex index : new OffsetIndex[] {heap, mapped, continued, switched}) {
            assertEquals(entries, index.count());
            for (int offset = 0; offset < 10 + 3 * entries + 5; offset++) {
                int floor = offset < 10 ? 0 : Math.min(entries, (offset - 10) / 3 + 1);
                assertEquals(5000 * floor, index.floorPosition(offset), "offset " + offset);
            }
        }
        continued.add(1000, 1_000_000);
        assertEquals(1_000_000, continued.floorPosition(1000));
    }

    @Test
    void a_file_that_cannot_be_an_offset_index_is_refused() throws IOException {
        write("00 00 00 05 00 00 10 68");
        assertEquals(4200, OffsetIndex.map(disk, FILE, 4201).floorPosition(5));
        var beyond = assertThrows(IOException.class, () -> OffsetIndex.map(disk, FILE, 4200));
        assertTrue(beyond.getMessage().contains("beyond the end"), beyond.getMessage());
        write("00 00 00 05 00 00 10 68 00");
        var odd = assertThrows(IOException.class, () -> OffsetIndex.map(disk, FILE, 5000));
        assertTrue(odd.getMessage().contains("size of 9"), odd.getMessage());
        write("");
        assertEquals(0, OffsetIndex.map(disk, FILE, 0).floorPosition(5));
    }

    @Test
    void an_index_is_not_that_of_a_file_which_differs_anywhere() throws IOException {
        OffsetIndex offsets = new OffsetIndex();
        TimeIndex times = new TimeIndex();
        assertFalse(offsets.equalsFile(disk, FILE), "no file");
        assertFalse(times.equalsFile(disk, FILE), "no file");
        offsets.add(5, 4200);
        offsets.add(9, 8400);
        times.add(7, 5);
        times.add(8, 9);
        for (boolean time : new boolean[] {false, true}) {
            if (time) {
                times.writeTo(disk, FILE);
            } else {
                offsets.writeTo(disk, FILE);
            }
            byte[] right = disk.readAll(FILE);
            for (int length = 0; length <= right.length + 1; length++) {
                byte[] other = Arrays.copyOf(right, length);
                if (length == right.length) {
                    other[length - 1] ^= 1;
                }
                write(HexFormat.ofDelimiter(" ").formatHex(other));
                boolean same = time ? times.equalsFile(disk, FILE) : offsets.equalsFile(disk, FILE);
                assertFalse(same, length + " bytes");
            }
        }
    }

    /// Kafka's rule: both columns ascend, so a batch that is no later than one before adds nothing.
    @Test
    void a_time_index_has_ascending_timestamps_and_can_be_continued() {
        TimeIndex index = new TimeIndex();
        assertEquals(-1, index.lastTimestamp());
        index.add(-1, 3); // a batch whose time is unknown
        assertEquals(0, index.count());
        int entries = 40; // more than the first buffer has room for
        for (int i = 0; i < entries; i++) {
            index.add(2L * i, i);
            index.add(2L * i, i + 1);
            index.add(2L * i - 1, i + 1);
        }
        assertEquals(entries, index.count());
        assertEquals(2 * (entries - 1), index.lastTimestamp());
        assertEquals(entries - 1, index.lastOffset());
        TimeIndex continued = TimeIndex.of(index.toBytes());
        assertEquals(index.lastTimestamp(), continued.lastTimestamp());
        assertEquals(index.lastOffset(), continued.lastOffset());
        index.add(1000, 77);
        continued.add(1000, 77);
        assertArrayEquals(index.toBytes(), continued.toBytes());
        assertEquals(TimeIndex.ENTRY_BYTES * (entries + 1), index.toBytes().length);
    }
}
