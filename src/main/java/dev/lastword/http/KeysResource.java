package dev.lastword.http;

import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// One key: its value is read, written and deleted. Each call takes the key from the path, or from
/// the query where a client or proxy would mangle it there.
@Path("/topics/{topic}/keys")
@Tag(name = "Keys")
public class KeysResource {
    private final KeyReads reads;
    private final KeyWrites writes;

    KeysResource(KeyReads reads, KeyWrites writes) {
        this.reads = reads;
        this.writes = writes;
    }

    @GET
    @Path("{key:.*}")
    @Operation(
            summary = "Get the latest value of a key",
            description =
                    "The value as stored, with its Content-Type, ETag and record headers; 304 with"
                            + " If-None-Match, 404 where the key is absent or deleted.")
    public Uni<Response> get(@PathParam("topic") String topic, @Context RoutingContext context) {
        return reads.get(topic, KeyParam.of(context), context.request());
    }

    @GET
    @Operation(summary = "Get the latest value of the key in ?key= or ?keyBase64=")
    public Uni<Response> getByQuery(
            @PathParam("topic") String topic, @Context RoutingContext context) {
        return reads.get(topic, KeyParam.of(context), context.request());
    }

    @HEAD
    @Path("{key:.*}")
    @Operation(summary = "Get what GET answers, without the value")
    public Uni<Response> head(@PathParam("topic") String topic, @Context RoutingContext context) {
        return get(topic, context);
    }

    @HEAD
    @Operation(summary = "Get what GET answers, without the value, for the key in the query")
    public Uni<Response> headByQuery(
            @PathParam("topic") String topic, @Context RoutingContext context) {
        return getByQuery(topic, context);
    }

    @PUT
    @Path("{key:.*}")
    @Operation(
            summary = "Write the value of a key",
            description =
                    "The body is the value; Content-Type is kept. Lastword-Timestamp (milliseconds)"
                            + " and Lastword-Header-<name> set the record's timestamp and headers."
                            + " Answers once the record is durable: 201 where the key was absent, else"
                            + " 200. If-Match and If-None-Match: * make it conditional (412). With"
                            + " Idempotency-Key it is done once in 24 hours, however often it is sent:"
                            + " the first answer is given again; 422 with another value.")
    public Uni<Response> put(@PathParam("topic") String topic, @Context RoutingContext context) {
        return writes.put(topic, KeyParam.of(context), context);
    }

    @PUT
    @Operation(summary = "Write the value of the key in ?key= or ?keyBase64=")
    public Uni<Response> putByQuery(
            @PathParam("topic") String topic, @Context RoutingContext context) {
        return writes.put(topic, KeyParam.of(context), context);
    }

    @DELETE
    @Path("{key:.*}")
    @Operation(
            summary = "Delete a key",
            description =
                    "Appends a tombstone; 404, and nothing appended, where the key has no value."
                            + " If-Match makes it conditional (412).")
    public Uni<Response> delete(@PathParam("topic") String topic, @Context RoutingContext context) {
        return writes.delete(topic, KeyParam.of(context), context);
    }

    @DELETE
    @Operation(summary = "Delete the key in ?key= or ?keyBase64=")
    public Uni<Response> deleteByQuery(
            @PathParam("topic") String topic, @Context RoutingContext context) {
        return writes.delete(topic, KeyParam.of(context), context);
    }
}
