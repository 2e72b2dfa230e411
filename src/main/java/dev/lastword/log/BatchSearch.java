package dev.lastword.log;

import dev.lastword.io.DiskFile;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Looks for the next valid batch behind damage, byte by byte: one whose CRC holds and whose
/// offsets are higher than those before. Only used after damage was found.
final class BatchSearch {
    private static final int WINDOW_BYTES = 1 << 20;

    /// A batch larger than this is not recognised.
    private static final int BATCH_BYTES_MAX = 64 << 20;

    private final DiskFile file;
    private final long end;
    private final long lowestOffset;

    BatchSearch(DiskFile file, long end, long lowestOffset) {
        this.file = file;
        this.end = end;
        this.lowestOffset = lowestOffset;
    }

    /// The position of the first valid batch at or behind `start`, or -1.
    long from(long start) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES);
        long windowStart = start;
        while (end - windowStart >= RecordBatch.HEADER_BYTES) {
            window.clear().limit((int) Math.min(WINDOW_BYTES, end - windowStart));
            file.readFully(window, windowStart);
            window.flip();
            int candidates = window.limit() - RecordBatch.HEADER_BYTES + 1;
            for (int i = 0; i < candidates; i++) {
                if (window.get(i + 16) == 2 && isBatch(window, i, windowStart + i)) {
                    return windowStart + i;
                }
            }
            windowStart += candidates;
        }
        return -1;
    }

    /// Whether there is a valid batch at this position.
    boolean isBatchAt(long position) throws IOException {
        if (end - position < RecordBatch.HEADER_BYTES) {
            return false;
        }
        ByteBuffer header = ByteBuffer.allocate(RecordBatch.HEADER_BYTES);
        file.readFully(header, position);
        return isBatch(header.flip(), 0, position);
    }

    private boolean isBatch(ByteBuffer window, int at, long position) throws IOException {
        try {
            int size = RecordBatch.declaredSize(window, at);
            long baseOffset = window.getLong(at);
            if (baseOffset < lowestOffset || size > end - position || size > BATCH_BYTES_MAX) {
                return false;
            }
            ByteBuffer whole = window;
            int index = at;
            if (size > window.limit() - at) {
                whole = ByteBuffer.allocate(size);
                file.readFully(whole, position);
                whole.flip();
                index = 0;
            }
            return new RecordBatch().wrap(whole, index).isCrcValid();
        } catch (CorruptBatchException e) {
            return false;
        }
    }
}
