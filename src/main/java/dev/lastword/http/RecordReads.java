package dev.lastword.http;

import dev.lastword.log.Topic;
import dev.lastword.read.Reads;
import dev.lastword.read.Snapshot;
import dev.lastword.record.LogRecord;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Streams of records on their way out, each written by a virtual thread of its own at the pace of
/// its client.
@ApplicationScoped
public class RecordReads {
    private static final char REPLACEMENT = '\ufffd';

    private final TopicAccess topics;
    private final Reads reads;
    private final StreamSlots slots;
    private final ClientPaces paces;

    RecordReads(TopicAccess topics, Reads reads, StreamSlots slots, ClientPaces paces) {
        this.topics = topics;
        this.reads = reads;
        this.slots = slots;
        this.paces = paces;
    }

    /// Answers with some records of one partition.
    Uni<Void> page(String topic, PageQuery query, boolean asArray, HttpServerRequest request) {
        return Blocking.call(() -> {
            writePage(topics.forRead(topic), query, asArray, request);
            return null;
        });
    }

    private void writePage(
            Topic topic, PageQuery query, boolean asArray, HttpServerRequest request) {
        TopicAccess.ensureHas(topic, query.partition());
        Reads.RecordPage page = read(topic, query);
        RecordAnswer answer = new RecordAnswer(request, topic, asArray, paces.begin());
        answer.header("Lastword-Next-Offset", Long.toString(page.nextOffset()));
        answer.send(() -> {
            for (LogRecord record : page.records()) {
                answer.add(record);
            }
        });
    }

    private Reads.RecordPage read(Topic topic, PageQuery query) {
        int p = query.partition();
        long offset = query.offset() < 0 ? topic.partition(p).startOffset() : query.offset();
        return reads.page(topic, p, offset, query.limit(), query.maxBytes());
    }

    /// Answers with every live key of a topic.
    Uni<Void> snapshot(String topic, @Nullable String prefix, HttpServerRequest request) {
        byte @Nullable [] prefixBytes = prefix == null ? null : utf8(prefix);
        return Blocking.call(() -> {
            Topic found = topics.forRead(topic);
            try (StreamSlots.Slot _ = slots.take();
                    Snapshot snapshot = reads.snapshot(found, prefixBytes)) {
                writeSnapshot(found, snapshot, request);
            }
            return null;
        });
    }

    private static byte[] utf8(String prefix) {
        if (prefix.indexOf(REPLACEMENT) >= 0) {
            throw new ProblemException(
                            400,
                            "invalid-parameter",
                            "'prefix' must be UTF-8, percent-encoded; a percent sign is %25.")
                    .with("field", "prefix");
        }
        return prefix.getBytes(StandardCharsets.UTF_8);
    }

    private void writeSnapshot(Topic topic, Snapshot snapshot, HttpServerRequest request) {
        RecordAnswer answer = new RecordAnswer(request, topic, false, paces.begin());
        answer.header("Lastword-Offsets", snapshot.offsets().toString());
        answer.send(() -> {
            for (var r = snapshot.next(); r != null; r = snapshot.next()) {
                answer.add(r.partition(), r.record());
            }
        });
    }
}
