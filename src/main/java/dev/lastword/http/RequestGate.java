package dev.lastword.http;

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

/// Hands the HTTP server the next request of a connection once the one before it is answered.
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
    /// the end of the connection is seen.
    private static final int HELD_MAX = 16;

    private final Queue<Object> held = new ArrayDeque<>();
    private boolean busy = true; // with the request that it is put there for
    private boolean readHeld;

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
                    && context.request().connection() instanceof ConnectionBase connection) {
                ChannelPipeline handlers = connection.channel().pipeline();
                if (handlers.get(RequestGate.class) == null) {
                    String server = handlers.context(VertxHandler.class).name();
                    handlers.addBefore(server, RequestGate.class.getName(), new RequestGate());
                }
            }
            context.next();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object part) {
        if (mustWait(part) || !held.isEmpty()) {
            held.add(part);
        } else {
            handOn(context, part);
        }
    }

    @Override
    public void read(ChannelHandlerContext context) {
        readHeld = held.size() >= HELD_MAX;
        if (!readHeld) {
            context.read();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object part, ChannelPromise promise) {
        var _ = context.write(part, promise);
        if (part instanceof LastHttpContent && !isInterim(part)) {
            busy = false;
            if (!held.isEmpty()) {
                context.executor().execute(() -> release(context)); // Vert.x has yet to note it
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        context.fireChannelInactive();
    }

    private void release(ChannelHandlerContext context) {
        while (!held.isEmpty() && !mustWait(held.element())) {
            handOn(context, held.remove());
        }
        context.fireChannelReadComplete();
        if (readHeld) {
            read(context);
        }
    }

    private void handOn(ChannelHandlerContext context, Object part) {
        busy |= part instanceof HttpRequest;
        context.fireChannelRead(part);
    }

    private boolean mustWait(Object part) {
        return busy && part instanceof HttpRequest;
    }

    /// Whether it is a response that others follow, such as `100 Continue`.
    private static boolean isInterim(Object part) {
        return part instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }
}
