package dev.lastword.http;

import io.netty.handler.codec.http.HttpHeaderValues;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/// Reads a small body whole, on the event loop, holding at most its limit.
final class BoundedBody {
    private final HttpServerRequest request;
    private final int bytesMax;
    private final UniEmitter<? super byte[]> emitter;
    private @Nullable Buffer body;
    private boolean refused;

    private BoundedBody(
            HttpServerRequest request, int bytesMax, UniEmitter<? super byte[]> emitter) {
        this.request = request;
        this.bytesMax = bytesMax;
        this.emitter = emitter;
    }

    /// The body of a request that nobody has begun to read. To be subscribed on the request's event
    /// loop.
    ///
    /// @throws ProblemException 413 as soon as it is known to be longer than `bytesMax`
    static Uni<byte[]> read(HttpServerRequest request, int bytesMax) {
        return Uni.createFrom().emitter(e -> new BoundedBody(request, bytesMax, e).start());
    }

    private void start() {
        if (declaredLength(request) > bytesMax) {
            refuse();
            return;
        }
        if (expectsContinue(request)) {
            request.response().writeContinue();
        }
        request.exceptionHandler(emitter::fail)
                .handler(this::add)
                .endHandler(end -> emitter.complete(bytes()));
        request.resume();
    }

    private static boolean expectsContinue(HttpServerRequest request) {
        String expect = request.getHeader(HttpHeaders.EXPECT);
        return expect != null && HttpHeaderValues.CONTINUE.toString().equalsIgnoreCase(expect);
    }

    private void add(Buffer part) {
        if (refused) {
            return;
        }
        long length = (body == null ? 0L : body.length()) + part.length();
        if (length > bytesMax) {
            refuse();
        } else if (body == null) {
            body = part;
        } else {
            body = body.copy().appendBuffer(part);
        }
    }

    private byte[] bytes() {
        return body == null ? new byte[0] : body.getBytes();
    }

    private void refuse() {
        refused = true;
        body = null;
        emitter.fail(
                new ProblemException(
                                413,
                                "body-too-large",
                                "The body is longer than the "
                                        + bytesMax
                                        + " bytes that are taken here.")
                        .with("max", bytesMax));
    }

    /// What Content-Length says, or -1.
    private static long declaredLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1; // Vert.x has refused the request already
        }
    }
}
