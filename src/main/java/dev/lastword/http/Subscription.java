package dev.lastword.http;

import dev.lastword.json.RecordJsonWriter;
import dev.lastword.log.LogException;
import dev.lastword.log.Topic;
import dev.lastword.log.ValueFormat;
import dev.lastword.read.CannotContinueException;
import dev.lastword.read.Changes;
import dev.lastword.read.OffsetsVector;
import dev.lastword.record.LogRecord;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/// One client that is sent changes. It costs no thread and holds no buffer while it waits for
/// something to happen, or for its client:
///
/// ```
///   IDLE ── wake ──► READY ── step ──► RUNNING ── nothing to send ──► IDLE
///                      ▲                  │ (woken meanwhile: READY)
///                      └── sent ── SENDING ◄── wrote
/// ```
///
/// A step, done by one of a few virtual threads ([Subscriptions]), reads at most [#CHUNK_BYTES] of
/// the log and writes them; the next one comes when the client's socket has taken them. So a slow
/// client is paced by TCP, has one chunk (or one record, if that is larger) under way, and simply
/// finds less where the log was cleaned meanwhile.
final class Subscription implements Subscriptions.Endless {
    /// What is read and sent at a time.
    private static final int CHUNK_BYTES = 16 << 10;

    private static final Logger LOG = Logger.getLogger(Subscription.class);

    private enum State {
        IDLE,
        READY,
        RUNNING,
        WOKEN,
        SENDING,
        CLOSED
    }

    private final Subscriptions owner;
    private final Topic topic;
    private final List<Changes> changes;
    private final ChangesFormat format;
    private final HttpServerRequest request;
    private final Runnable whenClosed;
    private final Runnable listener = this::wake;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Vertx vertx;
    private final long timer;

    private volatile boolean ending;
    private volatile boolean positionDue = true;
    private volatile long lastSentNanos = System.nanoTime();

    // of the step that runs
    private final SortedMap<Integer, Long> next = new TreeMap<>();
    private int turn;

    /// Starts it; the head and the position are sent at once.
    ///
    /// @param whenClosed run once, when no more is going to be sent
    Subscription(
            Subscriptions owner,
            Topic topic,
            List<Changes> changes,
            ChangesFormat format,
            HttpServerRequest request,
            Vertx vertx,
            Runnable whenClosed) {
        this.owner = owner;
        this.topic = topic;
        this.changes = changes;
        this.format = format;
        this.request = request;
        this.whenClosed = whenClosed;
        this.vertx = vertx;
        this.timer = vertx.setPeriodic(owner.heartbeatMs() / 2, t -> tick());
        changes.forEach(c -> next.put(c.partition(), c.position()));
    }

    void start() {
        request.response().setChunked(true);
        changes.forEach(c -> c.addListener(listener));
        if (closed.get()) {
            stopListening();
        }
        wake();
    }

    ValueFormat valueFormat() {
        return topic.config().valueFormat();
    }

    /// Something may have happened.
    void wake() {
        State before =
                state.getAndUpdate(s ->
                        switch (s) {
                            case IDLE -> State.READY;
                            case RUNNING -> State.WOKEN;
                            case READY, WOKEN, SENDING, CLOSED -> s;
                        });
        if (before == State.IDLE) {
            owner.ready(this);
        }
    }

    /// Ends the stream behind what is under way.
    @Override
    public void end() {
        ending = true;
        wake();
    }

    /// The client took something, or is gone.
    private void sent(AsyncResult<Void> done) {
        lastSentNanos = System.nanoTime();
        if (done.failed()) {
            close();
        } else if (state.compareAndSet(State.SENDING, State.READY)) {
            owner.ready(this);
        }
    }

    private void tick() {
        long silentNanos = System.nanoTime() - lastSentNanos;
        if (state.get() == State.SENDING) {
            if (silentNanos > owner.idleMax().toNanos()) {
                LOG.debugf("A client took none of its changes for %s", owner.idleMax());
                Thread.startVirtualThread(this::breakOff);
            }
        } else if (silentNanos >= owner.heartbeatMs() * 500_000L) {
            positionDue = true;
            wake();
        }
    }

    /// Sends some of what there is. For the one thread that took it out of the queue.
    ///
    /// @param out empty
    void step(RecordJsonWriter out) {
        if (!state.compareAndSet(State.READY, State.RUNNING)) {
            return; // closed
        }
        try {
            advance(out);
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "A stream of changes was broken off");
            breakOff();
        }
    }

    private void advance(RecordJsonWriter out) {
        try {
            if (ending) {
                endWith("");
            } else {
                boolean more = read(out);
                boolean isFirst = !request.response().headWritten();
                boolean atRest = format == ChangesFormat.LINES && out.size() > 0 && !more;
                if ((positionDue && out.size() == 0) || isFirst || atRest) {
                    format.position(out, vector());
                }
                if (out.size() > 0) {
                    positionDue = false;
                    send(Buffer.buffer(out.size()).appendBytes(out.buffer(), 0, out.size()));
                } else {
                    rest(more);
                }
            }
        } catch (CannotContinueException e) {
            reset(e);
        } catch (LogException.Closed e) {
            endWith(""); // the topic was deleted
        } catch (LogException e) {
            LOG.warnf("A stream of changes was broken off: %s", e.getMessage());
            breakOff();
        }
    }

    /// Reads from the partitions in turn, until there is enough; whether there may be more.
    private boolean read(RecordJsonWriter out) {
        for (int i = 0; i < changes.size(); i++) {
            Changes c = changes.get(turn);
            if (!c.isAtEnd()) {
                for (LogRecord record : c.next(CHUNK_BYTES)) {
                    next.put(c.partition(), record.offset() + 1);
                    format.record(out, vector(), c.partition(), record);
                }
                next.put(c.partition(), c.position());
            }
            turn = (turn + 1) % changes.size();
            if (out.size() >= CHUNK_BYTES) {
                break;
            }
        }
        return changes.stream().anyMatch(c -> !c.isAtEnd());
    }

    private OffsetsVector vector() {
        return new OffsetsVector(topic.epoch(), next);
    }

    /// In pieces, so that a client that takes a large record slowly is seen to take it.
    private void send(Buffer chunk) {
        if (!toSending()) {
            return;
        }
        int last = (chunk.length() - 1) / CHUNK_BYTES * CHUNK_BYTES;
        HttpServerResponse response = request.response();
        unlessGone(() -> {
            for (int at = 0; at < last; at += CHUNK_BYTES) {
                response.write(chunk.slice(at, at + CHUNK_BYTES))
                        .onSuccess(done -> lastSentNanos = System.nanoTime());
            }
            response.write(chunk.slice(last, chunk.length())).onComplete(this::sent);
        });
    }

    /// The answer is ended as soon as the client is gone, and takes no more then.
    private void unlessGone(Runnable write) {
        try {
            write.run();
        } catch (IllegalStateException e) {
            if (!closed.get()) {
                throw e;
            }
            LOG.debugf(e, "A client left while its changes were written");
        }
    }

    private boolean toSending() {
        lastSentNanos = System.nanoTime();
        return state.updateAndGet(s -> s == State.CLOSED ? s : State.SENDING) == State.SENDING;
    }

    private void rest(boolean more) {
        if (!more && state.compareAndSet(State.RUNNING, State.IDLE)) {
            return;
        }
        if (state.updateAndGet(s -> s == State.CLOSED ? s : State.READY) == State.READY) {
            owner.ready(this);
        }
    }

    private void reset(CannotContinueException e) {
        if (format == ChangesFormat.EVENTS) {
            endWith(ChangesFormat.reset(Problems.of(e)));
        } else {
            breakOff();
        }
    }

    private void endWith(String last) {
        if (toSending()) {
            unlessGone(() -> request.response().end(last).onComplete(done -> close()));
        }
    }

    private void breakOff() {
        BrokenAnswer.breakOff(request);
        close();
    }

    /// Lets go of everything. Closing twice is harmless.
    void close() {
        if (closed.compareAndSet(false, true)) {
            state.set(State.CLOSED);
            stopListening();
            vertx.cancelTimer(timer);
            owner.closed(this);
            whenClosed.run();
        }
    }

    private void stopListening() {
        changes.forEach(c -> c.removeListener(listener));
    }
}
