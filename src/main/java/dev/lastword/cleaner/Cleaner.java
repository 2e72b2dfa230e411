package dev.lastword.cleaner;

import dev.lastword.cleaner.CleanerStatus.PartitionStatus;
import dev.lastword.cleaner.CleanerStatus.Running;
import dev.lastword.cleaner.PassControl.StoppedException;
import dev.lastword.log.LogException;
import dev.lastword.log.LogStore;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Segment;
import dev.lastword.log.Topic;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Cleans the partitions of a store in the background, on virtual threads: requested compactions
/// first, then logs with a deadline, then the log with most to win.
///
/// A thread never dies of a failing log: whatever goes wrong there is told, counted, and tried
/// again after a wait that doubles (I10); the other logs are not touched by it. The lock here
/// guards the choice of work only, not the work.
///
/// Thread-safe.
public final class Cleaner implements AutoCloseable {
    private static final int HISTORY = 20;
    private static final long BACKOFF_MS_MAX = 3_600_000;

    /// After a step of unlinking, so many times as long is waited.
    private static final int UNLINK_REST = 4;

    private final CleanerOptions options;

    private final LogStore store;
    private final InstantSource clock;
    private final Consumer<CleanerEvent> events;
    private final Throttle throttle;
    private final List<Thread> threads = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ArrayDeque<Compaction> requests = new ArrayDeque<>();
    private final Set<Job> running = new LinkedHashSet<>();
    private final Map<PartitionLog, Failure> failures = new LinkedHashMap<>();
    private final Map<PartitionLog, String> upkeepErrors = new ConcurrentHashMap<>();
    private final Map<PartitionLog, String> unlinkErrors = new ConcurrentHashMap<>();
    private final Map<String, ArrayDeque<Compaction>> history = new LinkedHashMap<>();
    private long nextId = 1;
    private volatile boolean stopping;

    private record Failure(int count, String error, long retryAtMs) {}

    /// One partition in the hands of one thread.
    private record Job(
            PartitionLog log,
            @Nullable Compaction request,
            PassControl control,
            String thread,
            boolean virtualThread,
            long startedAtMs) {}

    public Cleaner(
            LogStore store,
            CleanerOptions options,
            InstantSource clock,
            Consumer<CleanerEvent> events) {
        this.store = store;
        this.options = options;
        this.clock = clock;
        this.events = events;
        this.throttle = new Throttle(options.ioMaxBytesPerSecond(), store.flushTimes());
    }

    /// Starts the threads.
    public void start() {
        for (int i = 0; i < options.threads(); i++) {
            threads.add(Thread.ofVirtual().name("cleaner-" + i).start(this::cleanLoop));
        }
        threads.add(Thread.ofVirtual().name("cleaner-upkeep").start(this::upkeepLoop));
        threads.add(Thread.ofVirtual().name("cleaner-unlink").start(this::unlinkLoop));
    }

    /// Stops at the next batch and waits for the threads.
    @Override
    public void close() {
        lock.lock();
        try {
            stopping = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
        for (Thread t : threads) {
            try {
                t.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        for (Compaction c : List.copyOf(requests)) {
            c.cancel();
            PassControl control = control(c);
            while (c.take(control) != null) {
                c.ended(null, null, clock.millis());
            }
        }
    }

    /// Changes how much may be read and written in a second; 0: no limit, [CleanerOptions#AUTO]: as
    /// much as the writers do not notice. Takes effect at once.
    public void throttle(long ioMaxBytesPerSecond) {
        throttle.setBytesPerSecond(ioMaxBytesPerSecond);
    }

    /// Asks for a compaction of a topic now: active segments are closed first, and all garbage goes
    /// whatever the ratio; `min.compaction.lag.ms` still holds.
    ///
    /// @throws LogException.InvalidConfig if the topic's policy does not compact
    public Compaction request(Topic topic) {
        ensureCompacts(topic);
        lock.lock();
        try {
            if (stopping) {
                throw new LogException.Closed("The cleaner");
            }
            for (Compaction waiting : requests) {
                if (waiting.isFor(topic) && waiting.isUntouched()) {
                    return waiting; // it will do all that a further one could
                }
            }
            Compaction c = new Compaction(Long.toString(nextId++), topic, clock.millis());
            ArrayDeque<Compaction> past =
                    history.computeIfAbsent(topic.epoch(), e -> new ArrayDeque<>());
            past.addLast(c);
            if (past.size() > HISTORY) {
                past.removeFirst();
            }
            requests.addLast(c);
            work.signalAll();
            return c;
        } finally {
            lock.unlock();
        }
    }

    private static void ensureCompacts(Topic topic) {
        if (!topic.config().compacts()) {
            throw new LogException.InvalidConfig(
                    "cleanup.policy",
                    "Topic '"
                            + topic.name()
                            + "' is not compacted: its cleanup.policy is delete. Change that first.");
        }
    }

    /// What [#request] would do now.
    ///
    /// @throws LogException.InvalidConfig if the topic's policy does not compact
    public DryRun dryRun(Topic topic) {
        ensureCompacts(topic);
        return DryRun.of(topic, clock.millis());
    }

    /// The latest requested compactions of a topic, newest first.
    public List<Compaction> compactions(Topic topic) {
        lock.lock();
        try {
            return new ArrayList<>(history.getOrDefault(topic.epoch(), new ArrayDeque<>()))
                    .reversed();
        } finally {
            lock.unlock();
        }
    }

    /// One of them, or null.
    public @Nullable Compaction compaction(Topic topic, String id) {
        return compactions(topic).stream().filter(c -> c.id().equals(id)).findFirst().orElse(null);
    }

    private PassControl control(@Nullable Compaction request) {
        return new PassControl(
                () -> stopping || (request != null && request.isCancelled()), throttle);
    }

    private void cleanLoop() {
        while (!stopping) {
            try {
                Job job = next();
                if (job != null) {
                    run(job);
                }
            } catch (RuntimeException | Error e) {
                failedItself(e);
            }
        }
    }

    /// Frees the space of old files, in small steps with a rest behind each, since freeing space
    /// holds all writers up.
    private void unlinkLoop() {
        while (!stopping) {
            try {
                boolean more = false;
                for (Topic t : store.topics()) {
                    for (PartitionLog log : t.partitions()) {
                        more |= unlinkSome(log);
                    }
                }
                if (!more) {
                    await();
                }
            } catch (RuntimeException | Error e) {
                failedItself(e);
            }
        }
    }

    private boolean unlinkSome(PartitionLog log) {
        long startNanos = System.nanoTime();
        boolean more = false;
        try {
            more = !stopping && log.unlinkSome();
            unlinkErrors.remove(log);
        } catch (IOException | RuntimeException | Error e) {
            upkeepFailed(log, unlinkErrors, e);
        }
        if (more) {
            LockSupport.parkNanos(UNLINK_REST * (System.nanoTime() - startNanos));
        }
        return more;
    }

    /// Retention, which must not wait for a long pass elsewhere.
    private void upkeepLoop() {
        while (!stopping) {
            try {
                upkeep();
                await();
            } catch (RuntimeException | Error e) {
                failedItself(e);
            }
        }
    }

    /// Not a log's failure but the cleaner's own: told, and gone on from.
    private void failedItself(Throwable e) {
        events.accept(new CleanerEvent.Failed("", -1, e.toString(), 1, options.backoffMs()));
        await();
    }

    /// Chooses a partition and marks it as taken; waits a while and returns null where there is
    /// none.
    private @Nullable Job next() {
        lock.lock();
        try {
            forgetDeletedTopics();
            Job job = requested();
            if (job == null) {
                job = mostToWin();
            }
            if (job == null) {
                await();
            } else {
                running.add(job);
            }
            return job;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop")
    private void await() {
        lock.lock();
        try {
            if (!stopping) { // woken for nothing, it only looks for work once more
                var _ = work.await(options.backoffMs(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Job requested() {
        for (Compaction c : List.copyOf(requests)) {
            if (c.isTaken()) {
                requests.remove(c);
                continue;
            }
            PassControl control = control(c);
            PartitionLog log = c.take(control);
            if (log != null) {
                return job(log, c, control);
            }
        }
        return null;
    }

    private Job job(PartitionLog log, @Nullable Compaction request, PassControl control) {
        Thread thread = Thread.currentThread();
        return new Job(log, request, control, thread.getName(), thread.isVirtual(), clock.millis());
    }

    private @Nullable Job mostToWin() {
        long nowMs = clock.millis();
        PartitionLog best = null;
        Eligibility bestVerdict = null;
        Comparator<Eligibility> order =
                Comparator.comparing(Eligibility::overdue)
                        .thenComparingLong(Eligibility::deadBytes);
        for (Topic t : store.topics()) {
            for (PartitionLog log : t.partitions()) {
                Failure failure = failures.get(log);
                if (isRunning(log) || (failure != null && failure.retryAtMs > nowMs)) {
                    continue;
                }
                Eligibility verdict = judge(log, nowMs);
                if (verdict != null
                        && verdict.eligible()
                        && (bestVerdict == null || order.compare(verdict, bestVerdict) > 0)) {
                    best = log;
                    bestVerdict = verdict;
                }
            }
        }
        return best == null ? null : job(best, null, control(null));
    }

    /// Null where a log cannot even be judged, which keeps no other from being cleaned.
    private @Nullable Eligibility judge(PartitionLog log, long nowMs) {
        try {
            return Eligibility.of(log, nowMs);
        } catch (RuntimeException | Error e) {
            var _ = failed(log, e);
            return null;
        }
    }

    private boolean isRunning(PartitionLog log) {
        return running.stream().anyMatch(j -> j.log == log);
    }

    private void forgetDeletedTopics() {
        failures.keySet().removeIf(log -> log.state() == PartitionState.CLOSED);
        history.keySet().retainAll(store.topics().stream().map(Topic::epoch).toList());
    }

    private void run(Job job) {
        PartitionLog log = job.log;
        PassResult result = null;
        String failure = null;
        log.maintenance().lock();
        try {
            result = clean(job);
            succeeded(log);
            events.accept(
                    new CleanerEvent.Cleaned(
                            log.topic(),
                            log.partition(),
                            result,
                            clock.millis() - job.startedAtMs));
        } catch (StoppedException e) {
            events.accept(new CleanerEvent.Cancelled(log.topic(), log.partition()));
            failure = job.request != null && job.request.isCancelled() ? null : whyStopped(log);
        } catch (IOException | RuntimeException | Error e) {
            failure = failed(log, e);
        } finally {
            log.maintenance().unlock();
            lock.lock();
            try {
                running.remove(job);
            } finally {
                lock.unlock();
            }
            if (job.request != null) {
                job.request.ended(result, failure, clock.millis());
            }
        }
    }

    private static String whyStopped(PartitionLog log) {
        return switch (log.state()) {
            case QUARANTINED, READ_ONLY ->
                    "partition " + log.name() + " is " + log.state() + ": " + log.reason();
            case ONLINE, CLOSED -> "the service stopped or the topic was deleted";
        };
    }

    private PassResult clean(Job job) throws IOException, StoppedException {
        PartitionLog log = job.log;
        job.control.checkpoint(0, 0);
        if (log.state() == PartitionState.CLOSED) {
            throw new StoppedException();
        }
        log.completeSwap();
        if (job.request != null) {
            if (!log.config().compacts()) {
                throw new IOException("the topic's cleanup.policy was changed to delete");
            }
            if (log.state() != PartitionState.ONLINE) {
                throw new IOException(
                        "partition " + log.name() + " is " + log.state() + ": " + log.reason());
            }
            join(() -> log.rollActive().join());
        }
        long nowMs = clock.millis();
        List<Segment> segments = Eligibility.cleanable(log, nowMs);
        long total = 0;
        for (Segment s : segments) {
            total += s.sizeBytes();
        }
        job.control.bytesTotal.set(total);
        Choice choice =
                job.request != null
                        ? Choice.everything(segments, nowMs)
                        : Eligibility.choose(log, segments, nowMs);
        return new Pass(log, job.control, nowMs).run(segments, choice);
    }

    /// Waits for the appender and throws what it met as it was.
    private static void join(Runnable wait) throws IOException {
        try {
            wait.run();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case LogException log -> throw log;
                case null, default -> throw e;
            }
        }
    }

    private String failed(PartitionLog log, Throwable e) {
        lock.lock();
        try {
            Failure before = failures.get(log);
            int count = before == null ? 1 : before.count + 1;
            long waitMs = Math.min(BACKOFF_MS_MAX, options.backoffMs() << Math.min(20, count - 1));
            Failure now =
                    new Failure(count, String.valueOf(e.getMessage()), clock.millis() + waitMs);
            failures.put(log, now);
            events.accept(
                    new CleanerEvent.Failed(
                            log.topic(), log.partition(), e.toString(), count, waitMs));
        } finally {
            lock.unlock();
        }
        return log.name() + ": " + e;
    }

    private void succeeded(PartitionLog log) {
        lock.lock();
        try {
            failures.remove(log);
        } finally {
            lock.unlock();
        }
    }

    /// For every partition nobody works on.
    private void upkeep() {
        for (Topic t : store.topics()) {
            for (PartitionLog log : t.partitions()) {
                if (stopping || !log.maintenance().tryLock()) {
                    continue;
                }
                try {
                    upkeep(log);
                    upkeepErrors.remove(log);
                } catch (IOException | RuntimeException | Error e) {
                    upkeepFailed(log, upkeepErrors, e);
                } finally {
                    log.maintenance().unlock();
                }
            }
        }
        upkeepErrors.keySet().removeIf(log -> log.state() == PartitionState.CLOSED);
        unlinkErrors.keySet().removeIf(log -> log.state() == PartitionState.CLOSED);
    }

    private void upkeepFailed(PartitionLog log, Map<PartitionLog, String> errors, Throwable e) {
        errors.put(log, e.toString());
        events.accept(
                new CleanerEvent.Failed(
                        log.topic(), log.partition(), e.toString(), 1, options.backoffMs()));
    }

    private void upkeep(PartitionLog log) throws IOException {
        if (log.state() == PartitionState.CLOSED) {
            return;
        }
        Retention.Retired gone = Retention.apply(log, clock.millis());
        if (gone != null) {
            events.accept(
                    new CleanerEvent.Retired(
                            log.topic(),
                            log.partition(),
                            gone.segments(),
                            gone.bytes(),
                            gone.reason()));
        }
    }

    /// What the cleaner does and plans.
    public CleanerStatus status() {
        lock.lock();
        try {
            long nowMs = clock.millis();
            List<Running> busy = new ArrayList<>();
            for (Job j : running) {
                busy.add(
                        new Running(
                                j.log.topic(),
                                j.log.partition(),
                                j.thread,
                                j.virtualThread,
                                j.startedAtMs,
                                j.control.bytesDone.get(),
                                j.control.bytesTotal.get()));
            }
            List<PartitionStatus> partitions = new ArrayList<>();
            for (Topic t : store.topics()) {
                for (PartitionLog log : t.partitions()) {
                    partitions.add(status(log, nowMs));
                }
            }
            return new CleanerStatus(
                    options.threads(),
                    busy,
                    requests.stream().map(Compaction::report).toList(),
                    partitions);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable String upkeepError(PartitionLog log) {
        return upkeepErrors.getOrDefault(log, unlinkErrors.get(log));
    }

    private PartitionStatus status(PartitionLog log, long nowMs) {
        Eligibility verdict = Eligibility.of(log, nowMs);
        Failure failure = failures.get(log);
        return new PartitionStatus(
                log.topic(),
                log.partition(),
                verdict.eligible(),
                verdict.overdue(),
                verdict.deadBytes(),
                verdict.reason(),
                failure == null ? 0 : failure.count,
                failure == null ? upkeepError(log) : failure.error,
                failure == null ? 0 : failure.retryAtMs,
                log.damages());
    }
}
