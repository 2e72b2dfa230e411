package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/// Kafka's `.timeindex` of a segment that is being written: entries of
///
/// ```
/// timestamp int64 | relative offset int32            (big endian, both ascending)
/// ```
///
/// which say: no record up to that offset is later than that timestamp. Invariant: that of a closed
/// segment ends with the segment's largest timestamp; a broker takes it from there, and with it the
/// segment's age and which segment to look a time up in. Not thread-safe.
final class TimeIndex {
    static final int ENTRY_BYTES = 12;

    private ByteBuffer entries = ByteBuffer.allocate(16 * ENTRY_BYTES);
    private long lastTimestamp = -1;
    private int lastOffset;

    /// Adds an entry unless it says nothing new.
    void add(long timestamp, int relativeOffset) {
        if (timestamp <= lastTimestamp) {
            return;
        }
        if (entries.remaining() < ENTRY_BYTES) {
            entries =
                    ByteBuffer.wrap(Arrays.copyOf(entries.array(), 2 * entries.capacity()))
                            .position(entries.position());
        }
        entries.putLong(timestamp).putInt(relativeOffset);
        lastTimestamp = timestamp;
        lastOffset = relativeOffset;
    }

    /// Timestamp of the last entry, -1 if there is none.
    long lastTimestamp() {
        return lastTimestamp;
    }

    /// Relative offset of the last entry.
    int lastOffset() {
        return lastOffset;
    }

    int count() {
        return entries.position() / ENTRY_BYTES;
    }

    /// Writes and syncs the file of a segment that is about to be closed.
    void writeTo(Disk disk, Path file) throws IOException {
        try (DiskFile target = disk.open(file, OpenMode.CREATE)) {
            target.write(entries.duplicate().flip(), 0);
            target.sync();
        }
    }

    /// Whether a file holds exactly these entries.
    boolean equalsFile(Disk disk, Path file) throws IOException {
        return disk.exists(file)
                && ByteBuffer.wrap(disk.readAll(file)).equals(entries.duplicate().flip());
    }

    /// The entries as they are on disk.
    byte[] toBytes() {
        return Arrays.copyOf(entries.array(), entries.position());
    }

    /// An index of what [#toBytes] gave, to be continued.
    static TimeIndex of(byte[] content) {
        ByteBuffer in = ByteBuffer.wrap(content);
        TimeIndex index = new TimeIndex();
        while (in.remaining() >= ENTRY_BYTES) {
            index.add(in.getLong(), in.getInt());
        }
        return index;
    }
}
