package dev.lastword.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastword.ingest.StreamResult;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Records in and out as streams. [RecordJson] is their form.
@Path("/topics/{topic}")
@Tag(name = "Records")
public class RecordsResource {
    private final RecordWrites writes;
    private final CloudEventWrites events;
    private final RecordReads reads;

    RecordsResource(RecordWrites writes, CloudEventWrites events, RecordReads reads) {
        this.writes = writes;
        this.events = events;
        this.reads = reads;
    }

    @POST
    @Path("records")
    @Operation(
            operationId = "writeRecords",
            summary = "Write records",
            description =
                    "A record a line (application/x-ndjson), or one object or an array of them"
                            + " (application/json); any number, also with Content-Encoding: gzip. Each"
                            + " is {\"key\" | \"keyBase64\", \"value\" | \"valueText\" |"
                            + " \"valueBase64\", \"timestamp\"?, \"ttl\"?, \"headers\"?}; \"value\": null"
                            + " deletes the key, ttl lets it expire after so many seconds."
                            + " Lastword-Acks: flushed or written says when to answer, else the"
                            + " setting acks. Answers once all are durable. A failure names the line, and"
                            + " how many of the first records are durable (accepted). CloudEvents 1.0"
                            + " are taken in binary mode (ce- headers), structured and batched: the"
                            + " key is partitionkey, else subject. With Idempotency-Key a resend of the"
                            + " whole body is stored once: what is durable of it is passed over; 422"
                            + " where the body is another.")
    @RequestBody(
            content = {
                @Content(
                        mediaType = MediaTypes.JSON,
                        schema =
                                @Schema(
                                        type = SchemaType.ARRAY,
                                        implementation = Schemas.KeyedRecord.class)),
                @Content(mediaType = MediaTypes.NDJSON, schema = @Schema(type = SchemaType.STRING)),
                @Content(
                        mediaType = CloudEventFormat.STRUCTURED,
                        schema = @Schema(type = SchemaType.OBJECT)),
                @Content(
                        mediaType = CloudEventFormat.BATCHED,
                        schema = @Schema(type = SchemaType.ARRAY, implementation = Object.class))
            })
    @APIResponse(
            responseCode = "202",
            description =
                    "CloudEvents are durable; no body. Lastword-Partition and Lastword-Offset, or for"
                            + " a batch Lastword-Count and Lastword-Ranges"
                            + " (<partition>:<first>-<last>,…).")
    @APIResponse(
            responseCode = "200",
            description = "How many records went where",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.WrittenRecords.class)))
    public Uni<Response> write(@PathParam("topic") String topic, @Context RoutingContext context) {
        HttpServerRequest request = context.request();
        CloudEventFormat.Mode mode = CloudEventFormat.modeOf(request.headers());
        if (mode != null) {
            return events.write(topic, mode, request);
        }
        return writes.write(topic, context).map(RecordsResource::written);
    }

    private static Response written(StreamResult result) {
        ObjectNode json = Json.object();
        json.put("count", result.count());
        ArrayNode partitions = json.putArray("partitions");
        for (StreamResult.PartitionRange range : result.partitions()) {
            partitions
                    .addObject()
                    .put("partition", range.partition())
                    .put("firstOffset", range.firstOffset())
                    .put("lastOffset", range.lastOffset())
                    .put("count", range.count());
        }
        return Json.response(200, json).build();
    }

    @GET
    @Path("partitions/{partition}/records")
    @Operation(
            operationId = "readRecords",
            summary = "Read records of a partition from an offset on",
            description =
                    "A record a line, or a JSON array where Accept asks for application/json, and"
                            + " Lastword-Next-Offset to read on. offset: where to begin, the log's"
                            + " start by default; limit: at most so many records, 1 to 10000, 500 by"
                            + " default; maxBytes: at most so much of the log, 1 to 16777216, 1048576"
                            + " by default, but at least one record. Empty only at the end. 410 below"
                            + " the log's start, 400 beyond its end.")
    @APIResponse(
            responseCode = "200",
            description = "Records, and in Lastword-Next-Offset where to read on",
            content = {
                @Content(
                        mediaType = MediaTypes.JSON,
                        schema =
                                @Schema(
                                        type = SchemaType.ARRAY,
                                        implementation = Schemas.KeyedRecord.class)),
                @Content(
                        mediaType = MediaTypes.NDJSON,
                        schema = @Schema(type = SchemaType.STRING, format = "binary"))
            })
    public Uni<Void> page(
            @PathParam("topic") String topic,
            @Parameter(schema = @Schema(type = SchemaType.INTEGER, format = "int32"))
                    @PathParam("partition")
                    String partition,
            @Parameter(schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
                    @QueryParam("offset")
                    @Nullable String offset,
            @Parameter(schema = @Schema(type = SchemaType.INTEGER, format = "int32"))
                    @QueryParam("limit")
                    @Nullable String limit,
            @Parameter(schema = @Schema(type = SchemaType.INTEGER, format = "int32"))
                    @QueryParam("maxBytes")
                    @Nullable String maxBytes,
            @Context HttpHeaders headers,
            @Context HttpServerRequest request) {
        boolean asArray = MediaTypes.prefersJson(headers);
        return reads.page(
                topic, PageQuery.parse(partition, offset, limit, maxBytes), asArray, request);
    }

    @GET
    @Path("snapshot")
    @Operation(
            operationId = "getSnapshot",
            summary = "Get every live key with its value",
            description =
                    "A record a line, and Lastword-Offsets, the position to read changes from."
                            + " While the topic is written to, a key may come more than once: the last"
                            + " time counts. prefix: only keys that begin so. An answer that ends"
                            + " without its last chunk is not whole.")
    @APIResponse(
            responseCode = "200",
            description = "Records, a line each",
            content =
                    @Content(
                            mediaType = MediaTypes.NDJSON,
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<Void> snapshot(
            @PathParam("topic") String topic,
            @QueryParam("prefix") @Nullable String prefix,
            @Context HttpHeaders headers,
            @Context HttpServerRequest request) {
        MediaTypes.requireNdjson(headers);
        return reads.snapshot(topic, prefix, request);
    }
}
