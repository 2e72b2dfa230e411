package dev.lastword.http;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Topic;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicBoolean;

/// Requests that wait until a key has news. Each one is told when its partition's end moves, and
/// asks the key index, which is memory: it takes no thread and reads no file while it waits.
/// Together with those who follow changes there may be `lastword.http.max-subscribers` of them.
/// Thread-safe.
@Singleton
final class KeyWaits {
    private final Subscriptions subscriptions;
    private final Vertx vertx;

    KeyWaits(Subscriptions subscriptions, Vertx vertx) {
        this.subscriptions = subscriptions;
        this.vertx = vertx;
    }

    /// Completes when there is news, when the time is over, or when waiting makes no more sense
    /// because the client, the topic or the service goes.
    ///
    /// @throws ProblemException 503 where as many wait as may
    Uni<Void> untilNewer(Topic topic, byte[] key, LongPoll poll, RoutingContext context) {
        PartitionLog log = topic.partitionFor(key);
        KeyHash hash = new KeyHash();
        log.hasher().hash(key, hash);
        if (isOver(log, hash, poll)) {
            return Uni.createFrom().voidItem();
        }
        subscriptions.admit();
        return Uni.createFrom()
                .emitter(emitter -> {
                    Wait wait = new Wait(log, hash, poll, () -> emitter.complete(null));
                    context.addEndHandler(done -> wait.end());
                    wait.start();
                });
    }

    private static boolean isOver(PartitionLog log, KeyHash hash, LongPoll poll) {
        long entry = log.index().get(hash);
        boolean isLive =
                entry != KeyIndex.ABSENT
                        && !KeyIndex.isTombstone(entry)
                        && KeyIndex.offset(entry) >= log.startOffset();
        return poll.isNews(isLive ? KeyIndex.offset(entry) : -1)
                || log.state() == PartitionState.CLOSED;
    }

    private final class Wait implements Subscriptions.Endless {
        private final PartitionLog log;
        private final KeyHash hash;
        private final LongPoll poll;
        private final Runnable whenOver;
        private final Runnable listener = this::look;
        private final AtomicBoolean over = new AtomicBoolean();
        private final long timer;

        Wait(PartitionLog log, KeyHash hash, LongPoll poll, Runnable whenOver) {
            this.log = log;
            this.hash = hash;
            this.poll = poll;
            this.whenOver = whenOver;
            this.timer = vertx.setTimer(Math.max(1, poll.waitMs()), t -> end());
        }

        void start() {
            subscriptions.opened(this);
            log.endListeners().add(listener);
            look();
            if (over.get()) {
                log.endListeners().remove(listener);
            }
        }

        private void look() {
            if (isOver(log, hash, poll)) {
                end();
            }
        }

        @Override
        public void end() {
            if (over.compareAndSet(false, true)) {
                log.endListeners().remove(listener);
                vertx.cancelTimer(timer);
                subscriptions.closed(this);
                whenOver.run();
            }
        }
    }
}
