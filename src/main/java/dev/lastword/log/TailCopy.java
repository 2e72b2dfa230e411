package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.SegmentFiles.Suffix;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// After a failed flush: puts a new, flushed file in the place of the active segment's.
///
/// The system may have dropped pages that it could not write and go on serving them from its cache
/// until it needs the memory, so nothing above the flushed offset can be trusted to be in the old
/// file, now or later; and the medium may refuse the same blocks again. So the file is copied. What
/// is below the flushed offset is copied as it is; above it, each batch that readers have been
/// shown (`acks=written`) is copied if the bytes that were just read for that, and no others, pass
/// its CRC, up to the first that do not. A group whose flush failed was never shown: it is left
/// out, so what a reader found absent stays absent.
///
/// The names change by [SegmentRenames], so that a crash leaves the old file or the new one.
/// Stateless.
final class TailCopy {
    private static final int BUFFER_BYTES = 1 << 20;

    private TailCopy() {}

    /// Replaces the active segment's file; the segment itself goes on reading the old one.
    ///
    /// @param active of a log that takes no writes
    static void replaceActive(Disk disk, Segment active, long flushedOffset) throws IOException {
        long base = active.baseOffset();
        try (DiskFile target =
                disk.open(active.path(SegmentFiles.LOG, Suffix.CLEANED), OpenMode.CREATE)) {
            ByteBuffer buffer = Buffers.direct(active.sizeBytes(), BUFFER_BYTES);
            long proved = Math.max(base, flushedOffset - 1); // its batch is read as it was flushed
            BatchScanner scanner = active.scanFrom(proved, buffer);
            boolean more = goTo(flushedOffset, scanner, active);
            active.file().transferTo(0, scanner.position(), target, 0);
            if (more) {
                copyUnproved(scanner, target);
            }
            target.sync();
        }
        SegmentRenames.promote(disk, active.directory(), List.of(base));
        SegmentRenames.replace(disk, active.directory(), List.of(base), List.of(base));
    }

    /// Goes to the first batch that is not proved to be on disk; false where there is none that can
    /// be read. What lies before the scanner's position is proved either way.
    private static boolean goTo(long flushedOffset, BatchScanner scanner, Segment active)
            throws IOException {
        long next = active.baseOffset();
        try {
            while (scanner.next()) {
                if (scanner.batch().baseOffset() >= flushedOffset) {
                    return true;
                }
                next = scanner.batch().nextOffset();
            }
            return false;
        } catch (CorruptBatchException e) {
            if (next < flushedOffset) {
                throw e; // it was on disk once: that is damage
            }
            return false;
        }
    }

    /// Copies from the batch that the scanner is at to the first that is not whole.
    private static void copyUnproved(BatchScanner scanner, DiskFile target) throws IOException {
        try {
            do {
                RecordBatch batch = scanner.batch();
                batch.ensureValid();
                int at = batch.position();
                int end = at + batch.sizeInBytes();
                target.write(
                        scanner.buffer().duplicate().limit(end).position(at), scanner.position());
            } while (scanner.next());
        } catch (CorruptBatchException e) {
            return; // lost with the pages that the system dropped
        }
    }
}
