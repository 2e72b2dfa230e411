package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import dev.lastword.json.RecordJsonWriter;
import dev.lastword.log.Topic;
import dev.lastword.log.ValueFormat;
import dev.lastword.read.Changes;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// All clients that are being sent changes. Those that have something to do wait in a queue, which
/// at most [#WORKERS_MAX] virtual threads work off a chunk at a time: so ten thousand of them that
/// are woken by one write get their turns one after the other, beside the appenders and not before
/// them. Without work there are no threads. Thread-safe.
@Singleton
public final class Subscriptions {
    /// File I/O holds on to its carrier thread; appenders need some too.
    private static final int WORKERS_MAX = 2;

    private final LastwordConfig config;
    private final Vertx vertx;
    private final Set<Endless> all = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();
    private final ConcurrentLinkedQueue<Subscription> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger workers = new AtomicInteger();
    private volatile boolean ending;

    Subscriptions(LastwordConfig config, Vertx vertx, MeterRegistry registry) {
        this.config = config;
        this.vertx = vertx;
        registry.gauge("lastword.subscribers", count);
    }

    /// What goes on until its client leaves or it is ended.
    interface Endless {
        /// Ends it properly, soon.
        void end();
    }

    /// Sends a client changes until it leaves, the topic is deleted, or the service stops.
    ///
    /// @throws ProblemException 503 where there are as many as may be
    Uni<Void> open(
            Topic topic, List<Changes> changes, ChangesFormat format, RoutingContext context) {
        admit();
        return Uni.createFrom()
                .emitter(emitter -> {
                    Subscription s =
                            new Subscription(
                                    this,
                                    topic,
                                    changes,
                                    format,
                                    context.request(),
                                    vertx,
                                    () -> emitter.complete(null));
                    context.addEndHandler(done -> s.close());
                    opened(s);
                    s.start();
                });
    }

    /// Makes room for one more; [#closed] gives it back.
    ///
    /// @throws ProblemException 503 where there are as many as may be
    void admit() {
        int max = config.subscribersMax();
        if (count.getAndUpdate(n -> n < max ? n + 1 : n) >= max) {
            throw new ProblemException(
                            503,
                            "too-many-subscribers",
                            "As many clients follow changes or wait for keys as may at once ("
                                    + max
                                    + ", lastword.http.max-subscribers). Try again later.")
                    .retryAfter(5);
        }
    }

    /// From now on it is ended when all are.
    void opened(Endless one) {
        all.add(one);
        if (ending) {
            one.end();
        }
    }

    /// Gives back what [#admit] took. For each one once.
    void closed(Endless one) {
        all.remove(one);
        count.decrementAndGet();
    }

    /// Ends all streams, so that their connections can be drained. New ones end at once.
    public void endAll() {
        ending = true;
        all.forEach(Endless::end);
    }

    long heartbeatMs() {
        return config.heartbeat().toMillis();
    }

    Duration idleMax() {
        return config.streamIdleMax();
    }

    /// Gives a subscription its turn, soon.
    void ready(Subscription subscription) {
        queue.add(subscription);
        startWorker();
    }

    private void startWorker() {
        if (workers.getAndUpdate(n -> Math.min(n + 1, WORKERS_MAX)) < WORKERS_MAX) {
            Thread.startVirtualThread(this::work);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing is made right by it, only fairer
    private void work() {
        Map<ValueFormat, RecordJsonWriter> writers = new EnumMap<>(ValueFormat.class);
        try {
            for (Subscription s = queue.poll(); s != null; s = queue.poll()) {
                RecordJsonWriter out =
                        writers.computeIfAbsent(s.valueFormat(), RecordJsonWriter::new);
                out.clear();
                s.step(out);
                Thread.yield(); // a virtual thread keeps its carrier until it waits
            }
        } finally {
            workers.decrementAndGet();
        }
        if (!queue.isEmpty()) {
            startWorker();
        }
    }
}
