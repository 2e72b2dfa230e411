package dev.lastword.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.CountDownLatch;

/// Breaks an answer off that cannot be finished: the connection (HTTP/2: the stream) is reset, so
/// that no client takes half of it for the whole.
final class BrokenAnswer {
    /// RFC 9113, 7. Without an error code the end of the stream is the end of the answer.
    private static final long INTERNAL_ERROR = 2;

    private BrokenAnswer() {}

    /// Returns when nothing more can be sent: until then the framework must not take the request
    /// for done, for it would end the answer properly. Waits: not for an event loop.
    static void breakOff(HttpServerRequest request) {
        CountDownLatch closed = new CountDownLatch(1);
        if (request.version() != HttpVersion.HTTP_2
                && request.connection() instanceof ConnectionBase http1) {
            // A reset, for the end of the connection is the end of an HTTP/1.0 answer. Closing by
            // any other way first sends what is written, and waits for the client to take it: from
            // here it goes round the handler that would.
            resetOnClose(http1.channel());
            http1.channelHandlerContext().close().addListener(done -> closed.countDown());
        } else {
            request.response().reset(INTERNAL_ERROR);
            closed.countDown();
        }
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void resetOnClose(Channel channel) {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException e) {
            // the client has closed it already
        }
    }
}
