package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import dev.lastword.io.Disk;
import dev.lastword.record.LogRecord;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One partition: an append-only sequence of segments with one writer ([Appender]) and many
/// readers.
///
/// Invariants: offsets ascend and never change; the end never goes back; what a reader is shown was
/// acknowledged or is about to be; the key index names, for each key, the latest record below the
/// end offset. Readers work on a [SegmentList], which never changes under them, and retain the
/// segment they are in.
///
/// Thread-safe.
public final class PartitionLog {
    static final String RECOVERY_POINT = "recovery.point.offset";

    /// What all partitions of a store share.
    record Shared(
            Disk disk,
            java.time.InstantSource clock,
            KeyHasher hasher,
            Consumer<LogEvent> events) {}

    private record Doomed(Path file, long dueMs) {}

    private final Shared shared;
    private final String topic;
    private final int partition;
    private final Path directory;
    private final Path recoveryFile;
    private final Path checkpointFile;
    private final CleaningState cleaning;
    private final KeyIndex index = new KeyIndex(ThreadLocalRandom.current().nextLong());
    private final Appender appender;
    private final ReentrantLock maintenance = new ReentrantLock();
    private final ConcurrentLinkedQueue<Doomed> doomed = new ConcurrentLinkedQueue<>();

    private volatile TopicConfig config;
    private volatile @Nullable SegmentList segments;
    private volatile long endOffset;
    private volatile long flushedOffset;
    private volatile PartitionState state = PartitionState.ONLINE;
    private volatile String reason = "";

    PartitionLog(
            Shared shared,
            String topic,
            int partition,
            Path directory,
            Path recoveryFile,
            Path checkpointFile,
            CleaningState cleaning,
            TopicConfig config,
            WriteBudget budget) {
        this.shared = shared;
        this.topic = topic;
        this.partition = partition;
        this.directory = directory;
        this.recoveryFile = recoveryFile;
        this.checkpointFile = checkpointFile;
        this.cleaning = cleaning;
        this.config = config;
        this.appender = new Appender(this, budget);
    }

    /// Takes over what recovery found and starts the appender.
    void start(List<Segment> recovered) {
        segments = new SegmentList(recovered);
        endOffset = segments().active().nextOffset();
        flushedOffset = endOffset;
        appender.start();
    }

    public String topic() {
        return topic;
    }

    public int partition() {
        return partition;
    }

    /// `<topic>-<partition>`, as its folder is named.
    public String name() {
        return topic + "-" + partition;
    }

    public Path directory() {
        return directory;
    }

    public TopicConfig config() {
        return config;
    }

    void configure(TopicConfig newConfig) {
        config = newConfig;
    }

    /// Queues a write without waiting; its outcome comes through [AppendRequest#result].
    ///
    /// @throws LogException if it is not queued: too large, queue full, read-only, closed
    public void append(AppendRequest request) {
        checkWritable(request);
        appender.offer(request);
    }

    /// As [#append], but waits while the queue is full. For virtual threads.
    public void appendWaiting(AppendRequest request) {
        checkWritable(request);
        appender.put(request);
    }

    private void checkWritable(AppendRequest request) {
        if (appender.isClosing()) {
            throw new LogException.Closed("Partition " + name());
        }
        if (state == PartitionState.READ_ONLY) {
            throw new LogException.ReadOnly(name(), reason);
        }
        Appender.checkSizes(request, config.maxMessageBytes());
    }

    /// First offset that can be read.
    public long startOffset() {
        return Math.max(segments().startOffset(), cleaning.startOffset());
    }

    /// Offset of the next record; everything below it can be read.
    public long endOffset() {
        return endOffset;
    }

    /// Everything below it is on disk.
    public long flushedOffset() {
        return flushedOffset;
    }

    /// Published by the appender after the index has learnt the records.
    void publishEnd(long end, boolean flushed) {
        endOffset = end;
        if (flushed) {
            flushedOffset = end;
        }
    }

    public SegmentList segments() {
        return Objects.requireNonNull(segments, "not started");
    }

    public KeyIndex index() {
        return index;
    }

    public KeyHasher hasher() {
        return shared.hasher();
    }

    public CleaningState cleaning() {
        return cleaning;
    }

    public PartitionState state() {
        return state;
    }

    /// Why the state is what it is; empty while online.
    public String reason() {
        return reason;
    }

    Path checkpointFile() {
        return checkpointFile;
    }

    Disk disk() {
        return shared.disk();
    }

    long nowMs() {
        return shared.clock().millis();
    }

    void emit(LogEvent event) {
        shared.events().accept(event);
    }

    long drawJitterMs() {
        long max = Math.min(config.segmentJitterMs(), config.segmentMs());
        return max == 0 ? 0 : ThreadLocalRandom.current().nextLong(max);
    }

    void turnReadOnly(String why) {
        if (state != PartitionState.READ_ONLY) {
            reason = why;
            state = PartitionState.READ_ONLY;
            emit(new LogEvent.TurnedReadOnly(topic, partition, why));
        }
    }

    /// Stops the cleaning of this partition, and nothing else, until it is released.
    public void quarantine(String why) {
        if (state == PartitionState.ONLINE) {
            reason = why;
            state = PartitionState.QUARANTINED;
            emit(new LogEvent.Quarantined(topic, partition, why));
        }
    }

    /// Enters a durable record into the index and counts what it supersedes. Only the appender, or
    /// recovery before it.
    void learn(
            KeyHash hash,
            long offset,
            boolean tombstone,
            int bytes,
            long timestamp,
            long horizonMs,
            Segment segment,
            SegmentList among) {
        long previous = index.put(hash, offset, tombstone, bytes);
        if (previous != KeyIndex.ABSENT) {
            Segment superseded = among.floor(KeyIndex.offset(previous));
            if (superseded != null) {
                superseded.facts().countDead(1, KeyIndex.approximateBytes(previous));
            }
        }
        if (tombstone) {
            segment.facts().countTombstone(timestamp, horizonMs);
        }
    }

    /// The record at exactly this offset, or null where it was removed or never was. Reads the
    /// file. An offset that the index names can be read even in the moment before the end offset is
    /// moved beyond it.
    ///
    /// @throws LogException.Corrupt if its batch is damaged
    public @Nullable LogRecord recordAt(long offset) {
        while (offset >= startOffset()) {
            Segment segment = segments().floor(offset);
            if (segment == null) {
                return null;
            }
            if (segment.tryRetain()) {
                try {
                    return segment.find(offset);
                } catch (IOException e) {
                    throw new LogException.Corrupt(
                            name(), offset, String.valueOf(e.getMessage()), e);
                } finally {
                    segment.release();
                }
            }
            throwIfClosed();
        }
        return null;
    }

    /// For a reader that found a segment gone: it looks again, unless there is nothing to find.
    ///
    /// @throws LogException.Closed if the partition is closed
    public void throwIfClosed() {
        if (state == PartitionState.CLOSED) {
            throw new LogException.Closed("Partition " + name());
        }
    }

    /// Closes the active segment if it has records, so that they can be cleaned.
    public CompletableFuture<Void> rollActive() {
        return appender.submit(() -> {
            appender.roll();
            return null;
        });
    }

    /// Makes everything written so far durable.
    public CompletableFuture<Void> flush() {
        return appender.submit(() -> {
            appender.flush();
            return null;
        });
    }

    /// Removes keys from the index whose records are durably gone, unless something newer came.
    ///
    /// @param count how many elements of the arrays count
    /// @return how many keys were removed
    public CompletableFuture<Integer> forget(long[] hi, long[] lo, long[] offsets, int count) {
        return appender.submit(() -> {
            KeyHash hash = new KeyHash();
            int removed = 0;
            for (int i = 0; i < count; i++) {
                hash.hi = hi[i];
                hash.lo = lo[i];
                removed += index.removeIfOffset(hash, offsets[i]) ? 1 : 0;
            }
            return removed;
        });
    }

    /// Starts to replace a run of closed segments by what a cleaning leaves of them.
    public SegmentSwap beginSwap(List<Segment> old) throws IOException {
        return new SegmentSwap(this, disk(), old);
    }

    /// Publishes a durable swap to readers; the old segments are let go.
    CompletableFuture<Void> publishSwap(List<Segment> old, List<Segment> fresh, long deadDropped) {
        return appender.submit(() -> {
            long deadRecords = 0;
            long deadBytes = 0;
            for (Segment s : old) {
                deadRecords += s.facts().deadRecords();
                deadBytes += s.facts().deadBytes();
            }
            long left = Math.max(0, deadRecords - deadDropped);
            if (left > 0) {
                // Superseded while the pass ran. Where a group became several segments (too large
                // for one
                // file), which of them holds the record is not known: each is taken to.
                for (Segment s : fresh) {
                    s.facts().countDead(left, deadBytes * left / deadRecords);
                }
            }
            segments = segments().replace(old, fresh);
            return null;
        });
    }

    /// Takes back what was counted as dead in segments that never held it: a tombstone that a pass
    /// left out, superseded before its key was forgotten.
    CompletableFuture<Void> uncountDead(List<Segment> fresh, long records) {
        return appender.submit(() -> {
            for (Segment s : fresh) {
                long dead = s.facts().deadRecords();
                long n = Math.min(records, dead);
                if (n > 0) {
                    s.facts().countDead(-n, -(s.facts().deadBytes() * n / dead));
                }
            }
            return null;
        });
    }

    /// Takes the oldest segments out of the log for good: the new start is durable first, then
    /// readers stop seeing them. The caller retains them if it wants to read them still, and has
    /// their files removed by [SegmentSwap#bury].
    public void dropOldest(List<Segment> oldest) throws IOException {
        cleaning.moveStart(oldest.getLast().nextOffset());
        appender.submit(
                        () -> {
                            segments = segments().replace(oldest, List.of());
                            return null;
                        })
                .join();
    }

    /// Called by the appender to go over to a new segment. After an exception the old one is still
    /// active.
    Segment addSegment(Segment old) throws IOException {
        Disk disk = disk();
        old.writeIndexes(disk, SegmentFiles.Suffix.LIVE);
        long base = old.nextOffset();
        Segment fresh = Segment.create(disk, directory, base, SegmentFiles.Suffix.LIVE);
        try {
            disk.syncDirectory(directory);
        } catch (IOException e) {
            fresh.release();
            throw e; // an empty file may stay behind; recovery drops it
        }
        segments = segments().plus(fresh);
        old.offsetIndex()
                .switchToMap(
                        disk,
                        SegmentFiles.file(
                                directory,
                                old.baseOffset(),
                                SegmentFiles.INDEX,
                                SegmentFiles.Suffix.LIVE));
        writeRecoveryPoint(base);
        return fresh;
    }

    private void writeRecoveryPoint(long offset) throws IOException {
        StateFile.write(disk(), recoveryFile, Map.of(RECOVERY_POINT, Long.toString(offset)));
    }

    /// Lets a file go after the topic's `file.delete.delay.ms`.
    void doom(Path file) {
        doomed.add(new Doomed(file, nowMs() + config.fileDeleteDelayMs()));
    }

    /// Unlinks replaced and deleted files whose time has come.
    public void unlinkDoomed() throws IOException {
        long nowMs = nowMs();
        for (Doomed d : doomed) {
            if (d.dueMs <= nowMs && doomed.remove(d)) {
                try {
                    disk().delete(d.file);
                } catch (NoSuchFileException e) {
                    // its folder went as a whole
                }
            }
        }
    }

    /// Finishes the writes that wait, flushes, and writes the active segment's indexes, so that the
    /// next start need not search the tail.
    ///
    /// @return whether the log's tail is known to be whole on disk
    boolean close() throws IOException, InterruptedException {
        if (appender.isClosing()) {
            return false;
        }
        var flushed = flush();
        appender.close();
        flushed.join();
        boolean clean = state != PartitionState.READ_ONLY;
        Segment active = segments().active();
        try {
            if (clean) {
                active.writeIndexes(disk(), SegmentFiles.Suffix.LIVE);
                disk().syncDirectory(directory);
                if (state == PartitionState.ONLINE) {
                    Checkpoint.write(disk(), checkpointFile, this);
                } else {
                    disk().deleteRecursively(checkpointFile); // the next start looks for damage
                }
            }
        } finally {
            reason = "closed";
            state = PartitionState.CLOSED;
            for (Segment s : segments().asList()) {
                s.release();
            }
        }
        return clean;
    }

    /// Closes the partition for good: a cleaning in progress is waited for, and nothing touches the
    /// files afterwards.
    void closeForDeletion() throws IOException, InterruptedException {
        appender.close();
        reason = "deleted";
        state = PartitionState.CLOSED;
        maintenance.lock();
        try {
            for (Segment s : segments().asList()) {
                s.release();
            }
        } finally {
            maintenance.unlock();
        }
    }

    /// Held by whoever rewrites or deletes files of closed segments (cleaning, retention, deletion
    /// of the topic); never by the append path. Who holds it looks at [#state] first and now and
    /// then, and stops when it is `CLOSED`.
    public ReentrantLock maintenance() {
        return maintenance;
    }

    /// A consistent-enough picture for people and metrics; its parts are read one after the other.
    public PartitionStats stats() {
        SegmentList list = segments();
        long size = 0;
        long closedBytes = 0;
        long dirtyBytes = 0;
        long deadRecords = 0;
        long deadBytes = 0;
        long oldestTombstone = Long.MAX_VALUE;
        long cleanedTo = cleaning.cleanedTo();
        for (int i = 0; i < list.size(); i++) {
            Segment s = list.get(i);
            long bytes = s.sizeBytes();
            size += bytes;
            deadRecords += s.facts().deadRecords();
            deadBytes += s.facts().deadBytes();
            oldestTombstone = Math.min(oldestTombstone, s.facts().oldestTombstoneMs());
            if (i < list.size() - 1) {
                closedBytes += bytes;
                if (s.nextOffset() > cleanedTo) {
                    dirtyBytes += bytes;
                }
            }
        }
        return new PartitionStats(
                partition,
                startOffset(),
                endOffset,
                flushedOffset,
                size,
                list.size(),
                index.liveKeys(),
                deadRecords,
                deadBytes,
                closedBytes == 0 ? 0 : (double) dirtyBytes / closedBytes,
                cleaning.cleanedAtMs(),
                oldestTombstone == Long.MAX_VALUE
                        ? OptionalLong.empty()
                        : OptionalLong.of(oldestTombstone),
                state,
                reason);
    }
}
