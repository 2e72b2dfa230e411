package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Replaces a run of closed segments (a group) of a running log by what a cleaning left of them: on
/// disk by [SegmentRenames], so that a crash leaves the old ones or the new ones, then for readers.
/// One group per partition is in a swap at a time.
///
/// A swap that fails once it is decided stops in the middle: the partition is quarantined, the old
/// segments go on serving readers, and [#complete] goes on where it stopped.
///
/// Not thread-safe.
public final class SegmentSwap implements AutoCloseable {
    /// What is to be done once readers have the new segments and before the old ones go.
    public interface Afterwards {
        void run() throws IOException;
    }

    private final PartitionLog log;
    private final Disk disk;
    private final List<Segment> old;
    private final SegmentWriter writer;

    /// What was noted of the old ones before they were read.
    private final Map<Segment, OffsetSet> superseded = new HashMap<>();

    private boolean done;
    private long deadDropped;
    private long droppedTombstone = -1;
    private long cleanedTo;
    private Afterwards afterwards = () -> {};

    /// See [CleaningState#swapBegins].
    private long number;

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

    /// To be called once for each of the old segments, before it is read.
    ///
    /// @return the offsets of its superseded records, to be read until the swap is committed or
    ///   closed; or null where they are not known, so that the key index has to be asked about all.
    ///   The records that supersede them may not be flushed yet: [#commit] sees to that.
    public @Nullable OffsetSet takeSuperseded(Segment segment) throws IOException {
        OffsetSet taken = log.inTurn(() -> segment.superseded().take(log.supersededMemory()));
        if (taken != null) {
            superseded.put(segment, taken);
        }
        return taken;
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
    /// @param source the old file, to stay open until the swap is committed or closed
    /// @param position where the batch begins in it
    public void copy(RecordBatch batch, ByteBuffer bytes, DiskFile source, long position)
            throws IOException {
        writer.copy(batch, bytes, source, position);
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

    /// Flushes the log (I4: what was left out may be superseded by what is only written), and makes
    /// the new segments take the old ones' place, on disk and then for readers. If this fails
    /// before the first step is durable, the log is as before; later than that the partition is
    /// quarantined until the swap is completed, by the next attempt to clean it or the next start.
    ///
    /// @param deadDropped how many superseded records were left out
    /// @param droppedTombstone the highest offset of a tombstone that was left out, or -1
    /// @param cleanedTo what the new segments' [SegmentFacts#cleanedTo] becomes
    /// @param afterwards runs once, by whoever completes the swap
    public void commit(
            long deadDropped, long droppedTombstone, long cleanedTo, Afterwards afterwards)
            throws IOException {
        if (!log.flushNow()) {
            throw new IOException(log.name() + " cannot be flushed: " + log.reason());
        }
        writer.finish();
        number =
                log.cleaning()
                        .swapBegins(
                                old.getFirst().baseOffset(),
                                old.getLast().nextOffset(),
                                droppedTombstone);
        SegmentRenames.promote(disk, log.directory(), bases(writer.segments()));
        done = true;
        forgetTaken();
        this.deadDropped = deadDropped;
        this.droppedTombstone = droppedTombstone;
        this.cleanedTo = cleanedTo;
        this.afterwards = afterwards;
        complete();
    }

    /// Takes the steps of [#commit] that are still to be taken. The caller holds the partition's
    /// maintenance lock.
    void complete() throws IOException {
        List<Segment> fresh = writer.segments();
        try {
            log.spareReplaced(old);
            SegmentRenames.replace(disk, log.directory(), bases(old), bases(fresh));
            long earliestDeadlineMs = Expiry.earliest(old);
            for (Segment s : fresh) {
                s.seal(disk);
                s.facts().earliestDeadlineMs(earliestDeadlineMs);
                s.facts().cleanedTo(cleanedTo);
            }
            log.publishSwap(old, fresh, deadDropped).join();
            log.cleaning().tombstoneGone(droppedTombstone);
        } catch (IOException | RuntimeException e) {
            log.swapStopped(this, String.valueOf(e.getMessage()));
            throw e;
        }
        log.swapCompleted();
        boolean ended = false;
        try {
            afterwards.run();
            ended = true;
        } finally {
            log.cleaning().swapEnds(number, ended);
            old.forEach(log::discard);
        }
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

    /// Lets go of the new segments of a swap that stopped in the middle, for a log that is closed.
    void abandon() {
        writer.segments().forEach(Segment::release);
    }

    private void forgetTaken() {
        superseded.values().forEach(OffsetSet::clear);
        superseded.clear();
    }

    /// Gives up what is not committed and removes its files.
    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        done = true;
        try {
            log.inTurn(() -> {
                for (Segment s : old) {
                    OffsetSet taken = superseded.remove(s);
                    if (taken != null) {
                        s.superseded().putBack(taken);
                    }
                }
                return null;
            });
        } finally {
            forgetTaken();
            removeNew();
        }
    }

    private void removeNew() throws IOException {
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
