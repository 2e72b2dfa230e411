package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import dev.lastword.index.KeyHash;
import dev.lastword.ingest.Ingest;
import dev.lastword.ingest.IngestStream;
import dev.lastword.ingest.StreamResult;
import dev.lastword.json.JsonElements;
import dev.lastword.json.NdjsonLines;
import dev.lastword.log.Acks;
import dev.lastword.log.NewRecord;
import dev.lastword.log.Topic;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Bodies of records on their way in: unpacked, split, and handed to the ingest pipeline by a
/// virtual thread of their own, which waits whenever the disk or the sender does.
@ApplicationScoped
public class RecordWrites {
    /// JSON may write a byte as six (`\u0000`).
    private static final long JSON_BYTES_PER_BYTE = 6;

    /// For names of members, numbers, white space.
    private static final int JSON_BYTES_EXTRA = 64 << 10;

    private static final int JSON_BYTES_MAX = 1 << 30;

    private final TopicAccess topics;
    private final Ingest ingest;
    private final StreamSlots slots;
    private final IdempotencyKeys idempotency;
    private final LastwordConfig config;
    private final Vertx vertx;

    RecordWrites(
            TopicAccess topics,
            Ingest ingest,
            StreamSlots slots,
            IdempotencyKeys idempotency,
            LastwordConfig config,
            Vertx vertx) {
        this.topics = topics;
        this.ingest = ingest;
        this.slots = slots;
        this.idempotency = idempotency;
        this.config = config;
        this.vertx = vertx;
    }

    /// Finds the records in a body.
    @FunctionalInterface
    interface Format {
        /// @param topic null while it is not made
        RecordIntake.Form form(@Nullable Topic topic, InputStream content);
    }

    /// To be called on the request's event loop.
    Uni<StreamResult> write(String topic, RoutingContext context) {
        topics.checkNotMirrored(topic);
        HttpServerRequest request = context.request();
        IdempotencyKeys.Claim claim = idempotency.claim(context);
        RequestBody body = new RequestBody(request, vertx, config.streamIdleMax());
        return Blocking.call(() -> {
            try (claim) {
                Format format = (existing, content) -> json(request, existing, content);
                return write(topic, request, body, format, claim.request());
            }
        });
    }

    /// The same for records in another format.
    Uni<StreamResult> write(String topic, HttpServerRequest request, Format format) {
        topics.checkNotMirrored(topic);
        RequestBody body = new RequestBody(request, vertx, config.streamIdleMax());
        return Blocking.call(() -> write(topic, request, body, format, null));
    }

    private RecordIntake.Form json(
            HttpServerRequest request, @Nullable Topic topic, InputStream content) {
        String type = MediaTypes.ofBody(request.getHeader(HttpHeaders.CONTENT_TYPE));
        int bytesMax = jsonBytesMax(topic);
        return RecordIntake.Form.of(
                type.equals(MediaTypes.NDJSON)
                        ? new NdjsonLines(content, bytesMax)
                        : new JsonElements(content, bytesMax));
    }

    private StreamResult write(
            String name,
            HttpServerRequest request,
            RequestBody body,
            Format format,
            @Nullable KeyHash once) {
        // closed in the opposite order: the slot, what unpacks, and the body, which takes the rest
        try (body;
                InputStream content = Encodings.unpacked(request, body, config.expansionMax());
                StreamSlots.Slot _ = slots.take()) {
            Acks acks = AcksHeader.of(request.headers());
            Topic found = topics.find(name);
            Topic existing =
                    found == null && !config.autoCreateTopics() ? topics.forRead(name) : found;
            Function<NewRecord, IngestStream> opening =
                    first ->
                            ingest.open(
                                    existing == null ? topics.forWrite(name, first) : existing,
                                    once,
                                    acks);
            return new RecordIntake(format.form(existing, content), opening).run();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a body", e);
        }
    }

    /// A record may take as many bytes.
    int recordBytesMax(@Nullable Topic topic) {
        return (topic == null ? config.topicDefaults() : topic.config()).maxMessageBytes();
    }

    /// Its JSON may take as many.
    int jsonBytesMax(@Nullable Topic topic) {
        long recordBytes = recordBytesMax(topic);
        return (int) Math.min(recordBytes * JSON_BYTES_PER_BYTE + JSON_BYTES_EXTRA, JSON_BYTES_MAX);
    }
}
