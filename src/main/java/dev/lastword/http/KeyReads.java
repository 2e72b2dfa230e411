package dev.lastword.http;

import dev.lastword.log.Topic;
import dev.lastword.read.Reads;
import dev.lastword.read.Reads.Found;
import dev.lastword.record.LogRecord;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Answers reads of one key. The disk is read on a virtual thread. Thread-safe.
@Singleton
final class KeyReads {
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final long LAST_HTTP_DATE_MS =
            Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();

    private final TopicAccess topics;
    private final Reads reads;

    KeyReads(TopicAccess topics, Reads reads) {
        this.topics = topics;
        this.reads = reads;
    }

    Uni<Response> get(String topicName, byte[] key, HttpServerRequest request) {
        Topic topic = topics.forRead(topicName);
        return Blocking.call(() -> reads.get(topic, key))
                .map(found -> answer(topic, found, request));
    }

    private static Response answer(Topic topic, @Nullable Found found, HttpServerRequest request) {
        LogRecord r = found == null ? null : found.record();
        byte[] value = r == null ? null : r.value();
        if (found == null || r == null || value == null) {
            throw absent();
        }
        int partition = found.partition();
        String tag = ETags.format(topic.epoch(), partition, r.offset());
        ETags ifMatch = ETags.of(request.headers(), HttpHeaders.IF_MATCH, topic, partition);
        if (ifMatch != null && !ifMatch.match(r.offset())) {
            throw KeyWrites.preconditionFailed(tag);
        }
        ETags ifNoneMatch =
                ETags.of(request.headers(), HttpHeaders.IF_NONE_MATCH, topic, partition);
        describe(request.response(), r, partition, tag);
        if (ifNoneMatch != null && ifNoneMatch.match(r.offset())) {
            return Response.notModified().build();
        }
        request.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(value.length));
        return Response.ok(value, RecordHeaders.contentType(r.headers())).build();
    }

    /// Sets the headers where they are sent from: JAX-RS would sort them first.
    private static void describe(
            HttpServerResponse response, LogRecord r, int partition, String tag) {
        response.putHeader(HttpHeaders.ETAG, tag)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", "sandbox")
                .putHeader("Lastword-Partition", Integer.toString(partition))
                .putHeader("Lastword-Offset", Long.toString(r.offset()))
                .putHeader("Lastword-Timestamp", Long.toString(r.timestamp()));
        if (r.timestamp() >= 0 && r.timestamp() <= LAST_HTTP_DATE_MS) {
            Instant at = Instant.ofEpochMilli(r.timestamp());
            response.putHeader(HttpHeaders.LAST_MODIFIED, HTTP_DATE.format(at));
        }
        MultiMap headers = response.headers();
        int omitted = RecordHeaders.toResponse(r.headers(), headers::add);
        if (omitted > 0) {
            response.putHeader("Lastword-Headers-Omitted", Integer.toString(omitted));
        }
    }

    static ProblemException absent() {
        return new ProblemException(
                404, "key-not-found", "The key has no value: it was never written, or deleted.");
    }
}
