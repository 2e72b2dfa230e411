package dev.lastword.http;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Topic;
import dev.lastword.read.Reads;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/// Requests that wait until a key has news. Each one is told when the end of a partition that may
/// hold its key moves, and asks the key index, which is memory: it takes no thread and reads no
/// file while it waits. Together with those who follow changes there may be
/// `lastword.http.max-subscribers` of them. Thread-safe.
@Singleton
final class KeyWaits {
    private final Reads reads;
    private final Subscriptions subscriptions;
    private final Vertx vertx;

    KeyWaits(Reads reads, Subscriptions subscriptions, Vertx vertx) {
        this.reads = reads;
        this.subscriptions = subscriptions;
        this.vertx = vertx;
    }

    /// Completes when there is news, when the time is over, or when waiting makes no more sense
    /// because the client, the topic or the service goes.
    ///
    /// @throws ProblemException 503 where as many wait as may
    Uni<Void> untilNewer(Topic topic, byte[] key, LongPoll poll, RoutingContext context) {
        return topic.isMirrored()
                ? Blocking.call(() -> watchAll(topic, key, poll))
                        .chain(watch -> until(watch, poll, context))
                : until(watchOne(topic.partitionFor(key), key, poll), poll, context);
    }

    private Uni<Void> until(Watch watch, LongPoll poll, RoutingContext context) {
        if (watch.isOver()) {
            return Uni.createFrom().voidItem();
        }
        subscriptions.admit();
        return Uni.createFrom()
                .emitter(emitter -> {
                    Wait wait = new Wait(watch, poll.waitMs(), () -> emitter.complete(null));
                    context.addEndHandler(done -> wait.end());
                    wait.start();
                });
    }

    /// What is looked at while a request waits.
    private record Watch(List<PartitionLog> logs, BooleanSupplier hasNews) {
        boolean isOver() {
            return hasNews.getAsBoolean()
                    || logs.stream().anyMatch(log -> log.state() == PartitionState.CLOSED);
        }
    }

    private static Watch watchOne(PartitionLog log, byte[] key, LongPoll poll) {
        KeyHash hash = hash(log, key);
        return new Watch(List.of(log), () -> poll.isNews(log.partition(), liveOffset(log, hash)));
    }

    /// A mirrored key may lie in any partition, and which value counts only their records tell. So
    /// they are read once; what the index says moves from then on may be news, and is read again.
    private Watch watchAll(Topic topic, byte[] key, LongPoll poll) {
        List<PartitionLog> logs = topic.partitions();
        KeyHash hash = hash(logs.getFirst(), key);
        long[] before = liveOffsets(logs, hash);
        Reads.Found found = reads.get(topic, key);
        boolean isNews =
                found == null
                        ? poll.isNews(0, -1)
                        : poll.isNews(found.partition(), found.record().offset());
        return new Watch(logs, () -> isNews || !Arrays.equals(before, liveOffsets(logs, hash)));
    }

    private static KeyHash hash(PartitionLog log, byte[] key) {
        KeyHash hash = new KeyHash();
        log.hasher().hash(key, hash);
        return hash;
    }

    private static long[] liveOffsets(List<PartitionLog> logs, KeyHash hash) {
        return logs.stream().mapToLong(log -> liveOffset(log, hash)).toArray();
    }

    /// Where the index has the key's value, or -1.
    private static long liveOffset(PartitionLog log, KeyHash hash) {
        long entry = log.index().get(hash);
        boolean isLive =
                entry != KeyIndex.ABSENT
                        && !KeyIndex.isTombstone(entry)
                        && KeyIndex.offset(entry) >= log.startOffset();
        return isLive ? KeyIndex.offset(entry) : -1;
    }

    private final class Wait implements Subscriptions.Endless {
        private final Watch watch;
        private final Runnable whenOver;
        private final Runnable listener = this::look;
        private final AtomicBoolean over = new AtomicBoolean();
        private final long timer;

        Wait(Watch watch, long waitMs, Runnable whenOver) {
            this.watch = watch;
            this.whenOver = whenOver;
            this.timer = vertx.setTimer(Math.max(1, waitMs), t -> end());
        }

        void start() {
            subscriptions.opened(this);
            watch.logs.forEach(log -> log.endListeners().add(listener));
            look();
            if (over.get()) {
                stopListening();
            }
        }

        private void stopListening() {
            watch.logs.forEach(log -> log.endListeners().remove(listener));
        }

        private void look() {
            if (watch.isOver()) {
                end();
            }
        }

        @Override
        public void end() {
            if (over.compareAndSet(false, true)) {
                stopListening();
                vertx.cancelTimer(timer);
                subscriptions.closed(this);
                whenOver.run();
            }
        }
    }
}
