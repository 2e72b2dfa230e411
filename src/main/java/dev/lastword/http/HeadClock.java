package dev.lastword.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Closes a connection on which the head of a request takes too long to arrive, however steadily it
/// drips.
///
/// The first head is awaited from the moment the connection is open, TLS and all, every other one
/// from its first byte on. Nothing is timed while a request is being handled, or held back by the
/// [RequestGate]: its body and its answer have their own bounds. (So a head behind one that is held
/// back has no bound but the idle time-out.) It stands before all other handlers of the connection
/// and sees bytes only, so it does not matter what becomes of them; that they were a whole head it
/// is told by [HeadTimeouts]. A timer is set at most once in the time that a head may take, not for
/// each request.
///
/// Only for the event loop of its connection, but for [#answered].
final class HeadClock extends ChannelInboundHandlerAdapter {
    private final long nanosMax;
    private final Runnable whenLate;
    private @Nullable Future<?> timer;

    private boolean awaiting;
    private long sinceNanos;

    /// The request that arrived last.
    private @Nullable HttpServerRequest latest;

    /// The one that was answered before its body was there, if that is what is awaited.
    private @Nullable HttpServerRequest unread;

    /// The request that is being handled.
    private final AtomicReference<@Nullable HttpServerRequest> current = new AtomicReference<>();

    /// @param nanosMax how long a head may take
    /// @param whenLate run for each connection that is closed for it
    HeadClock(long nanosMax, Runnable whenLate) {
        this.nanosMax = nanosMax;
        this.whenLate = whenLate;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        await(context);
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        if (current.get() == null && (!awaiting || isRead())) {
            await(context);
        }
        context.fireChannelRead(bytes);
    }

    /// The connection is closed, or is to be left alone from now on.
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        awaiting = false;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /// A whole head has arrived.
    void arrived(HttpServerRequest request) {
        awaiting = false;
        latest = request;
        current.set(request);
    }

    /// The request is answered. What comes now is the rest of its body, which then has as long as a
    /// head, or belongs to the next one.
    void answered(HttpServerRequest request) {
        current.compareAndSet(request, null);
    }

    /// Whether what was awaited is there, and was the rest of a body.
    private boolean isRead() {
        return unread != null && unread.isEnded();
    }

    private void await(ChannelHandlerContext context) {
        awaiting = true;
        unread = latest == null || latest.isEnded() ? null : latest;
        sinceNanos = System.nanoTime();
        if (timer == null) {
            setTimer(context, nanosMax);
        }
    }

    private void setTimer(ChannelHandlerContext context, long nanos) {
        timer = context.executor().schedule(() -> ring(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void ring(ChannelHandlerContext context) {
        timer = null;
        if (isRead() || RequestGate.isHolding(context.pipeline())) {
            awaiting = false;
        }
        if (!awaiting) {
            return;
        }
        long left = nanosMax - (System.nanoTime() - sinceNanos);
        if (left > 0) {
            setTimer(context, left); // for a later head than the one it was set for
        } else {
            whenLate.run();
            var _ = context.close();
        }
    }
}
