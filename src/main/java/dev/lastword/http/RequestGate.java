package dev.lastword.http;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.VertxHandler;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;
import java.util.Queue;

/// Hands the HTTP server the next request of a connection once the one before it is answered, and
/// the client takes its answers.
///
/// Clients may send requests ahead (pipelining, RFC 9112 section 9.3.2). Vert.x 4 takes them as
/// they come and lines them up, and where the connection ends while one in the line is not whole,
/// it fails on that one (`Http1xServerRequest.handleException` finds no response) before it has
/// told the request that is being answered: what waits for its end then waits for ever. With one
/// request at a time it has no line.
///
/// Only for the event loop of its connection.
final class RequestGate extends ChannelDuplexHandler {
    /// From so many parts of requests on nothing more is read. With fewer it is, for that is how
    /// the end of the connection is seen; else it is seen when the next answer is written. One read
    /// may bring some more than these.
    private static final int HELD_MAX = 16;

    private final Queue<Object> held = new ArrayDeque<>();
    private boolean busy = true; // with the request that it is put there for
    private boolean releasing;

    /// Whether it is the gate that stopped the reading, and not Vert.x.
    private boolean stopped;

    /// Gives every connection of HTTP/1 its gate, when the head of its first request is there.
    @Singleton
    static final class Installer {
        void register(@Observes Router router) {
            router.route()
                    .order(Integer.MIN_VALUE)
                    .handler(Installer::install)
                    .failureHandler(Installer::install);
        }

        private static void install(RoutingContext context) {
            if (context.request().version() != HttpVersion.HTTP_2
                    && context.request().connection() instanceof ConnectionBase connection
                    && connection.channel().eventLoop().inEventLoop()) {
                ChannelPipeline handlers = connection.channel().pipeline();
                ChannelHandlerContext server = handlers.context(VertxHandler.class);
                if (server != null && handlers.get(RequestGate.class) == null) {
                    handlers.addBefore(
                            server.name(), RequestGate.class.getName(), new RequestGate());
                } // else a request fails whose client has left
            }
            context.next();
        }
    }

    /// Whether a request of this connection is held back.
    static boolean isHolding(ChannelPipeline handlers) {
        RequestGate gate = handlers.get(RequestGate.class);
        return gate != null && !gate.held.isEmpty();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object part) {
        if (mustWait(context, part) || !held.isEmpty()) {
            held.add(part);
            stopIfFull(context);
        } else {
            handOn(context, part);
        }
    }

    /// Also where Vert.x goes on reading of its own.
    @Override
    public void read(ChannelHandlerContext context) {
        stopIfFull(context);
        if (!stopped) {
            context.read();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object part, ChannelPromise promise) {
        var _ = context.write(part, promise);
        if (part instanceof LastHttpContent && !isInterim(part)) {
            busy = false;
            releaseSoon(context); // behind what Vert.x does when a request is answered
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        releaseSoon(context);
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        context.fireChannelInactive();
    }

    private void releaseSoon(ChannelHandlerContext context) {
        if (!held.isEmpty() && !releasing) {
            context.executor().execute(() -> release(context));
        }
    }

    private void release(ChannelHandlerContext context) {
        releasing = true;
        if (stopped) { // before anything is handed on, which may make Vert.x stop it
            stopped = false;
            context.channel().config().setAutoRead(true);
        }
        while (!held.isEmpty() && !mustWait(context, held.element())) {
            handOn(context, held.remove());
        }
        releasing = false;
        stopIfFull(context);
        context.fireChannelReadComplete();
    }

    private void stopIfFull(ChannelHandlerContext context) {
        ChannelConfig config = context.channel().config();
        if (held.size() >= HELD_MAX && !releasing && config.isAutoRead()) {
            stopped = true;
            config.setAutoRead(false);
        }
    }

    private void handOn(ChannelHandlerContext context, Object part) {
        busy |= part instanceof HttpRequest;
        context.fireChannelRead(part);
    }

    private boolean mustWait(ChannelHandlerContext context, Object part) {
        return part instanceof HttpRequest && (busy || !context.channel().isWritable());
    }

    /// Whether it is a response that others follow, such as `100 Continue`.
    private static boolean isInterim(Object part) {
        return part instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }
}
