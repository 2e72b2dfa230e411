package dev.lastword.log;

import dev.lastword.io.DiskFile;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// A walk over the batches of a file, first to last, through one buffer. It checks that each batch
/// is plausible, is there in full and has higher offsets than the one before; the CRC is for the
/// caller to check ([RecordBatch#ensureValid]), who may want to skip over most batches.
///
/// Not thread-safe.
public final class BatchScanner {
    /// Where a batch's CRC stands; it covers all behind it.
    private static final int CRC_AT = 17;

    /// A batch that declares more than this is checked before memory is taken for it.
    private static final int BELIEVED_BYTES = 4 << 20;

    private final RecordBatch batch = new RecordBatch();
    private ByteBuffer buffer;
    private final DiskFile file;
    private final long end;

    /// File position of the byte at the buffer's index 0; the buffer holds [bufferStart,
    /// bufferStart + limit).
    private long bufferStart;

    private long position;
    private long nextPosition;
    private long lastOffset = -1;

    /// Walks over [from, end) of the file.
    ///
    /// @param buffer scratch space of at least a batch header; replaced by a larger one where a
    ///   batch does not fit
    /// @param from where a batch starts
    public BatchScanner(DiskFile file, long from, long end, ByteBuffer buffer) {
        this.file = file;
        this.end = end;
        this.buffer = buffer;
        this.bufferStart = from;
        this.nextPosition = from;
        this.position = from;
        buffer.clear().limit(0);
    }

    /// The CRC that the batch at a position has, unchecked; 0 where the file ends before.
    static int crcAt(DiskFile file, long position) throws IOException {
        if (position + RecordBatch.HEADER_BYTES > file.size()) {
            return 0;
        }
        ByteBuffer crc = ByteBuffer.allocate(Integer.BYTES);
        file.readFully(crc, position + CRC_AT);
        return crc.getInt(0);
    }

    /// Goes to the next batch; false at the end.
    ///
    /// @throws CorruptBatchException if there is no such batch; [#position] is then where it should
    ///   have been
    public boolean next() throws IOException {
        position = nextPosition;
        if (position >= end) {
            return false;
        }
        if (end - position < RecordBatch.HEADER_BYTES) {
            throw new CorruptBatchException(
                    lastOffset + 1, "only " + (end - position) + " bytes are left in the file");
        }
        require(RecordBatch.HEADER_BYTES);
        int size = RecordBatch.declaredSize(buffer, (int) (position - bufferStart));
        if (size > end - position) {
            throw new CorruptBatchException(
                    lastOffset + 1,
                    "a batch declares " + size + " bytes, " + (end - position) + " are left");
        }
        if (size > BELIEVED_BYTES && size > buffer.capacity()) {
            checkBeforeAllocating(size);
        }
        require(size);
        batch.wrap(buffer, (int) (position - bufferStart));
        if (batch.baseOffset() <= lastOffset) {
            throw new CorruptBatchException(
                    batch.baseOffset(), "follows offset " + lastOffset + " in the same file");
        }
        lastOffset = batch.lastOffset();
        nextPosition = position + size;
        return true;
    }

    /// Whether the next batch is in the buffer already, so that [#next] leaves there what it holds.
    public boolean nextIsBuffered() {
        return nextPosition < end
                && RecordBatch.isComplete(buffer, (int) (nextPosition - bufferStart));
    }

    /// Goes on at a position behind a damaged batch.
    ///
    /// @param verifiedLastOffset the highest offset before the damage that is known to be true
    public void resumeAt(long newPosition, long verifiedLastOffset) {
        nextPosition = newPosition;
        lastOffset = verifiedLastOffset;
    }

    /// The batch that [#next] went to, valid until the next call.
    public RecordBatch batch() {
        return batch;
    }

    /// Where that batch starts in the file.
    public long position() {
        return position;
    }

    /// The buffer in use, which may be another than the one given.
    public ByteBuffer buffer() {
        return buffer;
    }

    /// Checks a large batch's CRC piece by piece: one flipped bit in its length must not cost the
    /// memory it speaks of.
    private void checkBeforeAllocating(int size) throws IOException {
        long stored = buffer.getInt((int) (position - bufferStart) + CRC_AT) & 0xffff_ffffL;
        CRC32C crc = new CRC32C();
        ByteBuffer piece = ByteBuffer.allocate(64 * 1024);
        long from = position + CRC_AT + Integer.BYTES;
        while (from < position + size) {
            piece.clear().limit((int) Math.min(piece.capacity(), position + size - from));
            file.readFully(piece, from);
            from += piece.position();
            crc.update(piece.flip());
        }
        if (crc.getValue() != stored) {
            throw new CorruptBatchException(
                    lastOffset + 1,
                    "a batch declares " + size + " bytes, and its CRC does not hold");
        }
    }

    /// Makes bytes [position, position + count) present in the buffer.
    private void require(int count) throws IOException {
        int at = (int) Math.min(Integer.MAX_VALUE, position - bufferStart);
        if (at <= buffer.limit() && buffer.limit() - at >= count) {
            return;
        }
        ByteBuffer target = buffer;
        if (count > buffer.capacity()) {
            target =
                    buffer.isDirect()
                            ? ByteBuffer.allocateDirect(count)
                            : ByteBuffer.allocate(count);
        }
        int kept = Math.max(0, buffer.limit() - at);
        if (at < buffer.limit()) {
            ByteBuffer rest = buffer.duplicate().position(at).limit(at + kept);
            target.clear();
            target.put(rest); // copies rightly within one buffer too
        } else {
            kept = 0;
        }
        target.clear().position(kept);
        long readFrom = position + kept;
        int wanted = (int) Math.min(target.capacity() - kept, end - readFrom);
        target.limit(kept + wanted);
        file.readFully(target, readFrom);
        target.flip();
        buffer = target;
        bufferStart = position;
    }
}
