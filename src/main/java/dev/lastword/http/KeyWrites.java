package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import dev.lastword.index.KeyHash;
import dev.lastword.ingest.Ingest;
import dev.lastword.ingest.Ingest.Written;
import dev.lastword.log.Acks;
import dev.lastword.log.AppendResult;
import dev.lastword.log.Condition;
import dev.lastword.log.Deadline;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import dev.lastword.log.Once;
import dev.lastword.log.Topic;
import dev.lastword.log.TopicNames;
import dev.lastword.record.Header;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Writes and deletes one key, on the condition that the request states; the appender judges it, so
/// that of two writers who saw the same version one wins. Thread-safe.
@Singleton
final class KeyWrites {
    private static final String TTL = "Lastword-TTL";

    private final TopicAccess topics;
    private final Bodies bodies;
    private final Ingest ingest;
    private final IdempotencyKeys idempotency;
    private final LastwordConfig config;

    KeyWrites(
            TopicAccess topics,
            Bodies bodies,
            Ingest ingest,
            IdempotencyKeys idempotency,
            LastwordConfig config) {
        this.topics = topics;
        this.bodies = bodies;
        this.ingest = ingest;
        this.idempotency = idempotency;
        this.config = config;
    }

    Uni<Response> put(String topicName, byte[] key, RoutingContext context) {
        topics.checkNotMirrored(topicName);
        HttpServerRequest request = context.request();
        MultiMap headers = request.headers();
        refuseUnsupported(headers);
        long timestamp = timestamp(headers);
        long ttlMs = ttlMs(headers);
        Acks acks = AcksHeader.of(headers);
        List<Header> recordHeaders = RecordHeaders.ofRequest(headers);
        Executor loop = EventLoop.current();
        Topic existing = topics.find(topicName);
        checkPreconditions(headers);
        if (existing == null) {
            TopicNames.check(topicName);
            if (headers.contains(HttpHeaders.IF_MATCH)) {
                // a topic that is made for it would not have the key either
                throw config.autoCreateTopics()
                        ? preconditionFailed(null)
                        : new LogException.UnknownTopic(topicName);
            }
        }
        int bytesMax =
                (existing == null ? config.topicDefaults() : existing.config()).maxMessageBytes();
        IdempotencyKeys.Claim claim = idempotency.claim(context);
        return bodies.read(request, bytesMax)
                .chain(value -> {
                    NewRecord record =
                            new NewRecord(key, value, timestamp, recordHeaders)
                                    .expiringAfter(ttlMs);
                    return inTopic(
                            existing,
                            topicName,
                            record,
                            topic ->
                                    write(
                                            topic,
                                            once(claim, topic, record),
                                            putCondition(headers, topic, key),
                                            acks,
                                            loop));
                })
                .map(KeyWrites::stored)
                .onTermination()
                .invoke(claim::close);
    }

    /// The record, stored once where its request has a name.
    private static NewRecord once(IdempotencyKeys.Claim claim, Topic topic, NewRecord record) {
        KeyHash request = claim.request();
        return request == null
                ? record
                : record.storedOnce(
                        Once.single(
                                request,
                                Once.fingerprint(
                                        0, record, topic.partitionFor(record.key()).hasher())));
    }

    Uni<Response> delete(String topicName, byte[] key, RoutingContext context) {
        topics.checkNotMirrored(topicName);
        MultiMap headers = context.request().headers();
        refuseUnsupported(headers);
        if (headers.contains(TTL)) {
            throw new ProblemException(
                            400,
                            "invalid-header",
                            "A deletion has nothing that could expire; leave Lastword-TTL out.")
                    .with("field", TTL);
        }
        long timestamp = timestamp(headers);
        Acks acks = AcksHeader.of(headers);
        List<Header> recordHeaders =
                RecordHeaders.ofRequest(headers).stream()
                        .filter(h -> !h.name().equals(RecordHeaders.CONTENT_TYPE))
                        .toList();
        Topic topic = topics.forRead(topicName);
        int partition = topic.partitionFor(key).partition();
        ETags ifMatch = ETags.of(headers, HttpHeaders.IF_MATCH, topic, partition);
        Condition condition = ifMatch == null ? new Condition.IfPresent() : ifMatch.asCondition();
        IdempotencyKeys.Claim claim = idempotency.claim(context);
        return write(
                        topic,
                        once(claim, topic, new NewRecord(key, null, timestamp, recordHeaders)),
                        condition,
                        acks,
                        EventLoop.current())
                .map(written -> deleted(written, ifMatch != null))
                .onTermination()
                .invoke(claim::close);
    }

    private Uni<Written> write(
            Topic topic,
            NewRecord newRecord,
            Condition condition,
            @Nullable Acks acks,
            Executor loop) {
        return Uni.createFrom()
                .completionStage(() -> ingest.write(topic, newRecord, condition, acks))
                .emitOn(loop) // the appender has other things to do than to build responses
                .onFailure(CompletionException.class)
                .transform(Problems::cause);
    }

    /// Goes on in the topic, at once where it exists; where it does not, it is made first.
    private Uni<Written> inTopic(
            @Nullable Topic existing,
            String name,
            NewRecord record,
            Function<Topic, Uni<Written>> then) {
        return existing == null
                ? Blocking.call(() -> topics.forWrite(name, record)).chain(then::apply)
                : then.apply(existing);
    }

    private static Response stored(Written written) {
        if (written.result() instanceof AppendResult.Appended a) {
            if (a.superseded() > 0) {
                return answer(written, a, 200).build(); // no ETag: it is not the key's value
            }
            String tag = ETags.format(written.epoch(), written.partition(), a.firstOffset());
            return answer(written, a, a.created() ? 201 : 200)
                    .header(HttpHeaders.ETAG, tag)
                    .build();
        }
        throw preconditionFailed(currentTag(written));
    }

    private static Response deleted(Written written, boolean conditional) {
        if (written.result() instanceof AppendResult.Appended a) {
            return answer(written, a, 200).build(); // no ETag: a tombstone is no representation
        }
        throw conditional ? preconditionFailed(currentTag(written)) : KeyReads.absent();
    }

    private static Response.ResponseBuilder answer(
            Written written, AppendResult.Appended a, int status) {
        int partition = written.partition();
        long offset = a.firstOffset();
        // Topic names need no escaping.
        String json =
                "{\"topic\":\""
                        + written.topic()
                        + "\",\"partition\":"
                        + partition
                        + ",\"offset\":"
                        + offset
                        + ",\"timestamp\":"
                        + a.timestamp()
                        + ",\"superseded\":"
                        + (a.superseded() > 0)
                        + "}";
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(json.getBytes(StandardCharsets.US_ASCII));
    }

    private static @Nullable String currentTag(Written written) {
        return written.result() instanceof AppendResult.ConditionFailed f && f.currentOffset() >= 0
                ? ETags.format(written.epoch(), written.partition(), f.currentOffset())
                : null;
    }

    /// Refuses what makes no sense whatever the topic holds, so that none is made for it.
    private static void checkPreconditions(MultiMap headers) {
        boolean ifMatch = headers.contains(HttpHeaders.IF_MATCH);
        boolean ifNoneMatch = headers.contains(HttpHeaders.IF_NONE_MATCH);
        if (ifMatch && ifNoneMatch) {
            throw precondition("Send If-Match or If-None-Match, not both.");
        }
        if (ifMatch) {
            ETags.check(headers, HttpHeaders.IF_MATCH);
        }
        if (ifNoneMatch && !ETags.check(headers, HttpHeaders.IF_NONE_MATCH).any()) {
            throw precondition("On a write, If-None-Match takes only *: the key must be absent.");
        }
    }

    /// What [#checkPreconditions] has let through.
    private static Condition putCondition(MultiMap headers, Topic topic, byte[] key) {
        int partition = topic.partitionFor(key).partition();
        ETags tags = ETags.of(headers, HttpHeaders.IF_MATCH, topic, partition);
        if (tags != null) {
            return tags.asCondition();
        }
        return headers.contains(HttpHeaders.IF_NONE_MATCH)
                ? new Condition.IfAbsent()
                : Condition.NONE;
    }

    private static ProblemException precondition(String detail) {
        return new ProblemException(400, "invalid-precondition", detail);
    }

    /// The answer to a precondition that does not hold.
    ///
    /// @param current tag of the value there is, if there is one
    static ProblemException preconditionFailed(@Nullable String current) {
        String state =
                current == null ? "the key has no value." : "the key's version is " + current + ".";
        ProblemException problem =
                new ProblemException(
                        412,
                        "precondition-failed",
                        "Nothing was changed: " + state + " Read it again and decide anew.");
        return current == null ? problem : problem.with("etag", current);
    }

    private static long ttlMs(MultiMap headers) {
        String text = headers.get(TTL);
        if (text == null) {
            return NewRecord.FOR_EVER;
        }
        try {
            long seconds = Long.parseLong(text);
            if (seconds >= 1 && seconds <= Deadline.TTL_MS_MAX / 1000) {
                return seconds * 1000;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ProblemException(
                        400,
                        "invalid-header",
                        "Lastword-TTL takes seconds, a whole number from 1 to "
                                + Deadline.TTL_MS_MAX / 1000
                                + ".")
                .with("field", TTL);
    }

    private static long timestamp(MultiMap headers) {
        String text = headers.get("Lastword-Timestamp");
        if (text == null) {
            return NewRecord.NOW;
        }
        try {
            long ms = Long.parseLong(text);
            if (ms >= 0) {
                return ms;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ProblemException(
                        400,
                        "invalid-header",
                        "Lastword-Timestamp takes milliseconds since 1970, a whole number of at"
                                + " least 0.")
                .with("field", "Lastword-Timestamp");
    }

    /// Refuses what would change the meaning of the write and is not there yet.
    private static void refuseUnsupported(MultiMap headers) {
        for (String name : UNSUPPORTED) {
            if (headers.contains(name)) {
                throw new ProblemException(
                                400,
                                "not-supported",
                                name + " is not supported; send the request without it.")
                        .with("field", name);
            }
        }
        MediaTypes.refuseEncoding(headers);
    }

    private static final List<String> UNSUPPORTED = List.of("If-Unmodified-Since", "Content-Range");
}
