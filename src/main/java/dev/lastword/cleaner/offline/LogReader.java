package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.ClosedSegment;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads segments batch by batch. Each is checked before it is shown: its CRC, and that its offsets
/// lie above those before and below the next segment.
///
/// Not thread-safe.
final class LogReader {
    /// Small enough that what was read is still in the processor's cache when it is looked at.
    private static final int BUFFER_BYTES = 256 * 1024;

    private static final int MAGIC_AT = 16;

    private final Disk disk;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long position;
    private @Nullable DiskFile file;

    /// Sees a batch; it is valid until the call returns.
    interface Visitor {
        /// @return false to stop
        boolean visit(RecordBatch batch) throws IOException;

        /// All was shown; the file is about to be closed.
        default void end() throws IOException {}
    }

    LogReader(Disk disk) {
        this.disk = disk;
    }

    /// A reader with a place of its own.
    LogReader another() {
        return new LogReader(disk);
    }

    /// Where the batch being shown begins in its file.
    long position() {
        return position;
    }

    /// The file that the batch being shown is in; closed when all of it was shown.
    DiskFile file() {
        return Objects.requireNonNull(file);
    }

    /// The buffer that holds the batch being shown.
    ByteBuffer buffer() {
        return buffer;
    }

    /// Shows the batches of one segment from a position on.
    ///
    /// @return false if the visitor stopped
    /// @throws RefusedException if a batch is damaged or cannot be understood
    boolean read(List<ClosedSegment> segments, int i, long from, Visitor visitor)
            throws IOException {
        ClosedSegment segment = segments.get(i);
        long nextBase = i + 1 < segments.size() ? segments.get(i + 1).baseOffset() : Long.MAX_VALUE;
        try (DiskFile opened = disk.open(segment.log(), OpenMode.READ)) {
            file = opened;
            BatchScanner scanner = new BatchScanner(opened, from, segment.sizeBytes(), buffer);
            try {
                while (scanner.next()) {
                    RecordBatch batch = scanner.batch();
                    batch.ensureValid();
                    buffer = scanner.buffer();
                    position = scanner.position();
                    checkOffsets(batch, segment, nextBase);
                    if (!visitor.visit(batch)) {
                        return false;
                    }
                }
                visitor.end();
                return true;
            } catch (CorruptBatchException e) {
                throw refusal(segment, opened, scanner.position(), e);
            } finally {
                buffer = scanner.buffer();
                file = null;
            }
        }
    }

    private static void checkOffsets(RecordBatch batch, ClosedSegment segment, long nextBase)
            throws CorruptBatchException {
        if (batch.baseOffset() < segment.baseOffset() || batch.lastOffset() >= nextBase) {
            throw new CorruptBatchException(
                    batch.baseOffset(), "lies beyond the offsets of its segment");
        }
    }

    private static RefusedException refusal(
            ClosedSegment segment, DiskFile file, long position, CorruptBatchException e)
            throws IOException {
        ByteBuffer magic = ByteBuffer.allocate(1);
        if (file.read(magic, position + MAGIC_AT) == 1
                && (magic.get(0) == 0 || magic.get(0) == 1)) {
            return new RefusedException(
                    RefusedException.Reason.UNSUPPORTED, at(segment, position) + e.getMessage(), e);
        }
        return new RefusedException(
                RefusedException.Reason.CORRUPT,
                at(segment, position)
                        + e.getMessage()
                        + ". Nothing of the partition was changed. Take it from a replica or a"
                        + " backup.",
                e);
    }

    private static String at(ClosedSegment segment, long position) {
        return segment.log() + ", the batch at byte " + position + ": ";
    }
}
