package dev.lastword.http;

import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// The body of a successful answer, written from a virtual thread as fast as the client takes it: a
/// write waits while too much is on its way.
///
/// An answer that cannot be finished is broken off by [#abort()]: the connection (HTTP/2: the
/// stream) is reset, so that no client takes half of it for the whole.
final class ResponseSink {
    /// Written, but not yet taken by the system's socket buffers.
    private static final long UNDER_WAY_BYTES_MAX = 256 << 10;

    /// What is written at a time, so that a client that takes a large record slowly is seen to take
    /// it.
    private static final int PIECE_BYTES = 16 << 10;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String contentType;
    private final ClientPace pace;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteArrayOutputStream packed = new ByteArrayOutputStream(0);
    private final @Nullable GZIPOutputStream packing;

    // guarded by lock
    private long underWayBytes;
    private long takenBytes;
    private @Nullable Throwable failure;

    /// Packs the body where the client asks for it.
    ///
    /// @param pace the client must keep
    ResponseSink(HttpServerRequest request, String contentType, ClientPace pace) {
        this.request = request;
        this.response = request.response();
        this.pace = pace;
        this.contentType = contentType;
        this.packing = Encodings.acceptsGzip(request.headers()) ? Encodings.packing(packed) : null;
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
            describe();
            response.setChunked(true);
        }
        Buffer body = encoded(bytes, length, false);
        writeFrom(body, 0, body.length());
    }

    private void writeFrom(Buffer body, int from, int end) {
        for (int at = from; at < end; at += PIECE_BYTES) {
            Buffer piece = body.slice(at, Math.min(end, at + PIECE_BYTES));
            send(piece.length());
            response.write(piece).onComplete(done -> sent(piece.length(), done));
        }
    }

    /// Sends the rest of the body and waits until all of it is sent.
    ///
    /// @throws IOException if the client is gone or too slow
    void end(byte[] bytes, int length) throws IOException {
        awaitRoom(UNDER_WAY_BYTES_MAX);
        if (!response.headWritten()) {
            describe();
        }
        Buffer body = encoded(bytes, length, true);
        int last = Math.max(0, body.length() - 1) / PIECE_BYTES * PIECE_BYTES;
        if (last > 0 && !response.headWritten()) {
            response.setChunked(true);
        }
        writeFrom(body, 0, last);
        Buffer rest = body.slice(last, body.length());
        long counted = rest.length() + 1L; // an empty last part must be waited for, too
        send(counted);
        response.end(rest).onComplete(done -> sent(counted, done));
        awaitRoom(1);
    }

    /// Not before there is a body: until then a problem may be answered instead.
    private void describe() {
        response.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
        response.putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        if (packing != null) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, Encodings.GZIP);
        }
    }

    private Buffer encoded(byte[] bytes, int length, boolean last) throws IOException {
        if (packing == null) {
            return Buffer.buffer(length).appendBytes(bytes, 0, length);
        }
        packing.write(bytes, 0, length);
        if (last) {
            packing.close();
        }
        Buffer body = Buffer.buffer(packed.toByteArray());
        packed.reset();
        return body;
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
            takenBytes += bytes;
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
            while (failure == null && underWayBytes >= bytesMax) {
                long start = System.nanoTime();
                var _ = changed.awaitNanos(pace.patienceNanos());
                long taken = takenBytes;
                takenBytes = 0;
                pace.waited(System.nanoTime() - start, taken);
                if (failure == null && underWayBytes >= bytesMax) {
                    pace.check();
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

    /// Breaks the answer off ([BrokenAnswer]).
    void abort() {
        if (packing != null) {
            letGo(packing);
        }
        BrokenAnswer.breakOff(request);
    }

    /// Frees what is not on the heap; what that writes goes nowhere.
    private static void letGo(GZIPOutputStream packing) {
        try {
            packing.close();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }
}
