package dev.lastword.http;

import dev.lastword.log.Topic;
import dev.lastword.read.Reads;
import dev.lastword.read.Reads.Found;
import dev.lastword.record.LogRecord;
import io.cloudevents.CloudEvent;
import io.netty.handler.codec.DateFormatter;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Answers reads of one key. Thread-safe.
@Singleton
final class KeyReads {
    private static final long LAST_HTTP_DATE_MS =
            Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();

    /// Behind the tag of a value in the form of an event.
    private static final String EVENT_SUFFIX = "-ce";

    private static final String VARY = HttpHeaders.ACCEPT + ", " + HttpHeaders.ACCEPT_ENCODING;

    /// Smaller values are not worth packing.
    private static final int PACKED_BYTES_MIN = 1024;

    private static final String PACKED_SUFFIX = "-gzip";

    private final TopicAccess topics;
    private final Reads reads;
    private final KeyWaits waits;

    KeyReads(TopicAccess topics, Reads reads, KeyWaits waits) {
        this.topics = topics;
        this.reads = reads;
        this.waits = waits;
    }

    /// Answers a read, which a virtual thread does.
    ///
    /// @return completes, on the event loop, when the answer is sent
    Uni<@Nullable Void> get(String topicName, byte[] key, RoutingContext context) {
        Topic topic = topics.forRead(topicName);
        HttpServerRequest request = context.request();
        LongPoll poll = LongPoll.of(context, topic);
        Uni<Void> due =
                poll == null
                        ? Uni.createFrom().voidItem()
                        : waits.untilNewer(topic, key, poll, context);
        return due.chain(() ->
                        Blocking.<byte @Nullable []>call(
                                () -> answer(topic, reads.get(topic, key), poll, request)))
                .emitOn(EventLoop.current())
                .map(bytes -> {
                    send(request, bytes);
                    return null;
                });
    }

    /// Answers a read at once where memory alone can tell what is to be said.
    ///
    /// @return whether it did
    /// @throws ProblemException if the answer is a problem, which it does not send
    boolean getCached(String topicName, byte[] key, HttpServerRequest request) {
        Topic topic = topics.find(topicName);
        Found found = topic == null ? null : reads.cached(topic, key);
        if (topic == null || found == null) {
            return false;
        }
        send(request, answer(topic, found, null, request));
        return true;
    }

    /// Sets the headers of an answer.
    ///
    /// @param poll knows versions that need not be sent again
    /// @return its body; null where the client has it
    private static byte @Nullable [] answer(
            Topic topic,
            @Nullable Found found,
            @Nullable LongPoll poll,
            HttpServerRequest request) {
        LogRecord r = found == null ? null : found.record();
        byte[] value = r == null ? null : r.value();
        if (found == null || r == null || value == null) {
            throw absent();
        }
        int partition = found.partition();
        String plainTag = ETags.format(topic.epoch(), partition, r.offset());
        CloudEvent event = askedFor(request.headers(), r);
        byte[] body = event == null ? value : CloudEventFormat.toJson(event);
        String type =
                event == null
                        ? RecordHeaders.contentType(r.headers())
                        : CloudEventFormat.STRUCTURED;
        boolean packed =
                body.length >= PACKED_BYTES_MIN
                        && Encodings.isWorthPacking(type)
                        && Encodings.acceptsGzip(request.headers());
        String tag = event == null ? plainTag : ETags.withSuffix(plainTag, EVENT_SUFFIX);
        tag = packed ? ETags.withSuffix(tag, PACKED_SUFFIX) : tag;
        ETags ifMatch = ETags.of(request.headers(), HttpHeaders.IF_MATCH, topic, partition);
        if (ifMatch != null && !ifMatch.match(r.offset())) {
            throw KeyWrites.preconditionFailed(plainTag);
        }
        ETags ifNoneMatch =
                ETags.of(request.headers(), HttpHeaders.IF_NONE_MATCH, topic, partition);
        ETags known = poll == null ? null : poll.knownIn(partition);
        HttpServerResponse response = request.response();
        describe(response, r, partition, tag);
        if (isKnown(request.headers(), ifNoneMatch, known, r.offset(), event != null)) {
            return null;
        }
        if (packed) {
            body = Encodings.gzip(body);
            response.putHeader(HttpHeaders.CONTENT_ENCODING, Encodings.GZIP);
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, type)
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
        return body;
    }

    private static void send(HttpServerRequest request, byte @Nullable [] body) {
        HttpServerResponse response = request.response();
        if (body == null) {
            response.setStatusCode(304).end();
        } else if (request.method().equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            response.end(Buffer.buffer(body));
        }
    }

    /// Whether the client has what it would be sent: this version, in this form.
    private static boolean isKnown(
            MultiMap headers,
            @Nullable ETags ifNoneMatch,
            @Nullable ETags known,
            long offset,
            boolean isEvent) {
        return (ifNoneMatch != null && ifNoneMatch.match(offset) && namesEvent(headers) == isEvent)
                || (known != null && known.match(offset));
    }

    /// The event in the record where the client asks for one by name; null where it gets the value.
    ///
    /// @throws ProblemException 406 where it takes nothing else and there is none
    private static @Nullable CloudEvent askedFor(MultiMap headers, LogRecord r) {
        List<String> accept = headers.getAll(HttpHeaders.ACCEPT);
        if (accept.isEmpty()) {
            return null;
        }
        List<String> ranges =
                accept.stream().flatMap(line -> Stream.of(line.split(",", -1))).toList();
        List<String> others =
                ranges.stream()
                        .filter(range ->
                                !MediaTypes.essence(range).equals(CloudEventFormat.STRUCTURED))
                        .toList();
        if (others.size() == ranges.size()) {
            return null;
        }
        CloudEvent event = CloudEvents.ofRecord(r);
        if (event == null && others.isEmpty()) {
            throw new ProblemException(
                    406,
                    "not-acceptable",
                    "The key's value did not come as a CloudEvent 1.0; leave Accept out to get it"
                            + " as it is.");
        }
        return event;
    }

    private static boolean namesEvent(MultiMap headers) {
        return headers.getAll(HttpHeaders.IF_NONE_MATCH).stream()
                .anyMatch(line -> line.contains(EVENT_SUFFIX));
    }

    private static void describe(
            HttpServerResponse response, LogRecord r, int partition, String tag) {
        response.putHeader(HttpHeaders.ETAG, tag)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.VARY, VARY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", "sandbox")
                .putHeader("Lastword-Partition", Integer.toString(partition))
                .putHeader("Lastword-Offset", Long.toString(r.offset()))
                .putHeader("Lastword-Timestamp", Long.toString(r.timestamp()));
        if (r.timestamp() >= 0 && r.timestamp() <= LAST_HTTP_DATE_MS) {
            response.putHeader(HttpHeaders.LAST_MODIFIED, httpDate(r.timestamp()));
        }
        MultiMap headers = response.headers();
        int omitted = RecordHeaders.toResponse(r.headers(), headers::add);
        if (omitted > 0) {
            response.putHeader("Lastword-Headers-Omitted", Integer.toString(omitted));
        }
    }

    @SuppressWarnings("JavaUtilDate") // what Netty takes; four times as fast as a pattern
    private static String httpDate(long timestampMs) {
        return DateFormatter.format(new Date(timestampMs));
    }

    static ProblemException absent() {
        return new ProblemException(
                404, "key-not-found", "The key has no value: it was never written, or deleted.");
    }
}
