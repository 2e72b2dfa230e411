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

/// Replaces a run of segments (a group) of a partition that nothing runs on by what a cleaning left
/// of them, by [SegmentRenames], so that a crash leaves the old ones or the new ones.
///
/// Not thread-safe.
public final class ClosedSwap implements AutoCloseable {
    private final Disk disk;
    private final Path directory;
    private final List<Long> old;
    private final SegmentWriter writer;

    /// Those of each new segment, in the order of their markers.
    private final List<List<AbortedTransaction>> aborted = new ArrayList<>();

    private boolean done;

    /// @param group consecutive segments of one partition
    public ClosedSwap(Disk disk, List<ClosedSegment> group) throws IOException {
        this.disk = disk;
        this.directory = group.getFirst().directory();
        this.old = group.stream().map(ClosedSegment::baseOffset).toList();
        this.writer =
                new SegmentWriter(
                        disk,
                        directory,
                        old.getFirst(),
                        group.stream().mapToLong(ClosedSegment::sizeBytes).sum(),
                        new FlushTimes());
    }

    /// Adds one batch, as it is to be on disk, behind the ones before.
    ///
    /// @param bytes holds the batch from `batch.position()` on; not changed
    public void append(RecordBatch batch, ByteBuffer bytes) throws IOException {
        writer.append(batch, bytes);
    }

    /// As [#append], for a batch that stays as it is: a run of those that lie behind each other is
    /// copied from file to file.
    ///
    /// @param source the old file, to stay open until [#endRun]
    /// @param position where the batch begins in it
    public void copy(RecordBatch batch, ByteBuffer bytes, DiskFile source, long position)
            throws IOException {
        writer.copy(batch, bytes, source, position);
    }

    /// The old files that batches were copied from are not read any more once this returns.
    public void endRun() throws IOException {
        writer.endRun();
    }

    /// Enters an aborted transaction, whose marker is the batch that was added last, into the new
    /// segment's transaction index.
    public void noteAborted(AbortedTransaction transaction) {
        while (aborted.size() < writer.segments().size()) {
            aborted.add(new ArrayList<>());
        }
        aborted.getLast().add(transaction);
    }

    /// The offset behind the last batch that was added, or the base offset of the group.
    public long nextOffset() {
        return writer.target().nextOffset();
    }

    /// Bytes of all new segments so far.
    public long sizeBytes() {
        return writer.sizeBytes();
    }

    /// Makes the new segments take the old ones' place, durably. The old files are still there,
    /// under other names, until [#deleteOld].
    ///
    /// @return base offsets of the new segments
    public List<Long> commit() throws IOException {
        writer.finish();
        List<Long> fresh = bases();
        for (int i = 0; i < aborted.size(); i++) {
            if (!aborted.get(i).isEmpty()) {
                Path file =
                        SegmentFiles.file(
                                directory, fresh.get(i), SegmentFiles.TXN_INDEX, Suffix.CLEANED);
                AbortedTransaction.write(disk, file, aborted.get(i));
            }
        }
        SegmentRenames.promote(disk, directory, fresh);
        done = true; // from here on only the next run's recovery may touch the files
        try {
            SegmentRenames.replace(disk, directory, old, fresh);
        } finally {
            writer.segments().forEach(Segment::release);
        }
        return fresh;
    }

    /// Removes for good what [#commit] replaced; by any thread. Where that fails, or is not done,
    /// the next run's recovery does it.
    public void deleteOld() throws IOException {
        SegmentRenames.deleteRetired(disk, directory, old);
    }

    private List<Long> bases() {
        return writer.segments().stream().map(Segment::baseOffset).toList();
    }

    /// Gives up what is not committed and removes its files.
    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        done = true;
        writer.segments().forEach(Segment::release);
        SegmentRenames.giveUp(disk, directory, bases());
    }
}
