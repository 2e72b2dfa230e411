package dev.lastword.log;

import dev.lastword.io.DiskFile;
import dev.lastword.io.DiskFullIOException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Zeros behind the end of the active segment, written ahead of the records that will replace them.
///
/// Why: to flush a write that makes a file longer, the file system has to commit its journal, and
/// that waits for whatever else the commit holds: with ext4 all data of other files that were
/// written or renamed shortly before, such as a cleaning's. A write into space that is on disk
/// already changes no such metadata, and its flush waits for its own pages only. So the file grows
/// in steps, and only one flush in a few thousand pays for that.
///
/// The segment's size does not count the zeros; they are given back when it is closed. After a
/// crash recovery finds them behind the last batch and cuts them ([SegmentScan]).
///
/// Only the appender calls this.
final class Headroom {
    private static final long STEP_BYTES_MIN = 16 << 10;
    private static final long STEP_BYTES_MAX = 1 << 20;

    /// A group this large pays for its own growth, and zeros ahead of it would double the writing.
    private static final int LARGE_GROUP_BYTES = 128 << 10;

    private static final int PIECE_BYTES = 64 << 10;
    private static final ByteBuffer ZEROS = ByteBuffer.allocate(PIECE_BYTES).asReadOnlyBuffer();

    private Headroom() {}

    /// Called when a group was written behind the segment's end and before it is flushed.
    ///
    /// @param end where the group ends in the file
    /// @param segmentBytesMax beyond it no room is made
    static void extend(Segment active, long end, int groupBytes, long segmentBytesMax)
            throws IOException {
        if (end <= active.fileBytes()) {
            return;
        }
        active.fileBytes(end);
        if (groupBytes >= LARGE_GROUP_BYTES) {
            return;
        }
        long step = Math.clamp(end, STEP_BYTES_MIN, STEP_BYTES_MAX);
        long to = Math.min(end + step, segmentBytesMax);
        DiskFile file = active.writableFile();
        try {
            for (long at = end; at < to; at += PIECE_BYTES) {
                ByteBuffer piece = ZEROS.duplicate();
                file.write(piece.limit((int) Math.min(PIECE_BYTES, to - at)), at);
            }
            active.fileBytes(Math.max(end, to));
        } catch (DiskFullIOException e) {
            file.truncate(end); // the group has its place, and goes without
        }
    }

    /// Cuts the file to what the segment holds, durably.
    static void giveBack(Segment active) throws IOException {
        DiskFile file = active.writableFile();
        if (file.size() > active.sizeBytes()) {
            file.truncate(active.sizeBytes());
            file.sync();
        }
        active.fileBytes(active.sizeBytes());
    }
}
