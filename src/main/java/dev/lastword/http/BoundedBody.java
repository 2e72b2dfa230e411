package dev.lastword.http;

import io.netty.handler.codec.http.HttpHeaderValues;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A small body on its way in, read on the event loop ([Bodies]). It holds memory for what is
/// declared, or as it comes where nothing is, until it is whole or given up.
final class BoundedBody {
    private static final Logger LOG = Logger.getLogger(BoundedBody.class);

    /// How long the answer to a client that is too slow may take; then its connection is closed, or
    /// it would go on being slow.
    private static final long CLOSE_AFTER_MS = 1_000;

    private static final long NO_TIMER = -1;

    private final Bodies owner;
    private final HttpServerRequest request;
    private final int bytesMax;
    private final UniEmitter<? super byte[]> emitter;
    private @Nullable Buffer body;
    private long held;
    private long timer = NO_TIMER;
    private boolean over;

    BoundedBody(
            Bodies owner,
            HttpServerRequest request,
            int bytesMax,
            UniEmitter<? super byte[]> emitter) {
        this.owner = owner;
        this.request = request;
        this.bytesMax = bytesMax;
        this.emitter = emitter;
    }

    void start() {
        long declared = declaredLength(request);
        if (declared > bytesMax) {
            fail(tooLarge());
            return;
        }
        if (declared > 0 && !hold(declared)) {
            return;
        }
        if (expectsContinue(request)) {
            request.response().writeContinue();
        }
        timer = owner.vertx().setTimer(owner.timeMax().toMillis(), t -> tooSlow());
        request.exceptionHandler(this::brokenOff).handler(this::add).endHandler(end -> complete());
        request.resume();
    }

    private boolean hold(long bytes) {
        if (owner.tryTake(bytes)) {
            held += bytes;
            return true;
        }
        fail(
                new ProblemException(
                                503,
                                "too-many-bodies",
                                "The bodies that are being read take as much memory as they may ("
                                        + owner.memoryBytesMax()
                                        + " bytes, lastword.http.max-body-memory). Try again"
                                        + " later.")
                        .retryAfter(1));
        return false;
    }

    private static boolean expectsContinue(HttpServerRequest request) {
        String expect = request.getHeader(HttpHeaders.EXPECT);
        return expect != null && HttpHeaderValues.CONTINUE.toString().equalsIgnoreCase(expect);
    }

    private void add(Buffer part) {
        if (over) {
            return;
        }
        long length = (body == null ? 0L : body.length()) + part.length();
        if (length > bytesMax) {
            fail(tooLarge());
        } else if (length <= held || hold(length - held)) {
            body = body == null ? part : body.copy().appendBuffer(part);
        }
    }

    private void complete() {
        if (!over) {
            byte[] bytes = body == null ? new byte[0] : body.getBytes();
            end();
            emitter.complete(bytes);
        }
    }

    private void fail(Throwable why) {
        if (!over) {
            end();
            emitter.fail(why);
        }
    }

    /// The client is gone, or its chunks are none: nobody will read the answer.
    private void brokenOff(Throwable why) {
        LOG.debugf(why, "A body broke off");
        fail(
                new ProblemException(
                        400,
                        "body-incomplete",
                        "The body broke off, or its chunks are malformed; send it again."));
    }

    private void end() {
        over = true;
        body = null;
        if (timer != NO_TIMER) {
            owner.vertx().cancelTimer(timer);
        }
        owner.giveBack(held);
        held = 0;
    }

    private void tooSlow() {
        if (over) {
            return;
        }
        fail(
                new ProblemException(
                        408,
                        "body-timeout",
                        "The body was not there after "
                                + owner.timeMax().toSeconds()
                                + " s (lastword.http.body-timeout)."));
        owner.vertx()
                .setTimer(
                        CLOSE_AFTER_MS,
                        t -> {
                            if (request.version() == HttpVersion.HTTP_2) {
                                request.response().reset();
                            } else {
                                request.connection().close();
                            }
                        });
    }

    private ProblemException tooLarge() {
        return new ProblemException(
                        413,
                        "body-too-large",
                        "The body is longer than the " + bytesMax + " bytes that are taken here.")
                .with("max", bytesMax);
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
