package dev.lastword.http;

import dev.lastword.log.LogException;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.StreamResetException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.HexFormat;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Answers every failed request of the REST resources with a problem document. What nobody foresaw
/// is logged in full under an id, and the client gets the id alone.
public class ProblemMappers {
    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    private final MeterRegistry registry;

    ProblemMappers(MeterRegistry registry) {
        this.registry = registry;
    }

    @ServerExceptionMapper
    public Response problem(ProblemException e) {
        return answer(e);
    }

    @ServerExceptionMapper
    public Response logFailure(LogException e) {
        return answer(Problems.of(e));
    }

    @ServerExceptionMapper
    public Response jaxRs(WebApplicationException e, @Context HttpServerRequest request) {
        return answer(problemOf(e, request));
    }

    @ServerExceptionMapper
    public Response anythingElse(Throwable e, @Context HttpServerRequest request) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof ProblemException p) {
                return answer(p);
            }
            if (t instanceof LogException l) {
                return answer(Problems.of(l));
            }
        }
        if (isGone(e)) {
            LOG.debugf(e, "The client of %s %s is gone", request.method(), request.path());
            return Response.status(400).build(); // nobody reads it
        }
        String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        Throwable cause =
                e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        LOG.errorf(cause, "Request failed (id %s): %s %s", id, request.method(), request.path());
        return answer(
                new ProblemException(
                                500,
                                "internal-error",
                                "Something failed that should not have. The service's log tells"
                                        + " more under this id.")
                        .with("id", id));
    }

    private Response answer(ProblemException problem) {
        registry.counter("lastword.problems", "problem", problem.slug()).increment();
        return Problems.response(problem);
    }

    private static boolean isGone(Throwable e) {
        return e instanceof HttpClosedException || e instanceof StreamResetException;
    }

    private static ProblemException problemOf(
            WebApplicationException e, HttpServerRequest request) {
        String method = request.method().name();
        int status = e.getResponse().getStatus();
        return switch (status) {
            case 404 -> {
                Endpoint endpoint = Endpoint.find(request.path());
                yield endpoint == null || endpoint.allows(request.method().name())
                        ? new ProblemException(
                                404,
                                "not-found",
                                "Nothing is served here; /q/openapi lists what is.")
                        : notAllowed(request, endpoint);
            }
            case 405 -> notAllowed(request, Endpoint.at(request.path()));
            case 406 ->
                    new ProblemException(
                            406,
                            "not-acceptable",
                            "None of the media types in Accept can be served here; leave it out, or"
                                    + " send */*.");
            case 415 -> unsupportedMediaType(request);
            default -> {
                if (status >= 500) {
                    LOG.errorf(e, "Request failed: %s %s", method, request.path());
                }
                yield new ProblemException(status, "http-" + status, reason(e));
            }
        };
    }

    private static ProblemException notAllowed(HttpServerRequest request, Endpoint endpoint) {
        return new ProblemException(
                        405,
                        "method-not-allowed",
                        request.method() + " is not offered here, but " + endpoint.allow() + ".")
                .header(HttpHeaders.ALLOW, endpoint.allow());
    }

    private static ProblemException unsupportedMediaType(HttpServerRequest request) {
        String sent = request.getHeader(HttpHeaders.CONTENT_TYPE);
        String accepted = Endpoint.at(request.path()).accepts();
        return new ProblemException(
                        415,
                        "unsupported-media-type",
                        (sent == null ? "No Content-Type" : "Content-Type '" + sent + "'")
                                + " is not accepted here; send "
                                + accepted
                                + ".")
                .with("accepted", accepted);
    }

    private static String reason(WebApplicationException e) {
        String message = e.getMessage();
        return message == null ? e.getResponse().getStatusInfo().getReasonPhrase() : message;
    }
}
