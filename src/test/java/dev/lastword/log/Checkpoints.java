package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.Checkpoint.PageAt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;

/// Checkpoint files for tests: looked into, and changed so that only their content tells.
public final class Checkpoints {
    private static final int TABLE_AT = 16;
    private static final int TABLE_CRC_AT = 32;
    private static final int HEADER_CRC_AT = 36;

    private Checkpoints() {}

    /// Writes a checkpoint in the caller's thread; `meanwhile` runs behind each page.
    public static void write(PartitionLog log, Runnable meanwhile) throws IOException {
        log.checkpoints()
                .write(() -> {
                    meanwhile.run();
                    return false;
                });
    }

    /// Lowers the offset of one entry by one; all checksums hold.
    static void changeAnEntry(Disk disk, Path file) throws IOException {
        PageAt page;
        try (Checkpoint c = Objects.requireNonNull(Checkpoint.open(disk, file))) {
            page = c.pages().stream().filter(p -> p.head().present() > 0).findFirst().orElseThrow();
        }
        ByteBuffer all = ByteBuffer.wrap(disk.readAll(file));
        int at = (int) page.position();
        int length = page.head().bytes(false);
        ByteBuffer bytes = all.slice(at, length).order(ByteOrder.nativeOrder());
        for (int i = 0; i < length; i += Long.BYTES) {
            if (i % 64 < 24 && bytes.getLong(i) < 0) {
                bytes.putLong(i, bytes.getLong(i) - 1);
                break;
            }
        }
        int tableAt = (int) all.getLong(TABLE_AT);
        for (int i = tableAt; i < all.limit() - 4; i++) {
            if (all.getInt(i) == page.crc()) {
                all.putInt(i, Checkpoint.crc(all.slice(at, length)));
            }
        }
        all.putInt(TABLE_CRC_AT, Checkpoint.crc(all.slice(tableAt, all.limit() - tableAt)));
        all.putInt(HEADER_CRC_AT, Checkpoint.crc(all.slice(0, HEADER_CRC_AT)));
        try (DiskFile out = disk.open(file, OpenMode.READ_WRITE)) {
            out.write(all, 0);
        }
    }
}
