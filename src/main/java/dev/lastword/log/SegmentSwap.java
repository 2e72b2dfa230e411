package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Replaces a run of closed segments (a group) of a running log by what a cleaning left of them: on
/// disk by [SegmentRenames], so that a crash leaves the old ones or the new ones, then for readers.
/// One group per partition is in a swap at a time.
///
/// Not thread-safe.
public final class SegmentSwap implements AutoCloseable {
    private final PartitionLog log;
    private final Disk disk;
    private final List<Segment> old;
    private final SegmentWriter writer;
    private boolean done;

    SegmentSwap(PartitionLog log, Disk disk, List<Segment> old) throws IOException {
        this.log = log;
        this.disk = disk;
        this.old = List.copyOf(old);
        this.writer =
                new SegmentWriter(
                        disk,
                        log.directory(),
                        old.getFirst().baseOffset(),
                        old.stream().mapToLong(Segment::sizeBytes).sum(),
                        log.flushTimes());
    }

    /// Adds one batch, as it is to be on disk, behind the ones before.
    ///
    /// @param bytes holds the batch from `batch.position()` on; not changed
    public void append(RecordBatch batch, ByteBuffer bytes) throws IOException {
        writer.append(batch, bytes);
    }

    /// Tells of a tombstone in the batch just added.
    ///
    /// @param horizonMs its batch's delete horizon, or -1
    public void noteTombstone(long timestamp, long horizonMs) {
        writer.target().facts().countTombstone(timestamp, horizonMs);
    }

    /// Bytes of all new segments so far.
    public long sizeBytes() {
        return writer.sizeBytes();
    }

    /// Makes the new segments take the old ones' place, on disk and then for readers. If this fails
    /// before the first step is durable, the log is as before; later than that the partition is
    /// quarantined, and the next start completes it.
    ///
    /// @param deadDropped how many superseded records were left out
    /// @param droppedTombstone the highest offset of a tombstone that was left out, or -1
    /// @param cleanedTo what the new segments' [SegmentFacts#cleanedTo] becomes
    public void commit(long deadDropped, long droppedTombstone, long cleanedTo) throws IOException {
        writer.finish();
        List<Segment> fresh = writer.segments();
        if (droppedTombstone >= 0) {
            log.cleaning().tombstoneDropped(droppedTombstone);
        }
        SegmentRenames.promote(disk, log.directory(), bases(fresh));
        done = true;
        try {
            SegmentRenames.replace(disk, log.directory(), bases(old), bases(fresh));
            for (Segment s : fresh) {
                s.seal(disk);
                s.facts().cleanedTo(cleanedTo);
            }
            log.publishSwap(old, fresh, deadDropped).join();
        } catch (IOException | RuntimeException e) {
            log.quarantine(
                    "a swap of segments stopped in the middle ("
                            + e.getMessage()
                            + "); a restart completes it");
            throw e;
        }
        old.forEach(log::discard);
    }

    /// After [#commit]: so many of the records left out were superseded meanwhile, and counted in
    /// the segment that does not hold them. Where there are several, too much stays counted, which
    /// costs a pass and loses nothing.
    public void uncountDead(long records) {
        List<Segment> fresh = writer.segments();
        if (records > 0 && fresh.size() == 1) {
            log.uncountDead(fresh.getFirst(), records).join();
        }
    }

    /// Gives up what is not committed and removes its files.
    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        done = true;
        try {
            writer.segments().forEach(Segment::release);
            SegmentRenames.giveUp(disk, log.directory(), bases(writer.segments()));
        } catch (IOException e) {
            log.quarantine("the files of a failed cleaning cannot be removed: " + e.getMessage());
            throw e;
        }
    }

    private static List<Long> bases(List<Segment> segments) {
        return segments.stream().map(Segment::baseOffset).toList();
    }
}
