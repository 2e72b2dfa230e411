package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.log.SegmentFiles.Suffix;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Writes what is to replace a group of segments: one new segment, or more where one file cannot
/// hold it, as `.cleaned`. Flushed in small steps, for one large flush would delay everybody's.
///
/// Not thread-safe.
final class SegmentWriter {
    private static final int WRITE_BYTES = 1 << 20;

    /// What is flushed at once: one large flush would delay everybody's.
    private static final int SYNC_BYTES = 1 << 20;

    /// The same while nobody else flushes anything.
    private static final int SYNC_BYTES_ALONE = 16 << 20;

    private final Disk disk;
    private final Path directory;
    private final ByteBuffer out;
    private final List<Segment> segments = new ArrayList<>();
    private Segment target;
    private long written;
    private long synced;
    private final FlushTimes others;
    private long othersSeen;

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
        int size = batch.sizeInBytes();
        if (target.sizeBytes() + size > Integer.MAX_VALUE
                || batch.lastOffset() - target.baseOffset() > Integer.MAX_VALUE) {
            finishTarget();
            target = newTarget(batch.baseOffset());
        }
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
        long othersBytes = others.bytes();
        long step = othersBytes == othersSeen ? SYNC_BYTES_ALONE : SYNC_BYTES;
        if (written - synced >= step) {
            target.writableFile().sync();
            synced = written;
            othersSeen = othersBytes;
        }
    }

    /// Makes the files durable, though not yet their names; nothing can be added any more.
    void finish() throws IOException {
        finishTarget();
    }

    private void finishTarget() throws IOException {
        drain();
        target.writeIndexes(disk, Suffix.CLEANED);
        target.writableFile().sync();
    }
}
