package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import dev.lastword.http.CloudEventFormat.Mode;
import dev.lastword.ingest.Ingest;
import dev.lastword.ingest.StreamResult;
import dev.lastword.json.JsonElements;
import dev.lastword.log.Acks;
import dev.lastword.log.AppendResult;
import dev.lastword.log.Condition;
import dev.lastword.log.NewRecord;
import dev.lastword.log.Topic;
import io.cloudevents.CloudEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Takes CloudEvents as a Knative sink does: 202 with an empty body (a broker would take any other
/// for a reply event), coordinates in headers. What can never be taken is answered with a code that
/// brokers do not retry (400, 413, 415), what may work later with one that they do (404 where the
/// topic is missing, 503, 507). Thread-safe.
@Singleton
final class CloudEventWrites {
    private final TopicAccess topics;
    private final Bodies bodies;
    private final Ingest ingest;
    private final RecordWrites streams;
    private final LastwordConfig config;

    CloudEventWrites(
            TopicAccess topics,
            Bodies bodies,
            Ingest ingest,
            RecordWrites streams,
            LastwordConfig config) {
        this.topics = topics;
        this.bodies = bodies;
        this.ingest = ingest;
        this.streams = streams;
        this.config = config;
    }

    /// To be called on the request's event loop.
    Uni<Response> write(String topicName, Mode mode, HttpServerRequest request) {
        if (mode == Mode.BATCHED) {
            return streams.write(topicName, request, this::batch).map(CloudEventWrites::accepted);
        }
        MediaTypes.refuseEncoding(request.headers());
        Acks acks = AcksHeader.of(request.headers());
        Executor loop = EventLoop.current();
        Topic existing = topics.find(topicName);
        int bytesMax =
                mode == Mode.STRUCTURED
                        ? streams.jsonBytesMax(existing)
                        : streams.recordBytesMax(existing);
        return bodies.read(request, bytesMax)
                .chain(body -> {
                    NewRecord event = read(mode, request.headers(), body);
                    return existing == null
                            ? Blocking.call(() -> topics.forWrite(topicName, event))
                                    .chain(topic -> write(topic, event, acks, loop))
                            : write(existing, event, acks, loop);
                })
                .map(CloudEventWrites::accepted);
    }

    private NewRecord read(Mode mode, MultiMap headers, byte[] body) {
        try {
            CloudEvent event =
                    mode == Mode.BINARY
                            ? CloudEventFormat.ofBinary(headers, body)
                            : CloudEventFormat.ofJson(body, 0, body.length);
            return CloudEvents.toRecord(event, config.tombstoneTypes());
        } catch (BadBodyException e) {
            throw e.asProblem();
        }
    }

    private Uni<Ingest.Written> write(
            Topic topic, NewRecord event, @Nullable Acks acks, Executor loop) {
        return Uni.createFrom()
                .completionStage(() -> ingest.write(topic, event, Condition.NONE, acks))
                .emitOn(loop)
                .onFailure(CompletionException.class)
                .transform(Problems::cause);
    }

    /// The events of a batch as records.
    private RecordIntake.Form batch(@Nullable Topic topic, java.io.InputStream content) {
        JsonElements elements = new JsonElements(content, streams.jsonBytesMax(topic));
        return new RecordIntake.Form(
                elements,
                (bytes, from, to) -> {
                    if (!elements.isArray()) {
                        throw CloudEvents.invalid(
                                "A batch is a JSON array of events; one event goes as "
                                        + CloudEventFormat.STRUCTURED
                                        + ".",
                                null);
                    }
                    return CloudEvents.toRecord(
                            CloudEventFormat.ofJson(bytes, from, to), config.tombstoneTypes());
                });
    }

    private static Response accepted(Ingest.Written written) {
        if (!(written.result() instanceof AppendResult.Appended a)) {
            throw new IllegalStateException("a write without condition was refused");
        }
        return Response.accepted()
                .header("Lastword-Partition", written.partition())
                .header("Lastword-Offset", a.firstOffset())
                .header(HttpHeaders.CONTENT_LENGTH, 0)
                .build();
    }

    private static Response accepted(StreamResult result) {
        String ranges =
                result.partitions().stream()
                        .map(r -> r.partition() + ":" + r.firstOffset() + "-" + r.lastOffset())
                        .collect(Collectors.joining(","));
        return Response.accepted()
                .header("Lastword-Count", result.count())
                .header("Lastword-Ranges", ranges)
                .header(HttpHeaders.CONTENT_LENGTH, 0)
                .build();
    }
}
