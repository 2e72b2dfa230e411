package dev.lastword.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The body of a successful answer, written from a virtual thread as fast as the client takes it: a
/// write waits while too much is on its way.
///
/// An answer that cannot be finished is broken off by [#abort()]: the connection (HTTP/2: the
/// stream) is reset, so that no client takes half of it for the whole.
final class ResponseSink {
    /// Written, but not yet taken by the system's socket buffers.
    private static final long UNDER_WAY_BYTES_MAX = 256 << 10;

    /// RFC 9113, 7. Without an error code the end of the stream is the end of the answer.
    private static final long INTERNAL_ERROR = 2;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Duration idleMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private long underWayBytes;
    private @Nullable Throwable failure;

    /// @param idleMax the client may take nothing for as long
    ResponseSink(HttpServerRequest request, String contentType, Duration idleMax) {
        this.request = request;
        this.response = request.response();
        this.idleMax = idleMax;
        response.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
    }

    void header(String name, String value) {
        response.putHeader(name, value);
    }

    /// Sends some of the body; copies the bytes.
    ///
    /// @throws IOException if the client is gone or too slow
    void write(byte[] bytes, int length) throws IOException {
        awaitRoom(UNDER_WAY_BYTES_MAX);
        if (!response.headWritten()) {
            response.setChunked(true);
        }
        send(length);
        response.write(copy(bytes, length)).onComplete(done -> sent(length, done));
    }

    /// Sends the rest of the body and waits until all of it is sent.
    ///
    /// @throws IOException if the client is gone or too slow
    void end(byte[] bytes, int length) throws IOException {
        awaitRoom(UNDER_WAY_BYTES_MAX);
        long counted = length + 1L; // an empty last part must be waited for, too
        send(counted);
        response.end(copy(bytes, length)).onComplete(done -> sent(counted, done));
        awaitRoom(1);
    }

    private static Buffer copy(byte[] bytes, int length) {
        return Buffer.buffer(length).appendBytes(bytes, 0, length);
    }

    private void send(long bytes) {
        lock.lock();
        try {
            underWayBytes += bytes;
        } finally {
            lock.unlock();
        }
    }

    private void sent(long bytes, AsyncResult<Void> done) {
        lock.lock();
        try {
            underWayBytes -= bytes;
            if (done.failed()) {
                failure = done.cause();
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom(long bytesMax) throws IOException {
        lock.lock();
        try {
            long nanos = idleMax.toNanos();
            long before = underWayBytes;
            while (failure == null && underWayBytes >= bytesMax) {
                if (nanos <= 0) {
                    throw new IOException("the client took nothing for " + idleMax);
                }
                nanos = changed.awaitNanos(nanos);
                if (underWayBytes != before) {
                    before = underWayBytes;
                    nanos = idleMax.toNanos();
                }
            }
            if (failure != null) {
                throw new IOException("the client is gone", failure);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped while waiting for the client", e);
        } finally {
            lock.unlock();
        }
    }

    /// Whether the head is on its way, so that another answer is no longer possible.
    boolean isBegun() {
        return response.headWritten();
    }

    /// Breaks the answer off. Returns when nothing more can be sent: until then the framework must
    /// not take the request for done, for it would end the answer properly.
    void abort() {
        CountDownLatch closed = new CountDownLatch(1);
        if (request.version() != HttpVersion.HTTP_2
                && request.connection() instanceof ConnectionBase http1) {
            // A reset, for the end of the connection is the end of an HTTP/1.0 answer. Closing by
            // any other way first sends what is written, and waits for the client to take it: from
            // here it goes round the handler that would.
            resetOnClose(http1.channel());
            http1.channelHandlerContext().close().addListener(done -> closed.countDown());
        } else {
            response.reset(INTERNAL_ERROR);
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
