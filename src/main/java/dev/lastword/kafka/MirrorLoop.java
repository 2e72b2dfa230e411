package dev.lastword.kafka;

import dev.lastword.config.KafkaSettings;
import dev.lastword.config.KafkaSettings.OnUnusable;
import dev.lastword.ingest.MirrorBoard;
import dev.lastword.ingest.MirrorBoard.State;
import dev.lastword.ingest.MirrorBoard.Status;
import dev.lastword.log.LogException;
import dev.lastword.log.LogStore;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The one thread that owns the consumer. What others find out comes back to it as a task, so
/// nothing here is shared.
///
/// A partition that is assigned is paused at the end of its log until it is prepared
/// ([Preparation]). From then on what is polled is handed on in order, each batch when the one
/// before it waits in line at the log ([SourcePartition]). A batch goes on only after the source,
/// asked *after* the poll, still says the topic's id is the one that is mirrored: so nothing of a
/// topic that was made anew gets in, even if it is as long as the old one. One such question is
/// under way at a time, for all that was polled before it.
///
/// A gap in the offsets polled is explained by the source, for the consumer steps over nothing but
/// what compaction removed, markers of transactions and aborted records; and between two polls
/// there is none, because each begins where the one before it ended.
///
/// What is polled is encoded here, and packed where the topic is compressed, so that it is touched
/// while the processor still has it: a record costs this thread a third of a microsecond so.
///
/// It is long because all that may use the consumer is here: what a partition has under way, how
/// one is prepared and how it is written have classes of their own.
final class MirrorLoop implements Runnable, ConsumerRebalanceListener {
    private static final Logger LOG = Logger.getLogger("dev.lastword.kafka");

    private static final Duration POLL = Duration.ofMillis(500);

    /// The source is not asked for the ids of topics more often than once in this time.
    private static final long ASK_NANOS = 10_000_000L;

    /// What is under way of all partitions together, the last poll aside, as long as they are few
    /// enough for each to have [#WINDOW_BYTES_MIN].
    private static final long WINDOWS_BYTES = 32 << 20;

    private static final long WINDOW_BYTES_MIN = 256 << 10;
    private static final long WINDOW_BYTES_MAX = 12 << 20;

    /// Parts of a window: while one is stored and one waits in line for it, as many can be proven
    /// and polled.
    private static final int WINDOW_PARTS = 6;

    private static final long UPKEEP_NANOS = 500_000_000L;
    private static final long LOOK_NANOS = 5_000_000_000L;

    /// So long after there was something to store its memory is let go.
    private static final long IDLE_NANOS = 10_000_000_000L;

    private static final long UNREADABLE_RETRY_MS = 60_000;

    /// How the consumer says that it cannot read a record: it names the partition in its text only.
    private static final Pattern UNREADABLE =
            Pattern.compile("(?:for topic-partition|for partition|next record from) (\\S+-\\d+)");

    private final KafkaSettings settings;
    private final KafkaClients clients;
    private final LogStore store;
    private final MirrorConnector channel;
    private final MirrorBoard board;
    private final MirrorMeters meters;
    private final Preparations preparations;

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Map<TopicPartition, SourcePartition> assigned = new HashMap<>();
    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable Consumer<byte[], byte[]> consumer;

    /// Polled, and not yet known to be of the topics that are mirrored.
    private final Unproven<Polled> unproven =
            new Unproven<>(polled -> polled.partition().tp().topic());

    private final SpareRecords spare = new SpareRecords();
    private long busyNanos = System.nanoTime();

    private boolean asking;
    private long nextAskNanos = System.nanoTime();
    private @Nullable SourceAdmin admin;
    private long nextUpkeepNanos;
    private long nextLookNanos;

    private final SourceTroubles troubles;

    private record Polled(SourcePartition partition, PartitionBatch batch) {}

    /// Makes what prepares partitions, with a connection of its own for each life of the consumer.
    interface Preparations {
        Preparation with(SourceAdmin admin);
    }

    MirrorLoop(
            KafkaSettings settings,
            KafkaClients clients,
            LogStore store,
            MirrorConnector channel,
            MirrorBoard board,
            MirrorMeters meters,
            Preparations preparations) {
        this.settings = settings;
        this.clients = clients;
        this.store = store;
        this.channel = channel;
        this.board = board;
        this.meters = meters;
        this.preparations = preparations;
        this.troubles = new SourceTroubles(board, clients.bootstrap());
        this.thread = Thread.ofPlatform().name("lastword-kafka").daemon().unstarted(this);
    }

    void start() {
        thread.start();
    }

    /// Commits, leaves the group, and waits for the end of it.
    void stop() throws InterruptedException {
        stopping = true;
        wake();
        thread.join();
    }

    private void wake() {
        Consumer<byte[], byte[]> c = consumer;
        if (c != null) {
            c.wakeup();
        }
        LockSupport.unpark(thread);
    }

    /// Runs a task on this thread, soon.
    private void submit(Runnable task) {
        tasks.add(task);
        wake();
    }

    @Override
    public void run() {
        while (!stopping) {
            try (SourceAdmin a = new SourceAdmin(clients.admin());
                    Consumer<byte[], byte[]> c = clients.consumer()) {
                admin = a;
                consumer = c;
                consume(c);
            } catch (KafkaException e) {
                troubles.pollFailed(e); // such as an address that cannot be resolved
            } catch (RuntimeException | Error e) { // Error: a codec whose library is missing, say
                LOG.error("The mirroring failed, and begins anew with another consumer", e);
                troubles.pollFailed(e);
            } finally {
                consumer = null;
                admin = null;
                asking = false;
                unproven.keepRefusals(Set.of());
                onPartitionsLost(List.copyOf(assigned.keySet()));
            }
            rest(); // not before, for tasks run meanwhile, and the consumer is closed
        }
    }

    private void consume(Consumer<byte[], byte[]> c) {
        if (settings.pattern() == null) {
            c.subscribe(settings.topics(), this);
        } else {
            c.subscribe(settings.union(), this);
        }
        while (!stopping) {
            runTasks();
            try {
                upkeep(c);
                take(c.poll(untilNextAsk()));
            } catch (WakeupException e) {
                // there are tasks, or it is to stop
            } catch (InvalidOffsetException e) {
                offsetGone(c, e);
            } catch (TopicAuthorizationException e) {
                notAllowed(c, e);
            } catch (KafkaException e) {
                if (!isUnreadable(c, e)) {
                    troubles.pollFailed(e);
                    rest();
                }
            }
        }
        commitNow(c);
    }

    private void runTasks() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
        }
    }

    private void take(ConsumerRecords<byte[], byte[]> records) {
        if (!records.isEmpty()) {
            busyNanos = System.nanoTime();
        }
        for (TopicPartition tp : records.partitions()) {
            SourcePartition p = assigned.get(tp);
            if (p == null || !p.takes()) {
                continue;
            }
            long next = Objects.requireNonNull(records.nextOffsets().get(tp)).offset();
            try {
                boolean stopsAtUnusable = settings.onUnusable() == OnUnusable.FAIL;
                p.polled(records.records(tp), next, stopsAtUnusable, spare)
                        .forEach(begun -> unproven.add(new Polled(p, begun)));
            } catch (RuntimeException e) { // no reason to stop the others
                LOG.errorf(e, "What was polled of %s cannot be encoded", tp);
                stop(p, SourceTroubles.describe(e));
                continue;
            }
            if (isFull(p)) {
                consumer().pause(List.of(tp));
            }
        }
        prove();
    }

    /// How much of one partition may be under way.
    private long windowBytes() {
        return Math.clamp(
                WINDOWS_BYTES / Math.max(1, assigned.size()), WINDOW_BYTES_MIN, WINDOW_BYTES_MAX);
    }

    /// How much is joined into one write.
    private long writeBytes() {
        return windowBytes() / WINDOW_PARTS;
    }

    private boolean isFull(SourcePartition p) {
        return p.bytes() > windowBytes();
    }

    /// How long a poll may wait.
    private Duration untilNextAsk() {
        return !asking && unproven.isAskable()
                ? Duration.ofNanos(Math.max(0, nextAskNanos - System.nanoTime()))
                : POLL;
    }

    /// Asks the source for the ids of the topics polled, unless it is being asked already or was
    /// just now.
    private void prove() {
        unproven.removeIf(u -> !isCurrent(u.partition()) || !u.partition().takes());
        if (asking || !unproven.isAskable() || System.nanoTime() - nextAskNanos < 0) {
            return;
        }
        List<Polled> about = joined(unproven.take());
        List<String> names =
                about.stream().map(p -> p.partition().tp().topic()).distinct().toList();
        ask(names, ids -> proven(about, ids), () -> unproven.putBack(about));
    }

    /// Seals what was polled. Where a question before was not answered there may be many small
    /// batches.
    private List<Polled> joined(List<Polled> polled) {
        List<Polled> joined = new ArrayList<>(polled.size());
        Map<SourcePartition, PartitionBatch> lasts = new HashMap<>();
        for (Polled p : polled) {
            p.partition().seal();
            PartitionBatch last = lasts.get(p.partition());
            if (last != null && last.join(p.batch(), writeBytes())) {
                spare.giveBack(p.batch().records());
            } else {
                lasts.put(p.partition(), p.batch());
                joined.add(p);
            }
        }
        return joined;
    }

    private void proven(List<Polled> about, SourceAdmin.Topics answer) {
        List<Polled> open = new ArrayList<>();
        for (Polled polled : about) {
            SourcePartition p = polled.partition();
            if (answer.refused().containsKey(p.tp().topic())) {
                open.add(polled);
            } else if (isCurrent(p) && p.takes() && isSame(p, answer.found())) {
                p.offer(polled.batch(), writeBytes(), spare);
                storeNext(p);
            }
        }
        unproven.putBack(open);
    }

    /// Stops a partition whose topic is not the one that is mirrored any more.
    private boolean isSame(SourcePartition p, Map<String, SourceAdmin.SourceTopic> ids) {
        SourceAdmin.SourceTopic there = ids.get(p.tp().topic());
        if (there != null && there.id().equals(p.topicId())) {
            return true;
        }
        stop(
                p,
                there == null
                        ? "The source topic was deleted."
                        : "The source topic was made anew: its id is "
                                + there.id()
                                + ", what is mirrored is of "
                                + p.topicId()
                                + ". POST /topics/"
                                + p.tp().topic()
                                + "/partitions/"
                                + p.tp().partition()
                                + "/reset mirrors the new one.");
        return false;
    }

    private void ask(
            Collection<String> topics,
            java.util.function.Consumer<SourceAdmin.Topics> then,
            Runnable otherwise) {
        SourceAdmin to = admin;
        if (to == null) {
            return;
        }
        asking = true;
        nextAskNanos = System.nanoTime() + ASK_NANOS;
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        SourceAdmin.Topics answer = to.topics(topics);
                        submit(() -> {
                            if (to == admin) { // else it was asked by an earlier consumer
                                asking = false;
                                answered(topics, answer);
                                then.accept(answer);
                                lookOrProve();
                            }
                        });
                    } catch (RuntimeException | Error e) { // also of a client that is closed
                        submit(() -> {
                            if (to == admin) {
                                asking = false;
                                nextAskNanos = System.nanoTime() + POLL.toNanos();
                                troubles.askFailed(topics, e);
                                otherwise.run();
                            }
                        });
                    }
                });
    }

    private void answered(Collection<String> topics, SourceAdmin.Topics answer) {
        unproven.answered(topics, answer.refused().keySet());
        troubles.answered(topics, answer, unproven.hasRefusals());
    }

    private boolean isCurrent(SourcePartition p) {
        return assigned.get(p.tp()) == p;
    }

    private void storeNext(SourcePartition p) {
        PartitionLog log = log(p.tp());
        if (log == null) {
            stop(p, "The topic was deleted here.");
            return;
        }
        if (!p.writes(log)) {
            // taken back into service after a failed flush, perhaps without what was not flushed
            prepare(p.tp(), false, null);
            return;
        }
        MirrorWrite write = p.next();
        if (write != null) {
            var _ = write.queued().thenRun(() -> submit(() -> queued(p)));
            var _ = write.stored().whenComplete((v, failure) -> submit(() -> ended(p)));
            channel.send(write);
        }
    }

    private void queued(SourcePartition p) {
        if (isCurrent(p) && p.takes()) {
            storeNext(p);
        }
    }

    private @Nullable PartitionLog log(TopicPartition tp) {
        Topic topic = store.find(tp.topic());
        return topic == null || tp.partition() >= topic.partitions().size()
                ? null
                : topic.partition(tp.partition());
    }

    private void ended(SourcePartition p) {
        if (!isCurrent(p) || p.state() == State.STOPPED) {
            return;
        }
        Throwable failure = p.settle(spare);
        if (p.state() == State.RUNNING && p.bytes() < windowBytes() - writeBytes()) {
            consumer().resume(List.of(p.tp()));
        }
        switch (failure) {
            case null -> storeNext(p);
            case UnusableRecordException unusable -> stop(p, String.valueOf(unusable.getMessage()));
            default -> stall(p, String.valueOf(failure.getMessage()));
        }
    }

    private void stall(SourcePartition p, String why) {
        stall(p, why, SourceTroubles.backoffMs(p.failures()));
    }

    private void stall(SourcePartition p, String why, long ms) {
        if (p.failures() == 0) {
            LOG.warnf("%s stalls: %s", p.tp(), why);
        }
        p.stall(why, ms);
    }

    private void stop(SourcePartition p, String why) {
        LOG.errorf("The mirroring of %s is stopped: %s", p.tp(), why);
        p.stop(why);
        consumer().pause(List.of(p.tp()));
        post(p, -1);
    }

    private Consumer<byte[], byte[]> consumer() {
        Consumer<byte[], byte[]> c = consumer;
        if (c == null) {
            throw new IllegalStateException("no consumer");
        }
        return c;
    }

    // ------------------------------------------------------------------ assignment

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        for (TopicPartition tp : partitions) {
            meters.watch(tp.topic(), tp.partition());
            PartitionLog log = log(tp);
            consumer().seek(tp, log == null ? 0 : log.endOffset());
            prepare(tp, false, null);
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        commitNow(consumer());
        onPartitionsLost(partitions);
    }

    /// What is under way of them may still be stored, which does no harm: it is what the source
    /// has.
    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        for (TopicPartition tp : partitions) {
            assigned.remove(tp);
            board.post(new Status(tp.topic(), tp.partition(), State.UNASSIGNED, -1, ""));
        }
        unproven.removeIf(p -> partitions.contains(p.partition().tp()));
    }

    /// Begins to find out where a partition goes on.
    ///
    /// @param anew empty it first
    /// @param told is told how that ended, if somebody waits
    private void prepare(TopicPartition tp, boolean anew, @Nullable CompletableFuture<Void> told) {
        SourcePartition before = assigned.get(tp);
        int failures = before != null && before.state() == State.PREPARING ? before.failures() : 0;
        SourcePartition p = new SourcePartition(tp, failures);
        assigned.put(tp, p);
        unproven.removeIf(polled -> polled.partition().tp().equals(tp));
        consumer().pause(List.of(tp));
        post(p, -1);
        SourceAdmin with = admin;
        if (with == null) {
            return;
        }
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        Preparation.Outcome outcome = preparations.with(with).run(tp, anew);
                        submit(() -> prepared(p, outcome, told));
                    } catch (KafkaException | LogException | IOException e) {
                        submit(() -> notPrepared(p, e, told));
                    } catch (RuntimeException | Error e) {
                        LOG.errorf(e, "%s cannot be prepared", tp);
                        submit(() -> notPrepared(p, e, told));
                    }
                });
    }

    private void prepared(
            SourcePartition p,
            Preparation.Outcome outcome,
            @Nullable CompletableFuture<Void> told) {
        if (isCurrent(p)) {
            switch (outcome) {
                case Preparation.Stop stop -> stop(p, stop.why());
                case Preparation.Ready ready -> {
                    TopicPartition tp = p.tp();
                    unproven.answered(List.of(tp.topic()), List.of());
                    assigned.put(tp, SourcePartition.at(tp, ready));
                    consumer()
                            .seek(
                                    tp,
                                    new OffsetAndMetadata(
                                            ready.position(), ready.leaderEpoch(), ""));
                    consumer().resume(List.of(tp));
                    LOG.infof("%s is mirrored from offset %d on", tp, ready.position());
                }
            }
        }
        if (told != null) {
            if (outcome instanceof Preparation.Stop stop) {
                told.completeExceptionally(new IllegalStateException(stop.why()));
            } else {
                told.complete(null);
            }
        }
    }

    private void notPrepared(
            SourcePartition p, Throwable e, @Nullable CompletableFuture<Void> told) {
        if (isCurrent(p)) {
            stall(p, SourceTroubles.describe(e));
        }
        if (told != null) {
            told.completeExceptionally(e);
        }
    }

    /// Mirrors a partition anew; completes when it is empty and goes on, exceptionally with why it
    /// does not.
    CompletableFuture<Void> reset(TopicPartition tp) {
        CompletableFuture<Void> told = new CompletableFuture<>();
        submit(() -> {
            if (assigned.containsKey(tp) && consumer != null) {
                prepare(tp, true, told);
            } else {
                told.completeExceptionally(
                        new IllegalStateException(
                                tp + " is not assigned to this member of the group."));
            }
        });
        return told;
    }

    // ------------------------------------------------------------------ trouble

    private void offsetGone(Consumer<byte[], byte[]> c, InvalidOffsetException e) {
        for (TopicPartition tp : e.partitions()) {
            SourcePartition p = assigned.get(tp);
            if (p == null) {
                c.pause(List.of(tp));
            } else if (e instanceof LogTruncationException) {
                stop(
                        p,
                        "The source has lost records that are mirrored (another leader with a"
                                + " shorter log): "
                                + e.getMessage());
            } else {
                prepare(tp, false, null);
            }
        }
    }

    /// A record that the consumer cannot read: damaged, or packed with a codec it does not know.
    /// Its partition waits, for another replica may have it whole; nothing is skipped.
    private boolean isUnreadable(Consumer<byte[], byte[]> c, KafkaException e) {
        Matcher m = UNREADABLE.matcher(String.valueOf(e.getMessage()));
        if (!m.find()) {
            return false;
        }
        for (SourcePartition p : assigned.values()) {
            if (p.tp().toString().equals(m.group(1))) {
                c.pause(List.of(p.tp()));
                String why = "The source's records cannot be read: " + SourceTroubles.describe(e);
                LOG.errorf("%s stalls: %s", p.tp(), why);
                p.stall(why, UNREADABLE_RETRY_MS);
                return true;
            }
        }
        return false;
    }

    /// A topic that must not be read any more: its partitions wait, the others go on.
    private void notAllowed(Consumer<byte[], byte[]> c, TopicAuthorizationException e) {
        boolean told = false;
        for (SourcePartition p : List.copyOf(assigned.values())) {
            if (p.takes() && e.unauthorizedTopics().contains(p.tp().topic())) {
                c.pause(List.of(p.tp()));
                stall(p, SourceTroubles.describe(e), UNREADABLE_RETRY_MS);
                told = true;
            }
        }
        if (!told) {
            troubles.pollRefused(e);
            rest();
        }
    }

    /// Waits before it is tried again, longer each time.
    private void rest() {
        long until = System.nanoTime() + troubles.restMs() * 1_000_000;
        while (!stopping && System.nanoTime() - until < 0) {
            runTasks();
            LockSupport.parkNanos(this, until - System.nanoTime());
        }
        troubles.pollsAgain(System.nanoTime());
    }

    // ------------------------------------------------------------------ upkeep

    private void upkeep(Consumer<byte[], byte[]> c) {
        lookOrProve();
        long now = System.nanoTime();
        if (now - nextUpkeepNanos < 0) {
            return;
        }
        nextUpkeepNanos = now + UPKEEP_NANOS;
        for (SourcePartition p : List.copyOf(assigned.values())) {
            look(c, p);
        }
        if (!assigned.values().stream().allMatch(SourcePartition::isIdle)) {
            busyNanos = now;
        } else if (now - busyNanos > IDLE_NANOS) {
            spare.clear();
        }
        commit(c);
        troubles.noteTime(now);
    }

    /// Asks about all topics when that is due, and else about those that were polled.
    private void lookOrProve() {
        long now = System.nanoTime();
        if (asking || now - nextLookNanos < 0) {
            prove();
            return;
        }
        nextLookNanos = now + LOOK_NANOS;
        List<SourcePartition> about = List.copyOf(assigned.values());
        Set<String> topics = new HashSet<>(settings.topics());
        about.forEach(p -> topics.add(p.tp().topic()));
        troubles.concerns(topics);
        unproven.keepRefusals(topics);
        ask(
                topics,
                answer -> looked(about, answer),
                () -> unproven.keepRefusals(Set.of())); // so that those polled are asked about
    }

    private void looked(List<SourcePartition> about, SourceAdmin.Topics answer) {
        for (SourcePartition p : about) {
            if (isCurrent(p) && p.takes() && !answer.refused().containsKey(p.tp().topic())) {
                var _ = isSame(p, answer.found());
            }
        }
        troubles.lookForMissing(settings.topics(), answer);
    }

    private void look(Consumer<byte[], byte[]> c, SourcePartition p) {
        if (p.isRetryDue()) {
            p.goOn();
            if (p.state() == State.PREPARING) {
                prepare(p.tp(), false, null);
                return;
            }
            if (!isFull(p)) {
                c.resume(List.of(p.tp()));
            }
        }
        if (p.state() == State.RUNNING) {
            storeNext(p); // sees, too, whether its log is still the one
            if (!isCurrent(p)) {
                return;
            }
        }
        if (!p.takes()) {
            post(p, -1);
            return;
        }
        OptionalLong position = position(c, p.tp());
        OptionalLong behind = c.currentLag(p.tp());
        if (position.isEmpty() || behind.isEmpty()) {
            post(p, -1);
            return;
        }
        if (p.isIdle()) {
            p.skippedTo(position.getAsLong());
            if (behind.getAsLong() == 0) {
                noteCaughtUp(p);
            }
        }
        post(p, position.getAsLong() + behind.getAsLong() - p.storedTo());
    }

    /// Where the consumer is, if it knows without asking anybody.
    private static OptionalLong position(Consumer<byte[], byte[]> c, TopicPartition tp) {
        try {
            return OptionalLong.of(c.position(tp, Duration.ZERO));
        } catch (TimeoutException | WakeupException e) {
            return OptionalLong.empty();
        }
    }

    private void noteCaughtUp(SourcePartition p) {
        PartitionLog log = log(p.tp());
        if (log != null) {
            log.noteCaughtUp(System.currentTimeMillis());
        }
    }

    private void post(SourcePartition p, long lag) {
        board.post(new Status(p.tp().topic(), p.tp().partition(), p.state(), lag, p.reason()));
    }

    private Map<TopicPartition, OffsetAndMetadata> toCommit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (SourcePartition p : assigned.values()) {
            if (p.takes() && p.storedTo() > p.committed()) {
                offsets.put(p.tp(), new OffsetAndMetadata(p.storedTo()));
            }
        }
        return offsets;
    }

    private void commit(Consumer<byte[], byte[]> c) {
        Map<TopicPartition, OffsetAndMetadata> offsets = toCommit();
        if (!offsets.isEmpty()) {
            c.commitAsync(
                    offsets,
                    (done, e) -> {
                        if (e == null) {
                            noteCommitted(done);
                        } else {
                            LOG.debugf(e, "Offsets are not committed; it is tried again");
                        }
                    });
        }
    }

    private void noteCommitted(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((tp, o) -> {
            SourcePartition p = assigned.get(tp);
            if (p != null) {
                p.committed(o.offset());
            }
        });
    }

    /// Others only look at what is committed, so where it fails nothing is lost.
    private void commitNow(Consumer<byte[], byte[]> c) {
        Map<TopicPartition, OffsetAndMetadata> offsets = toCommit();
        if (offsets.isEmpty()) {
            return;
        }
        try {
            c.commitSync(offsets, Duration.ofSeconds(3));
            noteCommitted(offsets);
        } catch (KafkaException e) {
            LOG.debugf(e, "Offsets are not committed");
        }
    }
}
