package dev.lastword.http;

import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The body of a request as a stream for a virtual thread. The event loop is asked for a few
/// buffers at a time; while nobody reads, no more are asked for, the socket is not read, and TCP
/// slows the sender.
///
/// Closing it before its end takes the rest and throws it away, so that the answer reaches a client
/// that is still sending and the connection can be used again; if there is much more, the
/// connection is closed.
final class RequestBody extends InputStream {
    /// Buffers on their way at once, at most; each has some kilobytes.
    private static final int WINDOW = 32;

    private static final long DISCARDED_BYTES_MAX = 16 << 20;
    private static final long DISCARDING_MS_MAX = 10_000;
    private static final long UNASKED_MS_MAX = 500;

    private final HttpServerRequest request;
    private final Vertx vertx;
    private final long idleNanosMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private final ArrayDeque<Buffer> arrived = new ArrayDeque<>();
    private boolean ended;
    private @Nullable Throwable failure;
    private boolean discarding;
    private long discardedBytes;

    // the reader's own
    private @Nullable Buffer current;
    private int position;
    private boolean started;
    private int taken;
    private boolean awaitsContinue;

    /// To be made on the request's event loop, before anything of the body was read.
    ///
    /// @param idleMax the client may pause for as long
    RequestBody(HttpServerRequest request, Vertx vertx, Duration idleMax) {
        this.request = request;
        this.vertx = vertx;
        this.idleNanosMax = idleMax.toNanos();
        String expect = request.getHeader(HttpHeaders.EXPECT);
        awaitsContinue = HttpHeaderValues.CONTINUE.toString().equalsIgnoreCase(expect);
        if (request.isEnded()) {
            ended = true;
            return;
        }
        request.pause();
        request.handler(this::arrive);
        request.endHandler(end -> finish(null));
        request.exceptionHandler(this::finish);
        if (request.response().closed()) {
            finish(new IOException("closed"));
        }
    }

    private void arrive(Buffer buffer) {
        lock.lock();
        try {
            if (discarding) {
                discardedBytes += buffer.length();
                if (discardedBytes > DISCARDED_BYTES_MAX) {
                    request.connection().close();
                }
            } else if (buffer.length() > 0) {
                arrived.add(buffer);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void finish(@Nullable Throwable cause) {
        lock.lock();
        try {
            if (cause == null) {
                ended = true;
            } else {
                failure = cause;
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// @throws IOException if the client is gone, or stopped in the middle
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Buffer buffer = current;
        if (buffer == null) {
            buffer = next();
            position = 0;
            if (buffer == null) {
                return -1;
            }
        }
        int n = Math.min(length, buffer.length() - position);
        buffer.getBytes(position, position + n, target, offset);
        position += n;
        current = position < buffer.length() ? buffer : null;
        return n;
    }

    private @Nullable Buffer next() throws IOException {
        ask();
        Buffer buffer = await();
        if (++taken >= WINDOW / 2) {
            request.fetch(taken);
            taken = 0;
        }
        return buffer;
    }

    private void ask() {
        if (started) {
            return;
        }
        started = true;
        if (awaitsContinue) {
            awaitsContinue = false;
            request.response().writeContinue();
        }
        request.fetch(WINDOW);
    }

    private @Nullable Buffer await() throws IOException {
        lock.lock();
        try {
            long nanos = idleNanosMax;
            while (arrived.isEmpty() && !ended) {
                if (failure != null) {
                    throw new IOException("the client is gone", failure);
                }
                if (nanos <= 0) {
                    throw new BadBodyException(
                            408,
                            "body-timeout",
                            "Nothing more of the body came for "
                                    + TimeUnit.NANOSECONDS.toSeconds(idleNanosMax)
                                    + " s (lastword.http.idle-timeout).");
                }
                nanos = changed.awaitNanos(nanos);
            }
            return arrived.poll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped while waiting for the body", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            arrived.clear();
            if (discarding || ended || failure != null) {
                return;
            }
            discarding = true;
        } finally {
            lock.unlock();
        }
        current = null;
        request.resume();
        vertx.setTimer(
                awaitsContinue ? UNASKED_MS_MAX : DISCARDING_MS_MAX, timer -> closeIfUnfinished());
    }

    private void closeIfUnfinished() {
        lock.lock();
        try {
            if (ended || failure != null) {
                return;
            }
        } finally {
            lock.unlock();
        }
        request.connection().close();
    }
}
