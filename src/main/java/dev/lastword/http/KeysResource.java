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
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// One key: its value is read, written and deleted. Each call takes the key from the path, or from
/// the query where a client or proxy would mangle it there.
@Path("/topics/{topic}/keys")
@Tag(name = "Keys")
public class KeysResource {
    private final KeyReads reads;
    private final KeyWrites writes;
    private final KeyLists lists;

    KeysResource(KeyReads reads, KeyWrites writes, KeyLists lists) {
        this.reads = reads;
        this.writes = writes;
        this.lists = lists;
    }

    @GET
    @Path("{key:.*}")
    @Operation(
            operationId = "getValue",
            summary = "Get the latest value of a key",
            description =
                    "The value as stored, with its Content-Type, ETag and record headers; 304 with"
                            + " If-None-Match, 404 where the key is absent or deleted. With"
                            + " ?wait=30s (up to 10m) and ifNewer=<etag> the answer waits until"
                            + " there is another version: 304 if none comes in time; without"
                            + " ifNewer it waits for the key to have a value. Accept-Encoding:"
                            + " gzip packs text of 1 KiB and more; its ETag ends in -gzip.")
    @APIResponse(
            responseCode = "200",
            description = "The value as stored",
            content =
                    @Content(
                            mediaType = "*/*",
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<@Nullable Void> get(
            @PathParam("topic") String topic,
            @Context HttpHeaders headers,
            @Context RoutingContext context) {
        return getByQuery(topic, headers, context); // the path is also taken for an empty key's
    }

    @GET
    @Operation(
            operationId = "findKeys",
            summary = "Get the latest value of the key in ?key= or ?keyBase64=; else list keys",
            description =
                    "Without a key: the keys that begin with prefix (prefixBase64), or all, in the"
                            + " order of their bytes, with their values, as records: a line each,"
                            + " or a JSON array where Accept asks for application/json. after"
                            + " (afterBase64): only keys behind this one; limit: 1 to 1000, 100 by"
                            + " default. Link names the next page, while there is one. A page is"
                            + " found by reading all of the topic's log.")
    @Parameter(
            name = "key",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.STRING),
            description = "the key; keyBase64 for one that is no text")
    @Parameter(
            name = "prefix",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.STRING),
            description = "list only keys that begin so")
    @Parameter(
            name = "prefixBase64",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.STRING),
            description = "the same for bytes")
    @Parameter(
            name = "after",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.STRING),
            description = "list only keys behind this one")
    @Parameter(
            name = "afterBase64",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.STRING),
            description = "the same for bytes")
    @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.INTEGER),
            description = "list at most so many")
    @APIResponse(
            responseCode = "200",
            description = "The value as stored; or records, where no key is named",
            content = {
                @Content(
                        mediaType = MediaTypes.JSON,
                        schema =
                                @Schema(
                                        type = SchemaType.ARRAY,
                                        implementation = Schemas.KeyedRecord.class)),
                @Content(
                        mediaType = MediaTypes.NDJSON,
                        schema = @Schema(type = SchemaType.STRING, format = "binary")),
                @Content(
                        mediaType = "*/*",
                        schema = @Schema(type = SchemaType.STRING, format = "binary"))
            })
    public Uni<@Nullable Void> getByQuery(
            @PathParam("topic") String topic,
            @Context HttpHeaders headers,
            @Context RoutingContext context) {
        if (KeyParam.isNamed(context)) {
            return reads.get(topic, KeyParam.of(context), context);
        }
        String query = RawTarget.query(RawTarget.of(context));
        return lists.page(topic, query, MediaTypes.prefersJson(headers), context.request());
    }

    @HEAD
    @Path("{key:.*}")
    @Operation(operationId = "headValue", summary = "Get what GET answers, without the value")
    @APIResponse(responseCode = "200", description = "The key has a value")
    public Uni<@Nullable Void> head(
            @PathParam("topic") String topic, @Context RoutingContext context) {
        return reads.get(topic, KeyParam.of(context), context);
    }

    @HEAD
    @Operation(
            operationId = "headValueByQuery",
            summary = "Get what GET answers, without the value, for the key in the query")
    @APIResponse(responseCode = "200", description = "The key has a value")
    @Parameter(
            name = "key",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.STRING),
            description = "the key; keyBase64 for one that is no text")
    public Uni<@Nullable Void> headByQuery(
            @PathParam("topic") String topic, @Context RoutingContext context) {
        return reads.get(topic, KeyParam.of(context), context);
    }

    @PUT
    @Path("{key:.*}")
    @Operation(
            operationId = "putValue",
            summary = "Write the value of a key",
            description =
                    "The body is the value; Content-Type is kept. Lastword-Timestamp (milliseconds)"
                            + " and Lastword-Header-<name> set the record's timestamp and headers;"
                            + " Lastword-TTL (seconds) lets the key expire."
                            + " Lastword-Acks: flushed or written, as the setting acks says else."
                            + " Answers once the record is durable: 201 where the key was absent, else"
                            + " 200. If-Match and If-None-Match: * make it conditional (412). With"
                            + " Idempotency-Key it is done once in 24 hours, however often it is sent:"
                            + " the first answer is given again; 422 with another value.")
    @APIResponse(
            responseCode = "200",
            description = "Written over another value",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Written.class)))
    @APIResponse(
            responseCode = "201",
            description = "Written; the key had no value",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Written.class)))
    @RequestBody(
            required = true,
            description = "The value",
            content = {
                @Content(mediaType = MediaTypes.JSON, schema = @Schema),
                @Content(mediaType = "text/plain", schema = @Schema(type = SchemaType.STRING)),
                @Content(
                        mediaType = "*/*",
                        schema = @Schema(type = SchemaType.STRING, format = "binary"))
            })
    public Uni<Response> put(@PathParam("topic") String topic, @Context RoutingContext context) {
        return writes.put(topic, KeyParam.of(context), context);
    }

    @PUT
    @Operation(
            operationId = "putValueByQuery",
            summary = "Write the value of the key in ?key= or ?keyBase64=")
    @APIResponse(
            responseCode = "200",
            description = "Written over another value",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Written.class)))
    @APIResponse(
            responseCode = "201",
            description = "Written; the key had no value",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Written.class)))
    @RequestBody(
            required = true,
            description = "The value",
            content = {
                @Content(mediaType = MediaTypes.JSON, schema = @Schema),
                @Content(mediaType = "text/plain", schema = @Schema(type = SchemaType.STRING)),
                @Content(
                        mediaType = "*/*",
                        schema = @Schema(type = SchemaType.STRING, format = "binary"))
            })
    @Parameter(
            name = "key",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.STRING),
            description = "the key; keyBase64 for one that is no text")
    public Uni<Response> putByQuery(
            @PathParam("topic") String topic, @Context RoutingContext context) {
        return writes.put(topic, KeyParam.of(context), context);
    }

    @DELETE
    @Path("{key:.*}")
    @Operation(
            operationId = "deleteKey",
            summary = "Delete a key",
            description =
                    "Appends a tombstone; 404, and nothing appended, where the key has no value."
                            + " If-Match makes it conditional (412).")
    @APIResponse(
            responseCode = "200",
            description = "A tombstone was written",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Written.class)))
    public Uni<Response> delete(@PathParam("topic") String topic, @Context RoutingContext context) {
        return writes.delete(topic, KeyParam.of(context), context);
    }

    @DELETE
    @Operation(operationId = "deleteKeyByQuery", summary = "Delete the key in ?key= or ?keyBase64=")
    @APIResponse(
            responseCode = "200",
            description = "A tombstone was written",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Written.class)))
    @Parameter(
            name = "key",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.STRING),
            description = "the key; keyBase64 for one that is no text")
    public Uni<Response> deleteByQuery(
            @PathParam("topic") String topic, @Context RoutingContext context) {
        return writes.delete(topic, KeyParam.of(context), context);
    }
}
