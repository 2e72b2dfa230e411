package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// The entries of an index file as they stand in it, for looking at; nothing of them is checked.
/// The formats are drawn with [OffsetIndex] and [TimeIndex].
public final class IndexEntries {
    /// Takes entries one after another.
    public interface Visitor {
        /// @param key file position in an offset index, timestamp in a time index
        /// @param offset the offset it goes with, the segment's base added
        void entry(long key, long offset) throws IOException;
    }

    private IndexEntries() {}

    /// Visits the entries of an `.index` file.
    ///
    /// @return bytes at the end that are no entry
    public static int offsets(Disk disk, Path file, long baseOffset, Visitor visitor)
            throws IOException {
        ByteBuffer map = map(disk, file);
        int at = 0;
        for (; map.capacity() - at >= OffsetIndex.ENTRY_BYTES; at += OffsetIndex.ENTRY_BYTES) {
            visitor.entry(
                    Integer.toUnsignedLong(map.getInt(at + Integer.BYTES)),
                    baseOffset + map.getInt(at));
        }
        return map.capacity() - at;
    }

    /// Visits the entries of a `.timeindex` file.
    ///
    /// @return bytes at the end that are no entry
    public static int times(Disk disk, Path file, long baseOffset, Visitor visitor)
            throws IOException {
        ByteBuffer map = map(disk, file);
        int at = 0;
        for (; map.capacity() - at >= TimeIndex.ENTRY_BYTES; at += TimeIndex.ENTRY_BYTES) {
            visitor.entry(map.getLong(at), baseOffset + map.getInt(at + Long.BYTES));
        }
        return map.capacity() - at;
    }

    private static ByteBuffer map(Disk disk, Path file) throws IOException {
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            return in.map();
        }
    }
}
