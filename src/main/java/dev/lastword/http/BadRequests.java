package dev.lastword.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;

/// Refuses, with a problem document, what is no proper HTTP request though the HTTP server lets it
/// through. (What that server itself refuses has no document: it is not known then what was asked.)
///
/// A body in a transfer coding other than `chunked` would be taken for an empty one, and what
/// follows for the next request.
@Singleton
final class BadRequests {
    private static final int BEFORE_ALL = 20_000;

    void register(@Observes Filters filters) {
        filters.register(BadRequests::checkFraming, BEFORE_ALL);
    }

    /// For requests that are refused before they reach a filter.
    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE + 1).failureHandler(BadRequests::explain);
    }

    private static void checkFraming(RoutingContext context) {
        HttpServerRequest request = context.request();
        List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
        if (codings.isEmpty() || String.join(",", codings).equalsIgnoreCase("chunked")) {
            context.next();
            return;
        }
        String detail =
                "Transfer-Encoding is chunked or left out; a packed body says Content-Encoding:"
                        + " gzip, where one is taken.";
        Buffer problem = problem(400, "invalid-transfer-encoding", detail);
        // Its end is not told to the server, which would begin with what it takes for the next
        // request of the connection.
        context.response()
                .setStatusCode(400)
                .putHeader(HttpHeaders.CONTENT_TYPE, Problems.MEDIA_TYPE)
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(problem.length()))
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .write(problem)
                .onComplete(written -> request.connection().close());
    }

    private static void explain(RoutingContext context) {
        int status = context.statusCode();
        if (context.response().headWritten()) {
            context.next();
        } else if (status == 400) {
            refuse(
                    context,
                    400,
                    "invalid-request",
                    "The request cannot be read: it has one target that begins with a slash, whole"
                            + " escapes in its query, and one Host header.");
        } else if (status == 404) {
            refuse(context, 404, "not-found", "Nothing is served here; /q/openapi lists what is.");
        } else {
            context.next();
        }
    }

    static void refuse(RoutingContext context, int status, String slug, String detail) {
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, Problems.MEDIA_TYPE)
                .end(problem(status, slug, detail));
    }

    private static Buffer problem(int status, String slug, String detail) {
        return Buffer.buffer(Problems.json(new ProblemException(status, slug, detail)));
    }
}
