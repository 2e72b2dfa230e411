package dev.lastword.log;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import dev.lastword.io.Disk;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One partition: an append-only sequence of segments with one writer ([Appender]) and many
/// readers.
///
/// Invariants: offsets ascend and never change; the end never goes back; what a reader is shown was
/// acknowledged or is about to be; the key index names, for each key, the latest record below the
/// end offset. Readers work on a [SegmentList], which never changes under them, and retain the
/// segment they are in.
///
/// It is long because it is where its parts meet, each with a class of its own: appender, segments,
/// checkpoints, cleaning, expiry, the window of requests.
///
/// Thread-safe.
public final class PartitionLog {
    static final String RECOVERY_POINT = "recovery.point.offset";

    /// Tells the active segment from a file that a roll that failed left behind.
    static final String ACTIVE_BASE = "active.base.offset";

    static final String CAUGHT_UP = "source.caught.up.ms";
    private static final long CAUGHT_UP_EVERY_MS = 60_000;

    private static final AtomicLong IDS = new AtomicLong();

    private static final int DAMAGES_MAX = 100;
    private static final int SCAN_BYTES = 64 << 10;

    /// What all partitions of a store share.
    record Shared(
            GroupPool groups,
            Disk disk,
            java.time.InstantSource clock,
            KeyHasher hasher,
            FlushTimes flushTimes,
            CheckpointKeeper checkpoints,
            ExpiryKeeper expiries,
            AtomicLong supersededMemory,
            Consumer<LogEvent> events) {}

    private final long id = IDS.incrementAndGet();
    private final Shared shared;
    private final String topic;
    private final int partition;
    private final Path directory;
    private final Path recoveryFile;
    private final Path requestsFile;
    private final Checkpointing checkpoints;
    private final CleaningState cleaning;
    private final boolean mirrored;
    private final KeyIndex index;
    private final IdempotencyWindow requests = new IdempotencyWindow();
    private final Expiry expiry = new Expiry(this);
    private final Appender appender;
    private final ReentrantLock maintenance = new ReentrantLock();
    private final DoomedFiles doomed;
    private final EndListeners endListeners = new EndListeners();

    private volatile TopicConfig config;
    private volatile @Nullable SegmentList segments;
    private volatile long endOffset;
    private volatile long flushedOffset;

    /// Written into the recovery point's file along with it.
    private volatile long caughtUpMs = -1;

    private volatile long notedCaughtUpMs = -1;
    private final Object stateLock = new Object();
    private volatile PartitionState state = PartitionState.ONLINE;
    private volatile String reason = "";
    private volatile boolean appenderEnded;

    /// Up to where it is known to be written; the appender's.
    private long recoveryPoint;

    /// What is damaged, as far as it was found; at most [#DAMAGES_MAX].
    private volatile List<Damage> damages = List.of();

    /// One that stopped in the middle. Changed under the maintenance lock.
    private volatile @Nullable SegmentSwap stoppedSwap;

    PartitionLog(
            Shared shared,
            String topic,
            int partition,
            Path directory,
            Path recoveryFile,
            Path requestsFile,
            Path checkpointFile,
            CleaningState cleaning,
            TopicConfig config,
            boolean mirrored,
            WriteBudget budget) {
        this.shared = shared;
        this.topic = topic;
        this.partition = partition;
        this.directory = directory;
        this.recoveryFile = recoveryFile;
        this.requestsFile = requestsFile;
        this.checkpoints = new Checkpointing(this, checkpointFile, shared.checkpoints());
        this.cleaning = cleaning;
        this.config = config;
        this.mirrored = mirrored;
        this.index =
                new KeyIndex(
                        ThreadLocalRandom.current().nextLong(),
                        config.compactionStrategy().isVersioned());
        this.appender = new Appender(this, budget, shared.groups());
        this.doomed = new DoomedFiles(shared.disk());
    }

    /// Takes over what recovery found and starts the appender.
    ///
    /// @param bytesUntold how much of it no checkpoint tells
    /// @param isTold whether the checkpoint tells all of it
    void start(List<Segment> recovered, long bytesUntold, boolean isTold) {
        segments = new SegmentList(recovered);
        endOffset = segments().active().nextOffset();
        flushedOffset = endOffset;
        checkpoints.start(bytesUntold, isTold);
        IdempotencyReplay.run(this, segments());
        cleaning.endsAt(endOffset);
        expiry.start(segments());
        appender.start();
    }

    /// Tells it from every other log of this process, also from those of the same name before and
    /// after it.
    public long id() {
        return id;
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

    /// Whether its records bring their offsets, so that there may be gaps anywhere.
    boolean isMirrored() {
        return mirrored;
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
        request.records().forEach(config.compactionStrategy()::check);
    }

    /// First offset that can be read.
    public long startOffset() {
        return segments().startOffset();
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
        boolean moved = end != endOffset;
        endOffset = end;
        if (flushed) {
            flushedOffset = end;
        }
        if (moved) {
            endListeners.moved();
        }
    }

    /// Who is told when [#endOffset] moves, or the partition is closed.
    public EndListeners endListeners() {
        return endListeners;
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

    Path requestsFile() {
        return requestsFile;
    }

    /// Which requests are stored; the appender's.
    IdempotencyWindow requests() {
        return requests;
    }

    Expiry expiry() {
        return expiry;
    }

    /// Some key expires earlier than any before. Called by the appender.
    void expiryMoved() {
        shared.expiries().wake();
    }

    /// Tells when the first live key of a closed segment expires, all of which was read.
    void noteDeadline(Segment segment, long earliestMs) {
        appender.submit(
                        () -> {
                            segment.facts().earliestDeadlineMs(earliestMs);
                            return null;
                        })
                .join();
    }

    /// Writes down which requests are stored of what is flushed. Where that fails more of the log
    /// is read after a crash.
    void writeRequests(long offset) {
        try {
            requests.write(disk(), requestsFile, offset, nowMs());
        } catch (IOException e) {
            emit(new LogEvent.UpkeepFailed(topic, partition, "writing which requests: " + e));
        }
    }

    Checkpointing checkpoints() {
        return checkpoints;
    }

    Disk disk() {
        return shared.disk();
    }

    long nowMs() {
        return shared.clock().millis();
    }

    FlushTimes flushTimes() {
        return shared.flushTimes();
    }

    void emit(LogEvent event) {
        shared.events().accept(event);
    }

    long drawJitterMs() {
        long max = Math.min(config.segmentJitterMs(), config.segmentMs());
        return max == 0 ? 0 : ThreadLocalRandom.current().nextLong(max);
    }

    /// States only get worse: online, quarantined, read-only, closed.
    @CanIgnoreReturnValue
    private boolean moveTo(PartitionState next, String why) {
        synchronized (stateLock) {
            if (rank(next) <= rank(state)) {
                return false;
            }
            reason = why;
            state = next;
        }
        if (next == PartitionState.CLOSED) {
            endListeners.moved();
        }
        return true;
    }

    private static int rank(PartitionState state) {
        return switch (state) {
            case ONLINE -> 0;
            case QUARANTINED -> 1;
            case READ_ONLY -> 2;
            case CLOSED -> 3;
        };
    }

    void turnReadOnly(String why) {
        if (moveTo(PartitionState.READ_ONLY, why)) {
            emit(new LogEvent.TurnedReadOnly(topic, partition, why));
        }
    }

    /// Stops the cleaning of this partition, and nothing else, until it is released.
    public void quarantine(String why) {
        if (moveTo(PartitionState.QUARANTINED, why)) {
            emit(new LogEvent.Quarantined(topic, partition, why));
        }
    }

    /// As [#quarantine(String)], because of a batch that is damaged.
    ///
    /// @param position where in the segment's file it begins
    public void quarantine(Segment segment, long position, CorruptBatchException damage) {
        quarantine(
                Damage.of(
                        segment,
                        position,
                        damage.baseOffset(),
                        String.valueOf(damage.getMessage())));
    }

    void quarantine(Damage damage) {
        synchronized (stateLock) {
            boolean known =
                    damages.stream()
                            .anyMatch(d ->
                                    d.segmentBase() == damage.segmentBase()
                                            && d.position() == damage.position());
            if (!known && damages.size() < DAMAGES_MAX) {
                damages = Stream.concat(damages.stream(), Stream.of(damage)).toList();
            }
        }
        quarantine(damage.toString());
    }

    /// What of it is damaged, as far as that was found.
    public List<Damage> damages() {
        return damages;
    }

    void swapStopped(SegmentSwap swap, String why) {
        stoppedSwap = swap;
        quarantine("a swap of segments stopped in the middle (" + why + "); it is tried again");
    }

    /// Back to normal, unless something else is wrong.
    void swapCompleted() {
        synchronized (stateLock) {
            boolean wasStopped = stoppedSwap != null;
            stoppedSwap = null;
            if (wasStopped && state == PartitionState.QUARANTINED && damages.isEmpty()) {
                state = PartitionState.ONLINE;
                reason = "";
            }
        }
    }

    /// Whether a swap stopped in the middle, which [#completeSwap] would complete.
    public boolean hasStoppedSwap() {
        return stoppedSwap != null;
    }

    /// Completes the swap that stopped in the middle, if there is one. The caller holds the
    /// maintenance lock. Not where the partition is read-only: the files of that one are put right
    /// when it is taken back, which may have been begun.
    public void completeSwap() throws IOException {
        SegmentSwap swap = stoppedSwap;
        if (swap != null && state == PartitionState.QUARANTINED) {
            swap.complete();
        }
    }

    /// Stops the writes, with all that were taken before durable and answered, so that another
    /// [PartitionLog] can be made of the files. Readers go on.
    void freeze(String why) throws IOException {
        CompletableFuture<Void> frozen =
                appender.submit(() -> {
                    appender.flush();
                    Headroom.giveBack(segments().active());
                    moveTo(PartitionState.READ_ONLY, why);
                    return null;
                });
        try {
            frozen.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        }
    }

    /// It is still read-only, now for another reason.
    void stayReadOnly(String why) {
        synchronized (stateLock) {
            if (state == PartitionState.READ_ONLY) {
                reason = why;
            }
        }
    }

    /// Enters a durable record into the index and counts what it supersedes, or counts the record
    /// itself where its version is lower than that of its key. Only the appender, or recovery
    /// before it.
    void learn(
            KeyHash hash,
            long offset,
            boolean tombstone,
            int bytes,
            long timestamp,
            long version,
            long horizonMs,
            Segment segment,
            SegmentList among) {
        if (isLate(hash, version)) {
            supersede(segment, offset, bytes);
        } else {
            long previous = index.put(hash, offset, tombstone, bytes, version);
            if (previous != KeyIndex.ABSENT) {
                Segment superseded = among.floor(KeyIndex.offset(previous));
                if (superseded != null) {
                    supersede(
                            superseded,
                            KeyIndex.offset(previous),
                            KeyIndex.approximateBytes(previous));
                }
            }
        }
        if (tombstone) {
            segment.facts().countTombstone(timestamp, horizonMs);
        }
    }

    private void supersede(Segment segment, long offset, int bytes) {
        segment.facts().countDead(1, bytes);
        if (config.compacts()) {
            segment.superseded().add(offset);
        } else {
            segment.superseded().giveUp();
        }
    }

    /// Has a segment note which of its records are superseded, of which there are none yet. Only
    /// the appender, or recovery before it.
    void noteSuperseded(Segment segment) {
        segment.superseded().begin(shared.supersededMemory());
    }

    /// Bytes that may still be taken for noting superseded records, in all logs together.
    AtomicLong supersededMemory() {
        return shared.supersededMemory();
    }

    /// Whether the key hashed has a record of a higher version. Only the appender, or recovery.
    boolean isLate(KeyHash hash, long version) {
        return index.isVersioned()
                && index.get(hash) != KeyIndex.ABSENT
                && version < index.version(hash);
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
                } catch (CorruptBatchException e) {
                    quarantine(segment, segment.positionOf(offset), e);
                    throw new LogException.Corrupt(
                            name(), offset, String.valueOf(e.getMessage()), e);
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

    /// Lets the log begin at an offset, if it never held a record: a mirrored one begins where its
    /// source does.
    public CompletableFuture<Void> startAt(long offset) {
        return appender.submit(() -> {
            appender.startAt(offset);
            return null;
        });
    }

    /// The leader epoch that the last batch has, or -1 for an empty log. Reads the file.
    public int lastLeaderEpoch() throws IOException {
        List<Segment> all = segments().asList();
        for (int i = all.size() - 1; i >= 0; i--) {
            Segment s = all.get(i);
            if (!s.isEmpty() && s.tryRetain()) {
                try {
                    return lastLeaderEpoch(s);
                } finally {
                    s.release();
                }
            }
        }
        return -1;
    }

    private static int lastLeaderEpoch(Segment segment) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(SCAN_BYTES);
        BatchScanner scanner = segment.scanFrom(segment.nextOffset() - 1, buffer);
        int epoch = -1;
        while (scanner.next()) {
            epoch = scanner.batch().partitionLeaderEpoch();
        }
        return epoch;
    }

    /// Makes everything written so far durable.
    public CompletableFuture<Void> flush() {
        return appender.submit(() -> {
            appender.flush();
            return null;
        });
    }

    /// As [#flush], and waits; whether all is flushed.
    boolean flushNow() throws IOException {
        return inTurn(appender::flush);
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

    /// Runs what must not meet the appender at work: between two groups, or when it has ended.
    <T extends @Nullable Object> T inTurn(Callable<T> work) throws IOException {
        try {
            return appenderEnded ? work.call() : appender.submit(work).join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case LogException le -> throw le;
                case null, default -> throw e;
            }
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// Flushes the log and notes that durably; whether it is in order. In the appender's turn.
    boolean settle() throws IOException {
        appender.flush();
        if (state != PartitionState.ONLINE) {
            return false;
        }
        if (recoveryPoint < endOffset) {
            writeRecoveryPoint(endOffset);
        }
        return true;
    }

    /// The CRC of a segment's last batch, or any number if the segment is gone.
    int lastBatchCrc(Checkpoint.SegmentImage image) throws IOException {
        Segment s = segments().floor(image.baseOffset());
        if (s == null || image.sizeBytes() == 0 || !s.tryRetain()) {
            return 0;
        }
        try {
            return BatchScanner.crcAt(s.file(), image.lastBatchAt());
        } finally {
            s.release();
        }
    }

    /// Starts to replace a run of closed segments by what a cleaning leaves of them. The caller
    /// holds the maintenance lock.
    ///
    /// @throws IllegalStateException while an earlier swap is to be completed, whose new files may
    ///   have the names that this one's would get
    public SegmentSwap beginSwap(List<Segment> old) throws IOException {
        if (stoppedSwap != null) {
            throw new IllegalStateException("a swap of " + name() + " is to be completed first");
        }
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
            for (Segment s : fresh) {
                noteSuperseded(s);
                old.forEach(s.superseded()::follow);
            }
            old.forEach(s -> s.superseded().giveUp());
            segments = segments().replace(old, fresh);
            fresh.forEach(s -> checkpoints.grown(s.sizeBytes()));
            return null;
        });
    }

    /// Takes back what was counted as dead in a segment that never held it: tombstones that a pass
    /// left out, superseded before their keys were forgotten.
    CompletableFuture<Void> uncountDead(Segment fresh, long records) {
        return appender.submit(() -> {
            long dead = fresh.facts().deadRecords();
            long n = Math.min(records, dead);
            if (n > 0) {
                fresh.facts().countDead(-n, -(fresh.facts().deadBytes() * n / dead));
            }
            return null;
        });
    }

    /// Takes the oldest segment out of the log for good: first its name, durably, so that a crash
    /// never brings it back; then readers stop seeing it. It can still be read until [#discard].
    public void dropOldest(Segment oldest) throws IOException {
        spareReplaced(List.of(oldest));
        SegmentRenames.retire(disk(), directory(), oldest.baseOffset());
        appender.submit(
                        () -> {
                            segments = segments().replace(List.of(oldest), List.of());
                            return null;
                        })
                .join();
    }

    /// See [DoomedFiles#spare].
    void spareReplaced(List<Segment> about) {
        doomed.spare(about);
    }

    /// Lets go of a segment that left the log; its file is unlinked after the topic's
    /// `file.delete.delay.ms`.
    public void discard(Segment gone) {
        doomed.add(gone, nowMs() + config.fileDeleteDelayMs());
        gone.release();
    }

    /// Called by the appender to go over to a new segment. After an exception the old one is still
    /// active.
    Segment addSegment(Segment old) throws IOException {
        Disk disk = disk();
        Headroom.giveBack(old);
        old.writeIndexes(disk, SegmentFiles.Suffix.LIVE);
        long base = old.nextOffset();
        requests.write(disk, requestsFile, base, nowMs()); // before the old one can be cleaned
        Segment fresh = Segment.create(disk, directory, base, SegmentFiles.Suffix.LIVE);
        noteSuperseded(fresh);
        try {
            disk.syncDirectory(directory);
        } catch (IOException e) {
            fresh.release();
            try {
                disk.delete(fresh.path(SegmentFiles.LOG, SegmentFiles.Suffix.LIVE));
            } catch (IOException again) {
                e.addSuppressed(again); // an empty file stays behind; recovery drops it
            }
            throw e;
        }
        segments = segments().plus(fresh);
        try {
            old.seal(disk);
        } catch (IOException e) {
            // its index stays on the heap, where it serves as well
            emit(new LogEvent.UpkeepFailed(topic, partition, "mapping an index: " + e));
        }
        advanceRecoveryPoint(base);
        return fresh;
    }

    /// Called by the appender to put an empty segment that begins further on in the place of an
    /// empty active one. A crash in between leaves both, as does a failure to take the first's name
    /// away; recovery drops the first.
    void replaceEmpty(Segment empty, long base) throws IOException {
        Disk disk = disk();
        Segment fresh = Segment.create(disk, directory, base, SegmentFiles.Suffix.LIVE);
        noteSuperseded(fresh);
        try {
            disk.syncDirectory(directory);
        } catch (IOException e) {
            fresh.release();
            throw e;
        }
        segments = segments().replace(List.of(empty), List.of(fresh));
        try {
            SegmentRenames.retire(disk, directory, empty.baseOffset());
        } catch (IOException e) {
            emit(new LogEvent.UpkeepFailed(topic, partition, "an empty segment stays: " + e));
        }
        discard(empty);
    }

    void restoreNotes(long wasRecoveryPoint, long wasCaughtUpMs) {
        recoveryPoint = wasRecoveryPoint;
        caughtUpMs = wasCaughtUpMs;
        notedCaughtUpMs = wasCaughtUpMs;
    }

    /// When the log last had all that its source had, in milliseconds since 1970; -1: never.
    public long caughtUpMs() {
        return caughtUpMs;
    }

    /// Says that the log has all that its source had at this moment. It is noted durably now and
    /// then, so a crash takes a minute of it away.
    public void noteCaughtUp(long nowMs) {
        caughtUpMs = nowMs;
        if (nowMs - notedCaughtUpMs > CAUGHT_UP_EVERY_MS) {
            notedCaughtUpMs = nowMs;
            var _ =
                    appender.submit(() -> {
                        advanceRecoveryPoint(recoveryPoint);
                        return null;
                    });
        }
    }

    /// Notes durably up to where the log is flushed. Where that fails the older note stays, which
    /// is true as well.
    void advanceRecoveryPoint(long offset) {
        try {
            writeRecoveryPoint(offset);
        } catch (IOException e) {
            emit(new LogEvent.UpkeepFailed(topic, partition, "writing the recovery point: " + e));
        }
    }

    private void writeRecoveryPoint(long offset) throws IOException {
        Map<String, String> values = new HashMap<>();
        values.put(RECOVERY_POINT, Long.toString(offset));
        values.put(ACTIVE_BASE, Long.toString(segments().active().baseOffset()));
        long upToDateMs = caughtUpMs;
        if (upToDateMs >= 0) {
            values.put(CAUGHT_UP, Long.toString(upToDateMs));
        }
        StateFile.write(disk(), recoveryFile, values);
        recoveryPoint = offset;
        notedCaughtUpMs = upToDateMs;
    }

    /// See [DoomedFiles#unlinkSome].
    public boolean unlinkSome() throws IOException {
        return doomed.unlinkSome(nowMs());
    }

    /// Finishes the writes that wait, flushes, and writes the active segment's indexes, so that the
    /// next start need not search the tail.
    ///
    /// @return whether the log's tail is known to be whole on disk
    boolean close() throws IOException, InterruptedException {
        if (appender.isClosing()) {
            return false;
        }
        appender.close();
        appenderEnded = true;
        boolean clean = state != PartitionState.READ_ONLY;
        Segment active = segments().active();
        try {
            if (clean) {
                Headroom.giveBack(active);
                active.writeIndexes(disk(), SegmentFiles.Suffix.LIVE);
                disk().syncDirectory(directory);
                advanceRecoveryPoint(endOffset);
                writeRequests(endOffset);
                if (state == PartitionState.ONLINE) {
                    checkpoints.writeLast();
                } else {
                    checkpoints.drop(); // the next start looks for damage
                }
            }
        } finally {
            moveTo(PartitionState.CLOSED, "closed");
            doomed.close();
            index.closeSource();
            releaseAll(segments());
        }
        return clean;
    }

    /// Unlinks nothing from now on, so that another log can be at work in the folder.
    void stopUnlinking() {
        doomed.close();
    }

    /// Closes the partition for good: a cleaning in progress is waited for, and nothing touches the
    /// files afterwards.
    void closeForGood(String why) throws IOException, InterruptedException {
        appender.close();
        moveTo(PartitionState.CLOSED, why);
        maintenance.lock();
        try {
            doomed.close();
            checkpoints.awaitEnd();
            index.closeSource();
            SegmentList list = segments;
            if (list != null) { // else it never started
                releaseAll(list);
            }
        } finally {
            maintenance.unlock();
        }
    }

    private void releaseAll(SegmentList list) {
        list.asList().forEach(Segment::release);
        SegmentSwap swap = stoppedSwap;
        if (swap != null) {
            swap.abandon();
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
                reason,
                damages);
    }
}
