package dev.lastword.read;

import dev.lastword.log.BatchScanner;
import dev.lastword.log.LogException;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Segment;
import dev.lastword.log.SegmentList;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads a partition forward from an offset, segment by segment. Each segment is retained only
/// while it is read; where it is replaced meanwhile, reading goes on in what took its place.
final class ForwardRead {
    private ForwardRead() {}

    /// Sees the records in order.
    interface Visitor {
        /// Looks at a record; false to stop before it.
        boolean take(RecordCursor record);

        /// Asked behind each batch, which took so many bytes; false to stop there.
        default boolean goOn(int batchBytes) {
            return true;
        }
    }

    private static final long STOPPED = 1L << 63;

    /// Shows the visitor what lies in [from, end).
    ///
    /// @param bufferBytes how much is read from the file at a time
    /// @return where to read on: `end`, or where the visitor stopped
    /// @throws LogException.Corrupt if a batch is damaged
    /// @throws LogException.Closed if the partition is closed
    static long read(PartitionLog log, long from, long end, int bufferBytes, Visitor visitor) {
        long next = from;
        while (next < end) {
            SegmentList list = log.segments();
            int i = Math.max(0, list.floorIndex(next));
            Segment segment = list.get(i);
            if (segment.nextOffset() <= next) {
                if (i + 1 == list.size()) {
                    return end;
                }
                next = Math.max(next, list.get(i + 1).baseOffset());
                segment = list.get(i + 1);
            }
            if (!segment.tryRetain()) {
                log.throwIfClosed();
                continue;
            }
            try {
                long reached = readIn(log, segment, next, end, bufferBytes, visitor);
                next = reached & ~STOPPED;
                if (reached != next) {
                    return next;
                }
            } catch (IOException e) {
                throw new LogException.Corrupt(log.name(), next, String.valueOf(e.getMessage()), e);
            } finally {
                segment.release();
            }
        }
        return end;
    }

    /// Shows what one segment has; returns where to read on, with [#STOPPED] where the visitor did.
    private static long readIn(
            PartitionLog log,
            Segment segment,
            long from,
            long end,
            int bufferBytes,
            Visitor visitor)
            throws IOException {
        long segmentEnd = Math.min(segment.nextOffset(), end);
        BatchScanner scanner = segment.scanFrom(from, ByteBuffer.allocate(bufferBytes));
        try {
            return readIn(scanner, segmentEnd, from, end, visitor);
        } catch (CorruptBatchException e) {
            log.quarantine(segment, scanner.position(), e);
            throw e;
        }
    }

    private static long readIn(
            BatchScanner scanner, long segmentEnd, long from, long end, Visitor visitor)
            throws IOException {
        while (scanner.next()) {
            var batch = scanner.batch();
            if (batch.lastOffset() < from) {
                continue;
            }
            if (batch.baseOffset() >= end) {
                return end;
            }
            batch.ensureValid();
            if (!batch.isControl()) {
                RecordCursor cursor = batch.cursor();
                while (cursor.next()) {
                    if (cursor.offset() < from) {
                        continue;
                    }
                    if (cursor.offset() >= end) {
                        return end;
                    }
                    if (!visitor.take(cursor)) {
                        return cursor.offset() | STOPPED;
                    }
                }
            }
            if (!visitor.goOn(batch.sizeInBytes())) {
                return Math.min(batch.lastOffset() + 1, end) | STOPPED;
            }
        }
        return Math.max(from, segmentEnd);
    }
}
