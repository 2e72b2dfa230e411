package dev.lastword.http;

import dev.lastword.log.Topic;
import dev.lastword.read.CannotContinueException;
import dev.lastword.read.Changes;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// The changes of a topic as a stream that can be left and resumed.
@Path("/topics/{topic}/changes")
@Tag(name = "Records")
public class ChangesResource {
    private final TopicAccess topics;
    private final Subscriptions subscriptions;

    @Inject
    ChangesResource(TopicAccess topics, Subscriptions subscriptions) {
        this.topics = topics;
        this.subscriptions = subscriptions;
    }

    @GET
    @Operation(
            operationId = "followChanges",
            summary = "Follow the changes of a topic",
            description =
                    "Every record from a position on, tombstones among them, and then what comes,"
                            + " without end: as server-sent events (Accept: text/event-stream) or"
                            + " a record a line. from: earliest, latest (the default) or an"
                            + " offsets vector, such as a snapshot's Lastword-Offsets or the id of"
                            + " an event; Last-Event-ID, which browsers send, beats it. key or"
                            + " prefix (also keyBase64, prefixBase64): only those; partitions: only"
                            + " those, such as 0,3,7-20, needed beyond 200. Now and then, and in"
                            + " silence every lastword.http.heartbeat, the position comes alone: an"
                            + " id without data, or a line {\"offsets\"}. Where deletions may have"
                            + " been missed, events end with an event reset, whose data is a"
                            + " problem document, and lines are answered 410, or broken off: take"
                            + " a new snapshot.")
    @APIResponse(
            responseCode = "200",
            description = "Records until the client leaves",
            content = {
                @Content(
                        mediaType = "text/event-stream",
                        schema = @Schema(type = SchemaType.STRING, format = "binary"),
                        examples =
                                @ExampleObject(
                                        name = "events",
                                        value =
                                                "id: 28f57f05;0:4\n\nid: 28f57f05;0:5\ndata:"
                                                        + " {\"partition\":0,\"offset\":4,\"timestamp\":1795393296423,\"key\":\"hall\",\"value\":null}\n\n")),
                @Content(
                        mediaType = MediaTypes.NDJSON,
                        schema = @Schema(type = SchemaType.STRING, format = "binary"),
                        examples =
                                @ExampleObject(
                                        name = "lines",
                                        value =
                                                "{\"offsets\":\"28f57f05;0:4\"}\n{\"partition\":0,\"offset\":4,\"timestamp\":1795393296423,\"key\":\"hall\",\"value\":null}\n"))
            })
    @Parameter(
            name = "from",
            in = ParameterIn.QUERY,
            description = "earliest, latest or an offsets vector; latest by default",
            example = "earliest",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "key",
            in = ParameterIn.QUERY,
            description = "only this key; keyBase64 for one that is no text",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "prefix",
            in = ParameterIn.QUERY,
            description = "only keys that begin so; prefixBase64 for bytes",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "prefixBase64",
            in = ParameterIn.QUERY,
            description = "the same for bytes",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "partitions",
            in = ParameterIn.QUERY,
            description = "only these, at most 200; all by default",
            example = "0,3,7-20",
            schema = @Schema(type = SchemaType.STRING))
    public Uni<Void> changes(
            @PathParam("topic") String name,
            @HeaderParam(ChangesQuery.LAST_EVENT_ID) @Nullable String lastEventId,
            @Context HttpHeaders headers,
            @Context RoutingContext context) {
        ChangesFormat format = MediaTypes.changesFormat(headers);
        Topic topic = topics.forRead(name);
        String query = RawTarget.query(RawTarget.of(context));
        ChangesQuery asked = ChangesQuery.parse(query, lastEventId);
        List<Changes> changes;
        try {
            changes = asked.open(topic);
        } catch (CannotContinueException e) {
            if (format == ChangesFormat.LINES) {
                throw Problems.of(e);
            }
            return ended(head(context, format), ChangesFormat.reset(Problems.of(e)));
        }
        HttpServerResponse response = head(context, format);
        return context.request().method().equals(HttpMethod.HEAD)
                ? ended(response, "")
                : subscriptions.open(topic, changes, format, context);
    }

    private static HttpServerResponse head(RoutingContext context, ChangesFormat format) {
        return context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, format.mediaType())
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Accel-Buffering", "no"); // a proxy is not to hold events back
    }

    private static Uni<Void> ended(HttpServerResponse response, String body) {
        return Uni.createFrom().completionStage(() -> response.end(body).toCompletionStage());
    }
}
