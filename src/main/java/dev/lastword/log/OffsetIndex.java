package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/// Where in a segment's file to start looking for an offset: Kafka's sparse `.index`, entries of
///
/// ```
/// relative offset int32 | file position int32        (big endian, ascending)
/// ```
///
/// naming the last offset of a batch and where that batch starts, one for every 4 KiB of log or so.
/// While the segment takes writes the entries live on the heap; a closed segment's are read through
/// a memory map, so that old segments cost no heap. One writer, many readers; a reader sees a
/// prefix of the entries.
final class OffsetIndex {
    static final int ENTRY_BYTES = 8;

    /// Bytes of log between two entries, Kafka's `index.interval.bytes`.
    static final int INTERVAL_BYTES = 4096;

    /// Published as one, so that a reader never pairs a count with another array.
    private record Entries(long[] packed, int count) {}

    private volatile Entries entries = new Entries(new long[16], 0);
    private volatile ByteBuffer mapped = ByteBuffer.allocate(0);

    /// An index to be filled.
    OffsetIndex() {}

    /// The index of a closed segment.
    private OffsetIndex(ByteBuffer mapped) {
        this.mapped = mapped;
    }

    /// Opens a closed segment's file, or throws where its shape is not believable.
    static OffsetIndex map(Disk disk, Path file, long segmentBytes) throws IOException {
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            ByteBuffer map = in.map();
            int size = map.remaining();
            if (size % ENTRY_BYTES != 0) {
                throw new IOException(file + " has a size of " + size + ", no multiple of 8");
            }
            if (size > 0
                    && Integer.toUnsignedLong(map.getInt(size - ENTRY_BYTES + 4)) >= segmentBytes) {
                throw new IOException(file + " points beyond the end of its segment");
            }
            return new OffsetIndex(map);
        }
    }

    /// The index of an active segment, to be continued.
    ///
    /// @param packed entries as [#packed] gives them; not shared
    static OffsetIndex of(long[] packed) {
        OffsetIndex index = new OffsetIndex();
        if (packed.length > 0) {
            index.entries = new Entries(packed, packed.length);
        }
        return index;
    }

    /// The entries of an active segment, of which the first [#count] do not change any more.
    long[] packed() {
        return entries.packed;
    }

    void add(int relativeOffset, int position) {
        Entries e = entries;
        long[] packed =
                e.count < e.packed.length ? e.packed : Arrays.copyOf(e.packed, 2 * e.packed.length);
        packed[e.count] = ((long) relativeOffset << 32) | (position & 0xffff_ffffL);
        entries = new Entries(packed, e.count + 1);
    }

    int count() {
        ByteBuffer map = mapped;
        return map.capacity() > 0 ? map.capacity() / ENTRY_BYTES : entries.count;
    }

    /// The file position of a batch at or before the one that holds the offset, 0 if there is no
    /// entry as low.
    int floorPosition(int relativeOffset) {
        ByteBuffer map = mapped;
        Entries e = entries;
        int low = 0;
        int high = (map.capacity() > 0 ? map.capacity() / ENTRY_BYTES : e.count) - 1;
        int position = 0;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long entry = map.capacity() > 0 ? map.getLong(middle * ENTRY_BYTES) : e.packed[middle];
            if ((int) (entry >>> 32) <= relativeOffset) {
                position = (int) entry;
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return position;
    }

    /// Writes and syncs the file of a segment that is about to be closed.
    void writeTo(Disk disk, Path file) throws IOException {
        Entries e = entries;
        ByteBuffer out = ByteBuffer.allocate(e.count * ENTRY_BYTES);
        for (int i = 0; i < e.count; i++) {
            out.putLong(e.packed[i]);
        }
        try (DiskFile target = disk.open(file, OpenMode.CREATE)) {
            target.write(out.flip(), 0);
            target.sync();
        }
    }

    /// Whether a file holds exactly these entries.
    boolean equalsFile(Disk disk, Path file) throws IOException {
        if (!disk.exists(file)) {
            return false;
        }
        Entries e = entries;
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            if (in.size() != (long) e.count * ENTRY_BYTES) {
                return false;
            }
            ByteBuffer map = in.map();
            for (int i = 0; i < e.count; i++) {
                if (map.getLong(i * ENTRY_BYTES) != e.packed[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /// Goes over from the heap to the file just written.
    void switchToMap(Disk disk, Path file) throws IOException {
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            mapped = in.map();
        }
        if (mapped.capacity() > 0) {
            entries = new Entries(new long[0], 0);
        }
    }
}
