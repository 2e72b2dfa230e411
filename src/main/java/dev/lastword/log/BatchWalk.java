package dev.lastword.log;

import dev.lastword.io.DiskFile;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A walk over all of a `.log` file, damage included: each step is a batch whose CRC holds, or a
/// range of bytes that are no batch, up to the next valid one. For looking at a file, not for
/// trusting it.
///
/// Memory: one buffer, as large as the largest batch. Not thread-safe.
public final class BatchWalk {
    /// What a step came upon.
    public enum Step {
        /// A batch, valid as far as its CRC and the order of offsets tell.
        BATCH,
        /// Bytes that are none.
        DAMAGE,
        /// The end of the file.
        END
    }

    private static final int BUFFER_BYTES = 1 << 20;

    private final DiskFile file;
    private final long size;
    private final long baseOffset;
    private final long offsetLimit;
    private final BatchScanner scanner;
    private final BatchSearch search;
    private long position;
    private long end;
    private long nextOffset;
    private String damage = "";

    /// Walks over a file from its beginning to what is its end now.
    ///
    /// @param baseOffset no batch of the file is below it
    public BatchWalk(DiskFile file, long baseOffset) throws IOException {
        this(file, baseOffset, Long.MAX_VALUE);
    }

    /// As the other; a batch that reaches `offsetLimit` counts as damaged, for the CRC does not
    /// cover its base offset.
    BatchWalk(DiskFile file, long baseOffset, long offsetLimit) throws IOException {
        this.file = file;
        this.baseOffset = baseOffset;
        this.offsetLimit = offsetLimit;
        this.size = file.size();
        this.nextOffset = baseOffset;
        this.search = new BatchSearch(file, size, baseOffset);
        this.scanner = new BatchScanner(file, 0, size, Buffers.direct(size, BUFFER_BYTES));
    }

    /// Goes on to the next batch or damage.
    ///
    /// @throws IOException if the file cannot be read; damage is no exception
    public Step next() throws IOException {
        position = end;
        try {
            if (!scanner.next()) {
                return Step.END;
            }
            scanner.batch().ensureValid();
            ensureWithin(scanner.batch());
        } catch (CorruptBatchException e) {
            damage = String.valueOf(e.getMessage());
            long resume = search.from(position + 1);
            end = resume < 0 ? size : resume;
            scanner.resumeAt(end, nextOffset - 1);
            return Step.DAMAGE;
        }
        end = position + scanner.batch().sizeInBytes();
        nextOffset = scanner.batch().nextOffset();
        return Step.BATCH;
    }

    private void ensureWithin(RecordBatch batch) throws CorruptBatchException {
        if (batch.baseOffset() < baseOffset || batch.lastOffset() >= offsetLimit) {
            throw new CorruptBatchException(
                    batch.baseOffset(),
                    "is not within the offsets of its segment, "
                            + baseOffset
                            + " to "
                            + (offsetLimit - 1));
        }
    }

    /// The batch of the last step, valid until the next.
    public RecordBatch batch() {
        return scanner.batch();
    }

    /// The buffer that holds that batch.
    ByteBuffer buffer() {
        return scanner.buffer();
    }

    /// Where in the file the last step's bytes begin.
    public long position() {
        return position;
    }

    /// Where they end, exclusive.
    public long end() {
        return end;
    }

    /// The offset that is to come: behind the last batch, or the segment's first.
    public long nextOffset() {
        return nextOffset;
    }

    /// What is wrong with the damaged bytes.
    public String damage() {
        return damage;
    }

    /// Whether the last step's bytes are all zero, as in a file that was given room in advance.
    public boolean isZero() throws IOException {
        ByteBuffer piece = Buffers.direct(end - position, BUFFER_BYTES);
        for (long at = position; at < end; at += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), end - at));
            file.readFully(piece, at);
            piece.flip();
            for (int i = 0; i < piece.limit(); i++) {
                if (piece.get(i) != 0) {
                    return false;
                }
            }
        }
        return true;
    }
}
