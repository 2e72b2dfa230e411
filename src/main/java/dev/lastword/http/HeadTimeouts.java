package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.quarkus.vertx.http.HttpServerStart;
import io.quarkus.vertx.http.HttpsServerStart;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;

/// Gives every connection a [HeadClock], against clients that hold connections by heads that never
/// end: `quarkus.http.idle-timeout` begins anew with each byte of them.
///
/// Quarkus has no place for a handler of a connection's bytes, so the clock is put there where
/// Netty hands new connections over: before the channel that listens. The router, which sees each
/// request as soon as its head is there, stops it.
///
/// Connections that come before the service has told that it is started have none.
///
/// Of HTTP/2 only what leads to the first request is timed. After that streams share the
/// connection, and a client that wants to hold it need only send pings; the size of a block of
/// headers is bounded by Netty.
@Singleton
public final class HeadTimeouts {
    private final long nanosMax;
    private final VertxInternal vertx;
    private final Counter late;

    HeadTimeouts(LastwordConfig config, Vertx vertx, MeterRegistry registry) {
        this.nanosMax = config.headTimeMax().toNanos();
        this.vertx = (VertxInternal) vertx;
        this.late = registry.counter("lastword.problems", "problem", "head-timeout");
    }

    /// Before all other routes, and before who refuses what has no route.
    void register(@Observes Router router) {
        router.route()
                .order(Integer.MIN_VALUE)
                .handler(HeadTimeouts::arrived)
                .failureHandler(HeadTimeouts::arrived);
    }

    void started(@ObservesAsync HttpServerStart server) {
        install();
    }

    void started(@ObservesAsync HttpsServerStart server) {
        install();
    }

    private static void arrived(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (request.connection() instanceof ConnectionBase connection) {
            ChannelPipeline handlers = connection.channel().pipeline();
            HeadClock clock = handlers.get(HeadClock.class);
            if (clock != null && request.version() == HttpVersion.HTTP_2) {
                handlers.remove(clock);
            } else if (clock != null) {
                clock.arrived(request);
                context.addEndHandler(end -> clock.answered(request));
            }
        }
        context.next();
    }

    private void install() {
        for (EventExecutor acceptor : vertx.getAcceptorEventLoopGroup()) {
            acceptor.execute(() -> install((SingleThreadEventLoop) acceptor));
        }
    }

    private void install(SingleThreadEventLoop acceptor) {
        acceptor.registeredChannelsIterator()
                .forEachRemaining(channel -> {
                    if (channel instanceof ServerChannel
                            && channel.pipeline().get(Installer.class) == null) {
                        channel.pipeline().addFirst(new Installer());
                    }
                });
    }

    /// Sees each new connection of a channel that listens.
    private final class Installer extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object connection) {
            ((Channel) connection).pipeline().addFirst(new HeadClock(nanosMax, late::increment));
            context.fireChannelRead(connection);
        }
    }
}
