package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A run of consecutive batches stored in one file. Invariant: `baseOffset` <= every offset here <
/// `nextOffset` <= the next segment's `baseOffset`. Why gaps: the cleaner removes records and never
/// renumbers.
///
/// Life: a segment is held by the log, and by every reader that is in it ([#tryRetain],
/// [#release]). When it is replaced or deleted the log lets go; the file is closed when the last
/// reader does, so that a reader in the middle finishes undisturbed. One thread (the appender) adds
/// to the active segment; any number read what is published.
public final class Segment {
    /// How much is read at first when one record is looked up: a batch as the appender writes them,
    /// and an index gap.
    private static final int LOOKUP_BYTES = 24 * 1024;

    private final Path directory;
    private final long baseOffset;
    private final DiskFile file;
    private final OffsetIndex offsetIndex;
    private TimeIndex timeIndex;
    private final SegmentFacts facts = new SegmentFacts();
    private final Superseded superseded = new Superseded(this);
    private final AtomicInteger holders = new AtomicInteger(1);

    private volatile long sizeBytes;
    private volatile long nextOffset;
    private volatile long largestTimestamp = -1;
    private volatile long firstTimestamp = -1;

    /// Last offset, less the base, of the batch with the largest timestamp; the writer's only.
    private int largestTimestampOffset;

    /// Length of the file as far as the appender made it so; its only. See [Headroom].
    private long fileBytes;

    /// When the first record came, by this machine's clock; the appender's only.
    private long filledSinceMs = -1;

    private long bytesSinceIndexEntry;

    private boolean sealed;

    /// Where the last batch begins.
    private long lastBatchAt;

    private Segment(
            Path directory,
            long baseOffset,
            DiskFile file,
            OffsetIndex offsetIndex,
            TimeIndex timeIndex) {
        this.directory = directory;
        this.baseOffset = baseOffset;
        this.file = file;
        this.offsetIndex = offsetIndex;
        this.timeIndex = timeIndex;
        this.nextOffset = baseOffset;
    }

    /// Makes the file of a new, empty segment; its name is durable once the directory is synced.
    static Segment create(Disk disk, Path directory, long baseOffset, SegmentFiles.Suffix suffix)
            throws IOException {
        DiskFile file =
                disk.open(
                        SegmentFiles.file(directory, baseOffset, SegmentFiles.LOG, suffix),
                        OpenMode.CREATE);
        return new Segment(directory, baseOffset, file, new OffsetIndex(), new TimeIndex());
    }

    /// Opens an existing file as a segment that knows nothing of its content yet: whoever opens it
    /// scans it and calls [#note] for each batch, or [#restore].
    static Segment open(
            Disk disk,
            Path directory,
            long baseOffset,
            OffsetIndex offsetIndex,
            TimeIndex timeIndex)
            throws IOException {
        Path name =
                SegmentFiles.file(
                        directory, baseOffset, SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
        DiskFile file = disk.open(name, OpenMode.READ_WRITE);
        return new Segment(directory, baseOffset, file, offsetIndex, timeIndex);
    }

    /// Takes over what a checkpoint tells of the file's content.
    void restore(Checkpoint.SegmentImage image) {
        sizeBytes = image.sizeBytes();
        nextOffset = image.nextOffset();
        firstTimestamp = image.firstTimestamp();
        largestTimestamp = image.largestTimestamp();
        lastBatchAt = image.lastBatchAt();
        facts.set(image.facts());
    }

    /// As [#restore(Checkpoint.SegmentImage)], for the segment that took writes.
    void restore(Checkpoint.SegmentImage image, Checkpoint.ActiveIndexes indexes) {
        restore(image);
        bytesSinceIndexEntry = indexes.bytesSinceEntry();
        largestTimestampOffset = indexes.largestTimestampOffset();
    }

    /// What a checkpoint tells of it but for the last batch's CRC. Only the appender.
    Checkpoint.SegmentImage image() {
        return new Checkpoint.SegmentImage(
                baseOffset,
                sizeBytes,
                nextOffset,
                firstTimestamp,
                largestTimestamp,
                lastBatchAt,
                0,
                facts.toLongs());
    }

    /// What a checkpoint tells of the indexes that are not on disk yet. Only the appender.
    Checkpoint.ActiveIndexes activeIndexes() {
        return new Checkpoint.ActiveIndexes(
                bytesSinceIndexEntry,
                largestTimestampOffset,
                offsetIndex.packed(),
                offsetIndex.count(),
                timeIndex.toBytes());
    }

    public long baseOffset() {
        return baseOffset;
    }

    /// Exclusive end of the offsets here.
    public long nextOffset() {
        return nextOffset;
    }

    /// Bytes of the `.log` file that belong to the log.
    public long sizeBytes() {
        return sizeBytes;
    }

    public boolean isEmpty() {
        return sizeBytes == 0;
    }

    /// The latest record timestamp in milliseconds, -1 where there is none.
    public long largestTimestamp() {
        return largestTimestamp;
    }

    /// The largest timestamp of the first batch, -1 where there is none.
    public long firstTimestamp() {
        return firstTimestamp;
    }

    public SegmentFacts facts() {
        return facts;
    }

    /// Which of its records are superseded.
    Superseded superseded() {
        return superseded;
    }

    /// The file; only to be read, and only by who retains the segment.
    public DiskFile file() {
        return file;
    }

    DiskFile writableFile() {
        return file;
    }

    Path directory() {
        return directory;
    }

    Path path(String kind, SegmentFiles.Suffix suffix) {
        return SegmentFiles.file(directory, baseOffset, kind, suffix);
    }

    OffsetIndex offsetIndex() {
        return offsetIndex;
    }

    /// Whether its indexes are on disk, and nothing can be added any more.
    boolean isSealed() {
        return sealed;
    }

    /// It was opened with the index file on disk.
    void sealed() {
        sealed = true;
    }

    /// Goes over from the heap to the index file on disk; nothing can be added any more.
    void seal(Disk disk) throws IOException {
        sealed = true;
        timeIndex = new TimeIndex();
        offsetIndex.switchToMap(disk, path(SegmentFiles.INDEX, SegmentFiles.Suffix.LIVE));
    }

    long fileBytes() {
        return fileBytes;
    }

    void fileBytes(long bytes) {
        fileBytes = bytes;
    }

    /// Since when the segment has records, by this machine's clock, -1 while it has none.
    long filledSinceMs() {
        return filledSinceMs;
    }

    void filledSince(long nowMs) {
        filledSinceMs = nowMs;
    }

    /// Keeps the file open until [#release]; false if the segment is gone already: look at the
    /// log's segments again.
    public boolean tryRetain() {
        while (true) {
            int n = holders.get();
            if (n == 0) {
                return false;
            }
            if (holders.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }

    /// Whether nobody holds it any more, nor ever will.
    boolean isReleased() {
        return holders.get() == 0;
    }

    /// Undoes one [#tryRetain].
    public void release() {
        if (holders.decrementAndGet() == 0) {
            superseded.giveUp(); // it left the log, so the appender is done with it
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException("closing segment " + baseOffset, e);
            }
        }
    }

    /// Takes note of a batch that was written behind the last one, and publishes it to readers.
    void note(long batchLastOffset, long batchMaxTimestamp, int batchBytes) {
        long position = sizeBytes;
        int relative = Math.toIntExact(batchLastOffset - baseOffset);
        if (batchMaxTimestamp > largestTimestamp) {
            largestTimestamp = batchMaxTimestamp;
            largestTimestampOffset = relative;
        }
        if (position == 0) {
            firstTimestamp = batchMaxTimestamp;
        }
        if (bytesSinceIndexEntry > OffsetIndex.INTERVAL_BYTES) {
            offsetIndex.add(relative, (int) position);
            noteLargestTimestamp();
            bytesSinceIndexEntry = 0;
        }
        bytesSinceIndexEntry += batchBytes;
        lastBatchAt = position;
        nextOffset = batchLastOffset + 1;
        sizeBytes = position + batchBytes;
    }

    private void noteLargestTimestamp() {
        timeIndex.add(largestTimestamp, largestTimestampOffset);
    }

    /// Steps over damaged bytes, so that positions stay true.
    void skipDamage(long bytes) {
        sizeBytes = sizeBytes() + bytes;
    }

    /// Whether both index files are there and hold what [#writeIndexes] would write.
    boolean hasIndexFiles(Disk disk) throws IOException {
        noteLargestTimestamp();
        return offsetIndex.equalsFile(disk, path(SegmentFiles.INDEX, SegmentFiles.Suffix.LIVE))
                && timeIndex.equalsFile(
                        disk, path(SegmentFiles.TIME_INDEX, SegmentFiles.Suffix.LIVE));
    }

    /// Writes and syncs both index files; the segment takes no more batches.
    void writeIndexes(Disk disk, SegmentFiles.Suffix suffix) throws IOException {
        noteLargestTimestamp();
        offsetIndex.writeTo(disk, path(SegmentFiles.INDEX, suffix));
        timeIndex.writeTo(disk, path(SegmentFiles.TIME_INDEX, suffix));
    }

    /// The record at exactly this offset, or null where it was removed. The segment must be
    /// retained.
    ///
    /// @throws IOException also if the batch is damaged
    public @Nullable LogRecord find(long offset) throws IOException {
        if (offset < baseOffset || offset >= nextOffset) {
            return null;
        }
        BatchScanner scanner = scanFrom(offset, ByteBuffer.allocate(LOOKUP_BYTES));
        while (scanner.next()) {
            RecordBatch batch = scanner.batch();
            if (batch.lastOffset() < offset) {
                continue;
            }
            if (batch.baseOffset() > offset) {
                return null;
            }
            batch.ensureValid();
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                if (cursor.offset() == offset) {
                    return cursor.toRecord();
                }
            }
            return null;
        }
        return null;
    }

    /// Where the batch begins that holds an offset, or the first that cannot be walked over to get
    /// there. The segment must be retained.
    long positionOf(long offset) {
        BatchScanner scanner = scanFrom(offset, ByteBuffer.allocate(LOOKUP_BYTES));
        try {
            while (scanner.next() && scanner.batch().lastOffset() < offset) {
                // goes on
            }
        } catch (IOException e) {
            return scanner.position();
        }
        return scanner.position();
    }

    /// Walks over the batches from one at or before an offset to what is published now. The segment
    /// must be retained.
    public BatchScanner scanFrom(long offset, ByteBuffer buffer) {
        long end = sizeBytes;
        long relative = Math.max(0, offset - baseOffset);
        int from =
                relative > Integer.MAX_VALUE
                        ? offsetIndex.floorPosition(Integer.MAX_VALUE)
                        : offsetIndex.floorPosition((int) relative);
        return new BatchScanner(file, from, end, buffer);
    }

    @Override
    public String toString() {
        return "Segment[" + baseOffset + ", " + nextOffset + ", " + sizeBytes + " bytes]";
    }
}
