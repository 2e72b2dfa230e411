package dev.lastword.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastword.config.LastwordConfig;
import dev.lastword.http.RestProxy.Failure;
import dev.lastword.ingest.Ingest;
import dev.lastword.ingest.Ingest.Written;
import dev.lastword.log.AppendResult;
import dev.lastword.log.Condition;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import dev.lastword.log.Topic;
import dev.lastword.log.TopicNames;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Takes records from clients of Kafka's HTTP bridges ([RestProxy]). A record goes to the partition
/// of its key; one that asks for another fails, for it could not be found there.
@Path("/topics/{topic}")
@Tag(name = "REST Proxy")
public class RestProxyResource {
    /// A request is read whole, as its answer has an entry a record.
    private static final int BODY_BYTES_MAX = 8 << 20;

    private final TopicAccess topics;
    private final Ingest ingest;
    private final StreamSlots slots;
    private final LastwordConfig config;
    private final Vertx vertx;

    RestProxyResource(
            TopicAccess topics,
            Ingest ingest,
            StreamSlots slots,
            LastwordConfig config,
            Vertx vertx) {
        this.topics = topics;
        this.ingest = ingest;
        this.slots = slots;
        this.config = config;
        this.vertx = vertx;
    }

    @POST
    @Consumes({RestProxy.JSON, RestProxy.BINARY})
    @Operation(
            operationId = "produce",
            summary = "Write records as to the REST Proxy (v2) or the Strimzi bridge",
            description =
                    "{\"records\": [{\"key\", \"value\"}]}; the answer has partition and offset of"
                            + " each, or error_code and error. A string key is stored without"
                            + " quotes, a record without a key fails.")
    @APIResponse(
            responseCode = "200",
            description = "Where each record went, or what is wrong with it",
            content =
                    @Content(
                            mediaType = RestProxy.ANSWER,
                            schema = @Schema(implementation = Schemas.ProduceAnswer.class)))
    @APIResponse(
            responseCode = "422",
            description = "The body is no such request",
            content =
                    @Content(
                            mediaType = RestProxy.ANSWER,
                            schema = @Schema(implementation = Schemas.ProduceError.class)))
    @org.eclipse.microprofile.openapi.annotations.parameters.RequestBody(
            required = true,
            content = {
                @Content(
                        mediaType = RestProxy.JSON,
                        schema = @Schema(implementation = Schemas.ProduceRequest.class)),
                @Content(
                        mediaType = RestProxy.BINARY,
                        schema = @Schema(implementation = Schemas.ProduceRequest.class))
            })
    public Uni<Response> produce(
            @PathParam("topic") String topic, @Context HttpServerRequest request) {
        return produce(topic, -1, request);
    }

    @POST
    @Path("partitions/{partition}")
    @Consumes({RestProxy.JSON, RestProxy.BINARY})
    @Operation(
            operationId = "produceToPartition",
            summary = "The same, to one partition",
            description = "A record whose key belongs to another partition fails.")
    @APIResponse(
            responseCode = "200",
            description = "Where each record went, or what is wrong with it",
            content =
                    @Content(
                            mediaType = RestProxy.ANSWER,
                            schema = @Schema(implementation = Schemas.ProduceAnswer.class)))
    @APIResponse(
            responseCode = "422",
            description = "The body is no such request",
            content =
                    @Content(
                            mediaType = RestProxy.ANSWER,
                            schema = @Schema(implementation = Schemas.ProduceError.class)))
    @org.eclipse.microprofile.openapi.annotations.parameters.RequestBody(
            required = true,
            content = {
                @Content(
                        mediaType = RestProxy.JSON,
                        schema = @Schema(implementation = Schemas.ProduceRequest.class)),
                @Content(
                        mediaType = RestProxy.BINARY,
                        schema = @Schema(implementation = Schemas.ProduceRequest.class))
            })
    public Uni<Response> produceToPartition(
            @PathParam("topic") String topic,
            @Parameter(schema = @Schema(type = SchemaType.INTEGER, format = "int32"))
                    @PathParam("partition")
                    String partition,
            @Context HttpServerRequest request) {
        int number;
        try {
            number = Integer.parseUnsignedInt(partition);
        } catch (NumberFormatException e) {
            number = Integer.MAX_VALUE; // which no topic has
        }
        return produce(topic, number, request);
    }

    private Uni<Response> produce(String topic, int partition, HttpServerRequest request) {
        RequestBody body = new RequestBody(request, vertx, config.streamIdleMax());
        return Blocking.call(() -> {
            try (body;
                    StreamSlots.Slot _ = slots.take()) {
                return produce(topic, partition, request, body);
            } catch (Failure e) {
                return answer(e);
            } catch (ProblemException e) {
                return answer(Failure.of(e));
            } catch (BadBodyException e) {
                return answer(Failure.of(e.asProblem()));
            } catch (LogException e) {
                return answer(RestProxy.failure(e));
            } catch (IOException e) {
                return answer(new Failure(400, 400, "The body broke off; send it again."));
            }
        });
    }

    private Response produce(
            String name, int partition, HttpServerRequest request, RequestBody body)
            throws IOException, Failure {
        MediaTypes.refuseEncoding(request.headers());
        byte[] bytes = body.readNBytes(BODY_BYTES_MAX);
        if (bytes.length == BODY_BYTES_MAX) {
            throw new Failure(
                    413,
                    413,
                    "The body takes " + BODY_BYTES_MAX + " bytes or more; send fewer records.");
        }
        ArrayNode records = RestProxy.records(bytes);
        String type =
                MediaTypes.essence(String.valueOf(request.getHeader(HttpHeaders.CONTENT_TYPE)));
        List<Parsed> parsed = parse(records, new RestProxy(type.equals(RestProxy.BINARY)));
        Topic topic = topicFor(name, partition, parsed);
        if (topic != null && partition >= topic.partitions().size()) {
            throw noSuchPartition(name);
        }
        return answer(write(topic, partition, parsed));
    }

    /// A record and the partition it asks for, -1 for none; or what is wrong with it.
    private record Parsed(@Nullable NewRecord record, int partition, @Nullable Failure failure) {}

    private static List<Parsed> parse(ArrayNode records, RestProxy form) {
        List<Parsed> parsed = new ArrayList<>(records.size());
        for (JsonNode json : records) {
            try {
                parsed.add(new Parsed(form.record(json), RestProxy.partition(json), null));
            } catch (Failure e) {
                parsed.add(new Parsed(null, -1, e));
            }
        }
        return parsed;
    }

    /// The topic; null where there is none, and none of the records is worth making it.
    private @Nullable Topic topicFor(String name, int partition, List<Parsed> records)
            throws Failure {
        topics.checkNotMirrored(name);
        TopicNames.check(name);
        if (topics.find(name) != null || !config.autoCreateTopics()) {
            return topics.forRead(name);
        }
        if (partition > 0) {
            throw noSuchPartition(name);
        }
        for (Parsed parsed : records) {
            if (parsed.record != null && refusalByNew(parsed) == null) {
                return topics.forWrite(name, parsed.record);
            }
        }
        return null;
    }

    /// Why a topic that is made would not take it; null where it would.
    private @Nullable Failure refusalByNew(Parsed parsed) {
        if (parsed.record == null) {
            return parsed.failure;
        }
        if (parsed.partition > 0) {
            return RestProxy.invalid("The key belongs to partition 0; leave the partition out.");
        }
        try {
            topics.checkFitsNew(parsed.record);
            return null;
        } catch (LogException.RecordTooLarge e) {
            return RestProxy.failure(e);
        }
    }

    private static Failure noSuchPartition(String name) {
        return new Failure(404, 40402, "Topic '" + name + "' has no partition of that number.");
    }

    /// What is under way of a record, or why it is not.
    private record Sent(@Nullable CompletableFuture<Written> write, @Nullable Failure failure) {}

    private ObjectNode write(@Nullable Topic topic, int partition, List<Parsed> records) {
        ObjectNode answer = Json.object();
        ArrayNode offsets = answer.putArray("offsets");
        // all are under way before the first is waited for
        records.stream()
                .map(record -> send(topic, partition, record))
                .toList()
                .forEach(sent -> settle(sent, offsets));
        return answer.putNull("key_schema_id").putNull("value_schema_id");
    }

    private Sent send(@Nullable Topic topic, int partition, Parsed parsed) {
        if (topic == null) {
            return new Sent(null, refusalByNew(parsed));
        }
        NewRecord record = parsed.record;
        if (record == null) {
            return new Sent(null, parsed.failure);
        }
        try {
            check(topic, record, partition);
            check(topic, record, parsed.partition);
            return new Sent(ingest.write(topic, record, Condition.NONE, null), null);
        } catch (Failure e) {
            return new Sent(null, e);
        } catch (LogException e) {
            return new Sent(null, RestProxy.failure(e));
        }
    }

    private static void check(Topic topic, NewRecord record, int partition) throws Failure {
        int own = topic.partitionFor(record.key()).partition();
        if (partition >= 0 && partition != own) {
            throw RestProxy.invalid(
                    "The key belongs to partition " + own + "; leave the partition out.");
        }
    }

    private static void settle(Sent sent, ArrayNode offsets) {
        Failure failure = sent.failure;
        CompletableFuture<Written> write = sent.write;
        if (write != null) {
            try {
                Written written = write.join();
                if (written.result() instanceof AppendResult.Appended a) {
                    RestProxy.stored(offsets, written.partition(), a.firstOffset());
                    return;
                }
                throw new IllegalStateException("a write without condition was refused");
            } catch (CompletionException e) {
                if (!(e.getCause() instanceof LogException log)) {
                    throw e;
                }
                failure = RestProxy.failure(log);
            }
        }
        if (failure != null) {
            RestProxy.failed(offsets, failure);
        }
    }

    private static Response answer(ObjectNode document) {
        return Json.response(200, document).type(RestProxy.ANSWER).build();
    }

    private static Response answer(Failure failure) {
        Response.ResponseBuilder answer =
                Json.response(failure.status(), RestProxy.document(failure)).type(RestProxy.ANSWER);
        if (failure.status() == 503) {
            answer.header(HttpHeaders.RETRY_AFTER, 1);
        }
        return answer.build();
    }
}
