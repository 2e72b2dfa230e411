package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A transaction whose records do not count, as Kafka's `.txnindex` lists it, in the order of the
/// abort markers, in entries of
///
/// ```
/// version int16 = 0 | producer id int64 | first offset int64 | last offset int64
///   | last stable offset int64                                          (big endian)
/// ```
///
/// @param producerId who wrote it
/// @param firstOffset that of its first record
/// @param lastOffset that of its abort marker
/// @param lastStableOffset up to where all was decided once this transaction was
public record AbortedTransaction(
        long producerId, long firstOffset, long lastOffset, long lastStableOffset) {
    private static final int ENTRY_BYTES = 34;
    private static final short VERSION = 0;

    /// The entries of a file, none if there is no file.
    ///
    /// @throws IOException also if they are not in the one version there is
    public static List<AbortedTransaction> read(Disk disk, Path file) throws IOException {
        List<AbortedTransaction> entries = new ArrayList<>();
        if (!disk.exists(file)) {
            return entries;
        }
        ByteBuffer in = ByteBuffer.wrap(disk.readAll(file));
        while (in.remaining() >= ENTRY_BYTES) {
            short version = in.getShort();
            if (version != VERSION) {
                throw new IOException(file + " holds an entry of version " + version);
            }
            entries.add(
                    new AbortedTransaction(in.getLong(), in.getLong(), in.getLong(), in.getLong()));
        }
        return entries;
    }

    /// Writes and syncs a file with these entries.
    static void write(Disk disk, Path file, List<AbortedTransaction> entries) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(entries.size() * ENTRY_BYTES);
        for (AbortedTransaction t : entries) {
            out.putShort(VERSION)
                    .putLong(t.producerId)
                    .putLong(t.firstOffset)
                    .putLong(t.lastOffset)
                    .putLong(t.lastStableOffset);
        }
        try (DiskFile target = disk.open(file, OpenMode.CREATE)) {
            target.write(out.flip(), 0);
            target.sync();
        }
    }
}
