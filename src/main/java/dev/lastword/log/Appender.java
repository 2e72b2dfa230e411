package dev.lastword.log;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.io.DiskFullIOException;
import dev.lastword.log.IdempotencyWindow.Verdict;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one writer of a partition: a virtual thread that takes what waits in a bounded queue and
/// commits it as a group, with one write and one flush.
///
/// A group goes through these steps, in this order: conditions are judged, offsets given and bytes
/// encoded; the segment is rolled if the group does not fit; the bytes are written and flushed; the
/// key index learns the new offsets; the end offset is published; the waiting writes are answered.
/// So a reader sees a write when it is durable, and never an index entry for a record it cannot
/// read. Mirrored records come encoded, with their offsets ([MirroredRecords]): each write of them
/// is a group, and the first step falls away.
///
/// Because everything that changes segments, index or garbage counts runs here, none of it needs a
/// lock: others hand in a task ([#submit]) that runs between two groups. That is also why it is
/// long: the steps of a group share state that is this thread's alone.
final class Appender implements Runnable {
    /// Most bytes of one group, and so the most that a crash can tear.
    static final int GROUP_BYTES_MAX = 4 << 20;

    /// Most bytes of a group while no large one is to be had.
    private static final int SMALL_GROUP_BYTES = 256 << 10;

    /// For so many records of a group the key index is loaded at once, and for fewer not.
    private static final int PREFETCH = 256;

    private static final int PREFETCH_MIN = 8;

    /// After so many bytes the recovery point is written again, which bounds what the next start
    /// takes for possibly torn.
    private static final long RECOVERY_POINT_BYTES = 64 << 20;

    /// With `acks=written`: how long written bytes may stay unflushed.
    private static final long FLUSH_EVERY_NANOS = 1_000_000_000L;

    /// How long after a failed roll the timer tries again.
    private static final long ROLL_RETRY_NANOS = 10_000_000_000L;

    private static final long IDLE_WAIT_MS_MAX = 60_000;
    private static final long RETRY_AFTER_MS = 1_000;

    private sealed interface Task permits Write, Job {}

    private record Write(AppendRequest request) implements Task {}

    private record Job(Runnable work) implements Task {}

    /// A write whose conditions held, waiting for its group.
    ///
    /// @param ready what it is answered once the group is stored, where that is known before: for a
    ///   write that a write before it in the group rules out or makes needless, and for a mirrored
    ///   one
    private record Accepted(
            AppendRequest request,
            int first,
            int last,
            boolean created,
            int superseded,
            @Nullable AppendResult ready) {}

    private final PartitionLog log;
    private final WriteBudget budget;
    private final GroupPool groups;
    private final Group small;
    private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();
    private final ArrayDeque<Write> gathered = new ArrayDeque<>();
    private final List<Accepted> accepted = new ArrayList<>();

    /// The job that waits for the writes gathered before it.
    private @Nullable Job interruptedBy;

    private final KeyHash hash = new KeyHash();
    private final Thread thread;

    private volatile boolean closing;
    private volatile boolean terminated;
    private boolean stop;
    private Group group;
    private long unflushedBytes;
    private long bytesSinceRecoveryPoint;
    private long unflushedSinceNanos;
    private long rollJitterMs;
    private long rollNotBeforeNanos;
    private @Nullable IOException lastFlushFailure;

    Appender(PartitionLog log, WriteBudget budget, GroupPool groups) {
        this.log = log;
        this.budget = budget;
        this.groups = groups;
        this.small = new Group(log.hasher());
        this.group = small;
        this.rollJitterMs = log.drawJitterMs();
        this.rollNotBeforeNanos = System.nanoTime();
        this.thread = Thread.ofVirtual().name("append-" + log.name()).unstarted(this);
    }

    void start() {
        thread.start();
    }

    /// Queues a write without waiting.
    ///
    /// @throws LogException.QueueFull if too much waits already
    void offer(AppendRequest request) {
        if (!budget.tryTake(request.bytes())) {
            throw new LogException.QueueFull(log.name(), RETRY_AFTER_MS);
        }
        enqueue(new Write(request));
    }

    /// Queues a write, after waiting for room if need be.
    void put(AppendRequest request) {
        budget.take(request.bytes());
        enqueue(new Write(request));
    }

    /// Runs a task between two groups. It must be quick, for writes wait meanwhile.
    <T> CompletableFuture<T> submit(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        enqueue(
                new Job(() -> {
                    try {
                        if (terminated) {
                            throw new LogException.Closed("Partition " + log.name());
                        }
                        result.complete(task.call());
                    } catch (Exception e) {
                        result.completeExceptionally(e);
                    } catch (Error e) {
                        result.completeExceptionally(e); // nobody waits for what never ends
                        throw e;
                    }
                }));
        return result;
    }

    private void enqueue(Task task) {
        queue.add(task);
        if (terminated) {
            failRest();
        }
    }

    /// Takes no further writes, finishes those that wait, flushes, and ends the thread.
    void close() throws InterruptedException {
        closing = true;
        queue.add(
                new Job(() -> {
                    flush();
                    stop = true;
                }));
        thread.join();
    }

    boolean isClosing() {
        return closing;
    }

    @Override
    public void run() {
        try {
            while (!stop) {
                Task task = queue.poll(waitMs(), TimeUnit.MILLISECONDS);
                switch (task) {
                    case null -> {}
                    case Job job -> job.work().run();
                    case Write first -> {
                        interruptedBy = gather(first);
                        while (!gathered.isEmpty()) {
                            commit();
                        }
                        Job next = interruptedBy;
                        interruptedBy = null;
                        if (next != null) {
                            next.work().run();
                        }
                    }
                }
                onTimer();
            }
        } catch (InterruptedException e) {
            log.turnReadOnly("its appender was interrupted");
        } catch (Throwable e) {
            log.turnReadOnly("its appender failed: " + e);
            throw e;
        } finally {
            terminated = true;
            for (Accepted a : accepted) {
                if (!a.request.result().isDone()) {
                    settle(a.request, new LogException.OutcomeUnknown(log.name(), unexpected()));
                }
            }
            gathered.forEach(w -> settle(w.request, closed()));
            if (interruptedBy != null) {
                interruptedBy.work().run();
            }
            failRest();
        }
    }

    private static Throwable unexpected() {
        return new IllegalStateException("the appender stopped");
    }

    private LogException closed() {
        return new LogException.Closed("Partition " + log.name());
    }

    private void failRest() {
        Task task;
        while ((task = queue.poll()) != null) {
            switch (task) {
                case Job job -> job.work().run();
                case Write w -> settle(w.request(), closed());
            }
        }
    }

    /// Takes what waits, up to a group's size; returns the task that ended the run, if one did.
    private @Nullable Job gather(Write first) {
        gathered.add(first);
        long bytes = first.request().bytes();
        Task task;
        while (bytes < GROUP_BYTES_MAX && (task = queue.poll()) != null) {
            switch (task) {
                case Write w -> {
                    gathered.add(w);
                    bytes += w.request().bytes();
                }
                case Job job -> {
                    return job;
                }
            }
        }
        return null;
    }

    /// Stores as much of what was gathered as fits one group.
    private void commit() {
        AppendRequest next = gathered.getFirst().request();
        MirroredRecords mirrored = next.mirrored();
        if (mirrored == null || mirrored.firstOffset() < log.endOffset()) {
            commitGathered();
        } else if (isRefused(next)) {
            gathered.removeFirst();
        } else {
            commitEncoded(next, mirrored.encoded());
        }
    }

    /// Stores the first write, which is encoded already, as a group of its own.
    private void commitEncoded(AppendRequest request, Group encoded) {
        var result = new AppendResult.Mirrored(encoded.records(), 0);
        accepted.add(new Accepted(request, 0, encoded.records() - 1, false, 0, result));
        gathered.removeFirst(); // not before, so that it is answered whatever happens
        group = encoded;
        store();
        accepted.clear();
        group = small;
    }

    private void commitGathered() {
        long waiting = 0;
        for (Write w : gathered) {
            waiting += w.request().bytes();
        }
        Group large = waiting > SMALL_GROUP_BYTES ? groups.tryBorrow() : null;
        int bytesMax = large == null ? SMALL_GROUP_BYTES : GROUP_BYTES_MAX;
        try {
            group = large == null ? small : large;
            group.begin(log.endOffset(), log.config().compression());
            if (fill(Math.min(bytesMax, log.config().segmentBytes())) && !group.isEmpty()) {
                store();
            }
            accepted.clear();
        } finally {
            log.requests().dropGroup(); // unless it is stored
            small.trim(SMALL_GROUP_BYTES);
            group = small;
            if (large != null) {
                groups.giveBack(large);
            }
        }
    }

    /// Moves writes from what was gathered into the group. Where one cannot be encoded the group is
    /// given up, for part of that write may be in it; nothing is written yet.
    private boolean fill(int bytesMax) {
        long nowMs = log.nowMs();
        long bytes = 0;
        while (!gathered.isEmpty()) {
            AppendRequest next = gathered.getFirst().request();
            if (bytes > 0 && (bytes + next.bytes() > bytesMax || spansTooMuch(next))) {
                break;
            }
            try {
                if (admit(next, nowMs)) {
                    bytes += next.bytes();
                }
            } catch (RuntimeException | OutOfMemoryError e) {
                gathered.removeFirst();
                accepted.add(new Accepted(next, 0, 0, false, 0, null));
                answer(new LogException.WriteFailed(log.name(), e));
                return false;
            }
            gathered.removeFirst(); // not before, so that it is answered whatever happens
        }
        return true;
    }

    private boolean isRefused(AppendRequest request) {
        if (log.state() == PartitionState.READ_ONLY) {
            settle(request, new LogException.ReadOnly(log.name(), log.reason()));
            return true;
        }
        StreamFence fence = request.fence();
        LogException broken = fence == null ? null : fence.cause();
        if (broken != null) {
            settle(request, broken);
            return true;
        }
        return false;
    }

    /// Judges a write; false where it is not to be stored.
    private boolean admit(AppendRequest request, long nowMs) {
        if (isRefused(request)) {
            return false;
        }
        MirroredRecords mirrored = request.mirrored();
        if (mirrored != null) {
            return admitMirrored(request, mirrored);
        }
        if (isRepeated(request, nowMs)) {
            return false;
        }
        boolean created = false;
        if (request.records().size() == 1) {
            byte[] key = request.records().getFirst().key();
            log.hasher().hash(key, hash);
            int inGroup = group.latest(hash);
            long current = inGroup >= 0 ? liveOffset(inGroup) : indexedOffset();
            created = current < 0;
            if (!holds(request.condition(), current)) {
                var refusal = new AppendResult.ConditionFailed(current);
                if (inGroup >= 0) {
                    // judged by a write that is not stored yet: answered with it
                    accepted.add(new Accepted(request, 0, 0, false, 0, refusal));
                } else {
                    settle(request, refusal);
                }
                return false;
            }
        }
        int first = group.records();
        int last = first;
        int superseded = 0;
        for (NewRecord r : request.records()) {
            Once once = r.once();
            if (once != null && log.requests().judge(once, nowMs) == Verdict.REPEATED) {
                continue;
            }
            long timestamp = r.timestamp() == NewRecord.NOW ? nowMs : r.timestamp();
            NewRecord plain = Once.unmarked(Deadline.begun(r, nowMs));
            last = add(once == null ? plain : once.marked(plain, nowMs, created), timestamp);
            boolean late = group.isLate(last);
            superseded += late ? 1 : 0;
            if (once != null) {
                log.requests().add(once, group.offset(last), timestamp, created, late, nowMs);
            }
        }
        accepted.add(
                new Accepted(request, first, last, created && superseded == 0, superseded, null));
        return true;
    }

    /// Whether a write has nothing that is not stored already; then it is answered as it was, or
    /// refused if it was another.
    private boolean isRepeated(AppendRequest request, long nowMs) {
        IdempotencyWindow requests = log.requests();
        AppendResult.Appended before = null;
        boolean isNew = false;
        for (NewRecord r : request.records()) {
            Once once = r.once();
            if (once == null) {
                isNew = true;
                continue;
            }
            switch (requests.judge(once, nowMs)) {
                case NEW -> isNew = true;
                case REPEATED -> before = joined(before, requests.find(once, nowMs));
                case DIFFERS -> {
                    settle(request, new LogException.RequestDiffers());
                    return true;
                }
            }
        }
        if (isNew || before == null) {
            return false;
        }
        if (before.lastOffset() >= log.endOffset()) {
            accepted.add(new Accepted(request, 0, 0, false, 0, before)); // in this very group
        } else if (before.lastOffset() >= log.flushedOffset() && wantsFlush(request) && !flush()) {
            settle(request, new LogException.OutcomeUnknown(log.name(), flushFailure()));
        } else {
            settle(request, before);
        }
        return true;
    }

    private boolean wantsFlush(AppendRequest request) {
        return request.acks(log.config()) == Acks.FLUSHED;
    }

    private static AppendResult.Appended joined(
            AppendResult.@Nullable Appended before, IdempotencyWindow.@Nullable Stored stored) {
        Objects.requireNonNull(stored);
        int superseded = stored.superseded() ? 1 : 0;
        return before == null
                ? new AppendResult.Appended(
                        stored.firstOffset(),
                        stored.lastOffset(),
                        stored.timestamp(),
                        stored.created(),
                        superseded)
                : new AppendResult.Appended(
                        Math.min(before.firstOffset(), stored.firstOffset()),
                        Math.max(before.lastOffset(), stored.lastOffset()),
                        stored.timestamp(),
                        false,
                        before.superseded() + superseded);
    }

    /// Takes what the log does not have yet of records that begin below its end: those that were
    /// under way when their source was asked where to go on from.
    private boolean admitMirrored(AppendRequest request, MirroredRecords mirrored) {
        int first = group.records();
        int duplicates = mirrored.addMissing(group);
        int stored = group.records() - first;
        var result = new AppendResult.Mirrored(stored, duplicates);
        if (group.isEmpty()) {
            settle(request, result);
            return false;
        }
        int last = Math.max(0, group.records() - 1);
        accepted.add(new Accepted(request, first, last, false, 0, result));
        return stored > 0;
    }

    /// Whether a segment that begins with the group could not hold the write as well.
    private boolean spansTooMuch(AppendRequest next) {
        MirroredRecords mirrored = next.mirrored();
        return mirrored != null
                && !group.isEmpty()
                && mirrored.nextOffset() - group.offset(0) > MirroredRecords.SPAN_MAX;
    }

    /// Puts a record into the group, judged by its version; returns its place.
    private int add(NewRecord r, long timestamp) {
        CompactionStrategy strategy = log.config().compactionStrategy();
        if (!strategy.isVersioned()) {
            return group.add(r, timestamp, 0);
        }
        long version = strategy.version(r, timestamp);
        log.hasher().hash(r.key(), hash);
        int inGroup = group.latest(hash);
        boolean late = inGroup >= 0 ? version < group.version(inGroup) : log.isLate(hash, version);
        if (!late) {
            return group.add(CompactionStrategy.counting(r), timestamp, version);
        }
        NewRecord marked = CompactionStrategy.late(r);
        boolean deleted =
                inGroup >= 0
                        ? group.isTombstone(inGroup)
                        : KeyIndex.isTombstone(log.index().get(hash));
        if (!deleted) {
            return group.addLate(marked, timestamp, version);
        }
        long higher = inGroup >= 0 ? group.version(inGroup) : log.index().version(hash);
        NewRecord tombstone = strategy.tombstone(r.key(), higher, timestamp);
        return group.addLate(marked, timestamp, version, tombstone, higher);
    }

    private static boolean holds(Condition condition, long currentOffset) {
        return switch (condition) {
            case Condition.None n -> true;
            case Condition.IfAbsent a -> currentOffset < 0;
            case Condition.IfPresent p -> currentOffset >= 0;
            case Condition.IfOffset o -> o.offsets().contains(currentOffset);
        };
    }

    /// The offset of a record of this group, or -1 for a tombstone.
    private long liveOffset(int i) {
        return group.isTombstone(i) ? -1 : group.offset(i);
    }

    /// Where the index has the live value of the key hashed last, or -1.
    private long indexedOffset() {
        long entry = log.index().get(hash);
        if (entry == KeyIndex.ABSENT || KeyIndex.isTombstone(entry)) {
            return -1;
        }
        long offset = KeyIndex.offset(entry);
        return offset < log.startOffset() ? -1 : offset;
    }

    private void store() {
        var bytes = group.finish();
        int size = bytes.remaining();
        try {
            if (mustRoll(size)) {
                roll();
            }
            leap();
        } catch (IOException e) {
            refuse(e);
            return;
        }
        if (log.state() == PartitionState.READ_ONLY) {
            answer(new LogException.ReadOnly(log.name(), log.reason()));
            return;
        }
        Segment active = log.segments().active();
        boolean flush = accepted.stream().anyMatch(a -> wantsFlush(a.request));
        long writeStart = System.nanoTime();
        try {
            active.writableFile().write(bytes, active.sizeBytes());
            if (flush) {
                long end = active.sizeBytes() + size;
                Headroom.extend(active, end, size, log.config().segmentBytes());
            }
        } catch (IOException e) {
            takeBack(active, e);
            return;
        }
        unflushedBytes += size;
        long flushNanos = 0;
        boolean flushed = false;
        if (flush || unflushedBytes > GROUP_BYTES_MAX / 2) {
            long start = System.nanoTime();
            if (!sync(active)) {
                answer(new LogException.OutcomeUnknown(log.name(), flushFailure()));
                return;
            }
            flushed = true;
            long end = System.nanoTime();
            flushNanos = Math.max(1, end - start);
            log.flushTimes().record(end - writeStart, size);
        } else if (unflushedBytes == size) {
            unflushedSinceNanos = System.nanoTime();
        }
        publish(active, flushed);
        int requests = accepted.size();
        int records = group.records(); // once they are answered, mirrored ones are not ours
        for (Accepted a : accepted) {
            settle(a.request, a.ready != null ? a.ready : appended(a));
        }
        log.emit(
                new LogEvent.GroupAppended(
                        log.topic(), log.partition(), requests, records, size, flushNanos));
        log.checkpoints().grown(size);
        bytesSinceRecoveryPoint += size;
        if (flushed && bytesSinceRecoveryPoint > RECOVERY_POINT_BYTES) {
            log.advanceRecoveryPoint(log.flushedOffset());
            log.writeRequests(log.flushedOffset());
            bytesSinceRecoveryPoint = 0;
        }
    }

    private AppendResult appended(Accepted a) {
        return new AppendResult.Appended(
                group.offset(a.first),
                group.offset(a.last),
                group.timestamp(a.last),
                a.created,
                a.superseded);
    }

    /// Makes the group known: to the segment, to the index, and last to the readers.
    private void publish(Segment active, boolean flushed) {
        if (active.filledSinceMs() < 0) {
            active.filledSince(log.nowMs());
        }
        for (int b = 0; b < group.batches(); b++) {
            active.note(group.batchLastOffset(b), group.batchMaxTimestamp(b), group.batchBytes(b));
        }
        SegmentList among = log.segments();
        boolean earlier = false;
        int records = group.records();
        for (int i = 0; i < records; i++) {
            if (i % PREFETCH == 0 && records - i >= PREFETCH_MIN) {
                group.prefetch(log.index(), i, Math.min(PREFETCH, records - i));
            }
            group.hash(i, hash);
            log.learn(
                    hash,
                    group.offset(i),
                    group.isTombstone(i),
                    group.size(i),
                    group.timestamp(i),
                    group.version(i),
                    -1,
                    active,
                    among);
            long deadline = group.deadline(i);
            if (deadline < Deadline.NONE && !group.isLate(i)) {
                active.facts().noteDeadline(deadline);
                earlier |= log.expiry().appended(deadline, group.offset(i));
            }
        }
        log.requests().keepGroup();
        log.publishEnd(active.nextOffset(), flushed);
        if (earlier) {
            log.expiryMoved();
        }
    }

    /// Flushes the active segment; on failure nobody can say what is on disk, and the partition
    /// turns read-only.
    private boolean sync(Segment active) {
        try {
            active.writableFile().sync();
            unflushedBytes = 0;
            return true;
        } catch (IOException e) {
            log.turnReadOnly("a flush failed: " + e.getMessage());
            lastFlushFailure = e;
            return false;
        }
    }

    private Throwable flushFailure() {
        return Objects.requireNonNull(lastFlushFailure);
    }

    /// Undoes a failed write, so that the log is as it was before it.
    private void takeBack(Segment active, IOException cause) {
        try {
            active.writableFile().truncate(active.sizeBytes());
            active.writableFile().sync();
            active.fileBytes(active.sizeBytes());
            unflushedBytes = 0;
            log.publishEnd(log.endOffset(), true);
        } catch (IOException e) {
            cause.addSuppressed(e);
            log.turnReadOnly("a failed write could not be taken back: " + e.getMessage());
            answer(new LogException.OutcomeUnknown(log.name(), cause));
            return;
        }
        refuse(cause);
    }

    private void refuse(IOException cause) {
        int requests = accepted.size();
        answer(
                cause instanceof DiskFullIOException
                        ? new LogException.DiskFull(log.name(), cause)
                        : new LogException.WriteFailed(log.name(), cause));
        log.emit(
                new LogEvent.AppendFailed(
                        log.topic(), log.partition(), requests, String.valueOf(cause)));
    }

    private void answer(LogException failure) {
        for (Accepted a : accepted) {
            settle(a.request, failure);
        }
    }

    private void settle(AppendRequest request, LogException failure) {
        StreamFence fence = request.fence();
        if (fence != null) {
            fence.breakStream(failure);
        }
        budget.giveBack(request.bytes());
        request.result().completeExceptionally(failure);
    }

    private void settle(AppendRequest request, AppendResult result) {
        budget.giveBack(request.bytes());
        request.result().complete(result);
    }

    private boolean mustRoll(long bytes) {
        Segment active = log.segments().active();
        if (active.isEmpty()) {
            return false;
        }
        return active.sizeBytes() + bytes > log.config().segmentBytes()
                || group.offset(group.records() - 1) - active.baseOffset() > Integer.MAX_VALUE
                || msUntilRoll() <= 0;
    }

    private long msUntilRoll() {
        Segment active = log.segments().active();
        if (active.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long nowMs = log.nowMs();
        if (active.filledSinceMs() > nowMs) {
            active.filledSince(nowMs); // the clock went back
        }
        long dueMs =
                Math.min(log.config().segmentMs(), log.config().maxCompactionLagMs())
                        - Math.min(rollJitterMs, log.config().segmentJitterMs());
        return dueMs - (nowMs - active.filledSinceMs());
    }

    /// Closes the active segment if it has records. After an exception the log is as before, or
    /// read-only.
    void roll() throws IOException {
        Segment old = log.segments().active();
        if (old.isEmpty()) {
            return;
        }
        flush();
        if (log.state() == PartitionState.READ_ONLY) {
            return;
        }
        Segment fresh = log.addSegment(old);
        bytesSinceRecoveryPoint = 0;
        rollJitterMs = log.drawJitterMs();
        log.emit(new LogEvent.SegmentRolled(log.topic(), log.partition(), fresh.baseOffset()));
    }

    /// Where mirrored records lie so far ahead that the active segment, which is empty then, cannot
    /// hold them: puts one in its place that begins with them.
    private void leap() throws IOException {
        Segment active = log.segments().active();
        if (active.isEmpty()
                && group.offset(group.records() - 1) - active.baseOffset() > Integer.MAX_VALUE) {
            log.replaceEmpty(active, group.offset(0));
        }
    }

    /// Lets a log that never held a record begin at an offset.
    void startAt(long offset) throws IOException {
        Segment active = log.segments().active();
        if (log.segments().size() == 1 && active.isEmpty() && offset > active.baseOffset()) {
            log.replaceEmpty(active, offset);
            log.publishEnd(offset, true);
        }
    }

    /// Flushes what `acks=written` left unflushed; whether all is flushed.
    @CanIgnoreReturnValue
    boolean flush() {
        if (unflushedBytes == 0) {
            return true;
        }
        if (log.state() == PartitionState.READ_ONLY || !sync(log.segments().active())) {
            return false;
        }
        log.publishEnd(log.endOffset(), true);
        return true;
    }

    private long waitMs() {
        if (log.state() == PartitionState.READ_ONLY) {
            return IDLE_WAIT_MS_MAX; // whatever is due, it is not done any more
        }
        if (unflushedBytes > 0) {
            long left = FLUSH_EVERY_NANOS - (System.nanoTime() - unflushedSinceNanos);
            return Math.max(0, left / 1_000_000);
        }
        long untilRetryMs = (rollNotBeforeNanos - System.nanoTime()) / 1_000_000;
        return Math.max(1, Math.min(IDLE_WAIT_MS_MAX, Math.max(msUntilRoll(), untilRetryMs)));
    }

    private void onTimer() {
        if (log.state() == PartitionState.READ_ONLY) {
            return;
        }
        if (unflushedBytes > 0 && System.nanoTime() - unflushedSinceNanos > FLUSH_EVERY_NANOS) {
            flush();
        }
        if (msUntilRoll() <= 0 && System.nanoTime() - rollNotBeforeNanos >= 0) {
            try {
                roll();
            } catch (IOException e) {
                rollNotBeforeNanos = System.nanoTime() + ROLL_RETRY_NANOS;
                log.emit(
                        new LogEvent.AppendFailed(
                                log.topic(), log.partition(), 0, "rolling failed: " + e));
            }
        }
    }

    /// @throws LogException.RecordTooLarge if a record of the write does not fit the topic's limit
    static void checkSizes(AppendRequest request, int bytesMax) {
        for (NewRecord r : request.records()) {
            long size = r.sizeInBatch();
            if (size > bytesMax) {
                throw new LogException.RecordTooLarge(size, bytesMax);
            }
        }
    }
}
