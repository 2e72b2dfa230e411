package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.log.SegmentFiles.Suffix;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes what is to replace a group of segments: one new segment, or more where one file cannot
/// hold it, as `.cleaned`. Flushed in small steps, for one large flush would delay everybody's;
/// while nobody else writes, in larger ones and beside the writing, so that the disk is never idle.
///
/// Batches that stay as they are and lie behind each other in the old file too make a run. What a
/// run has beyond [#RUN_BYTES_BUFFERED] is copied from file to file, inside the kernel, without
/// going through the buffer here: few calls for many bytes. Shorter runs are not, for each would
/// cost two calls more. Whoever adds a batch has checked its CRC before.
///
/// Not thread-safe.
final class SegmentWriter {
    private static final int WRITE_BYTES = 1 << 20;

    /// What is flushed at once: one large flush would delay everybody's.
    private static final int SYNC_BYTES = 1 << 20;

    /// The same while nobody else flushes anything.
    private static final int SYNC_BYTES_ALONE = 16 << 20;

    /// A run goes through the buffer as long as it is no longer than this.
    static final int RUN_BYTES_BUFFERED = 64 << 10;

    private final Disk disk;
    private final Path directory;
    private final ByteBuffer out;
    private final List<Segment> segments = new ArrayList<>();
    private Segment target;
    private long written;
    private long synced;

    /// What was written is lost if it fails, whatever a later flush says.
    private final Beside syncing = new Beside("segment-flush");

    private final FlushTimes others;
    private long othersSeen;

    /// The run that the last batch belongs to: where it ends in the old file, and how long it is.
    private @Nullable DiskFile runFile;

    private long runEnd;
    private long runBytes;

    /// The end of the run that is still to be transferred.
    private long pendingBytes;

    /// @param baseOffset that of the group's first segment
    /// @param bytes about how much is to come, at most
    /// @param others the writers beside it
    SegmentWriter(Disk disk, Path directory, long baseOffset, long bytes, FlushTimes others)
            throws IOException {
        this.others = others;
        this.othersSeen = others.bytes();
        this.disk = disk;
        this.directory = directory;
        this.out = Buffers.direct(bytes, WRITE_BYTES);
        this.target = newTarget(baseOffset);
    }

    private Segment newTarget(long baseOffset) throws IOException {
        Segment s = Segment.create(disk, directory, baseOffset, Suffix.CLEANED);
        segments.add(s);
        written = 0;
        synced = 0;
        return s;
    }

    /// The new segments, the first of which is there from the beginning.
    List<Segment> segments() {
        return segments;
    }

    /// The one being written.
    Segment target() {
        return target;
    }

    /// Adds one batch, as it is to be on disk, behind the ones before.
    ///
    /// @param bytes holds the batch from `batch.position()` on; not changed
    void append(RecordBatch batch, ByteBuffer bytes) throws IOException {
        endRun();
        rollFor(batch);
        put(batch, bytes);
    }

    /// As [#append], for a batch that stays as it is. The old file must stay open until the next
    /// [#append], [#endRun] or [#finish].
    ///
    /// @param source the old file, and `position` where the batch begins in it
    @SuppressWarnings("ReferenceEquality") // the same open file
    void copy(RecordBatch batch, ByteBuffer bytes, DiskFile source, long position)
            throws IOException {
        int size = batch.sizeInBytes();
        if (source != runFile || position != runEnd) {
            endRun();
        }
        rollFor(batch);
        runFile = source;
        runEnd = position + size;
        runBytes += size;
        if (runBytes <= RUN_BYTES_BUFFERED) {
            put(batch, bytes);
            return;
        }
        pendingBytes += size;
        target.note(batch.lastOffset(), batch.maxTimestamp(), size);
        if (pendingBytes >= WRITE_BYTES) {
            transfer();
        }
    }

    /// The old file of the last run is not read any more once this returns.
    void endRun() throws IOException {
        transfer();
        runFile = null;
        runBytes = 0;
    }

    private void transfer() throws IOException {
        if (pendingBytes == 0 || runFile == null) {
            return;
        }
        drain();
        long from = runEnd - pendingBytes;
        runFile.transferTo(from, pendingBytes, target.writableFile(), written);
        written += pendingBytes;
        pendingBytes = 0;
        syncStep();
    }

    /// Goes on to a new segment where the batch does not fit into this one.
    private void rollFor(RecordBatch batch) throws IOException {
        if (target.sizeBytes() + batch.sizeInBytes() > Integer.MAX_VALUE
                || batch.lastOffset() - target.baseOffset() > Integer.MAX_VALUE) {
            finishTarget();
            target = newTarget(batch.baseOffset());
        }
    }

    private void put(RecordBatch batch, ByteBuffer bytes) throws IOException {
        int size = batch.sizeInBytes();
        if (size > out.remaining()) {
            drain();
        }
        if (size > out.remaining()) {
            int at = batch.position();
            target.writableFile().write(bytes.duplicate().limit(at + size).position(at), written);
            written += size;
        } else {
            out.put(out.position(), bytes, batch.position(), size);
            out.position(out.position() + size);
        }
        target.note(batch.lastOffset(), batch.maxTimestamp(), size);
    }

    /// Bytes of all new segments so far.
    long sizeBytes() {
        long size = 0;
        for (Segment s : segments) {
            size += s.sizeBytes();
        }
        return size;
    }

    private void drain() throws IOException {
        out.flip();
        int count = out.remaining();
        if (count > 0) {
            target.writableFile().write(out, written);
            written += count;
        }
        out.clear();
        syncStep();
    }

    private void syncStep() throws IOException {
        long othersBytes = others.bytes();
        boolean alone = othersBytes == othersSeen;
        if (written - synced < (alone ? SYNC_BYTES_ALONE : SYNC_BYTES)) {
            return;
        }
        DiskFile file = target.writableFile();
        if (alone) {
            syncing.begin(() -> {
                file.sync();
                return null;
            });
        } else {
            syncing.await();
            file.sync();
        }
        synced = written;
        othersSeen = othersBytes;
    }

    /// Makes the files durable, though not yet their names; nothing can be added any more.
    void finish() throws IOException {
        finishTarget();
    }

    private void finishTarget() throws IOException {
        endRun();
        drain();
        syncing.await();
        target.writeIndexes(disk, Suffix.CLEANED);
        target.writableFile().sync();
    }
}
