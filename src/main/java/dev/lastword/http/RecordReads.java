package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import dev.lastword.json.RecordJsonWriter;
import dev.lastword.log.LogException;
import dev.lastword.log.Topic;
import dev.lastword.read.Reads;
import dev.lastword.read.Snapshot;
import dev.lastword.record.LogRecord;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Streams of records on their way out, each written by a virtual thread of its own at the pace of
/// its client.
@ApplicationScoped
public class RecordReads {
    private static final Logger LOG = Logger.getLogger(RecordReads.class);

    /// What is gathered before it is sent.
    private static final int CHUNK_BYTES = 64 << 10;

    private static final char REPLACEMENT = '\ufffd';

    private final TopicAccess topics;
    private final Reads reads;
    private final StreamSlots slots;
    private final LastwordConfig config;

    RecordReads(TopicAccess topics, Reads reads, StreamSlots slots, LastwordConfig config) {
        this.topics = topics;
        this.reads = reads;
        this.slots = slots;
        this.config = config;
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
        ResponseSink sink = sink(request, asArray ? MediaTypes.JSON : MediaTypes.NDJSON);
        sink.header("Lastword-Next-Offset", Long.toString(page.nextOffset()));
        RecordJsonWriter json = new RecordJsonWriter(topic.config().valueFormat());
        send(
                sink,
                json,
                () -> {
                    if (asArray) {
                        json.put('[');
                    }
                    boolean first = true;
                    for (LogRecord record : page.records()) {
                        if (asArray && !first) {
                            json.put(',');
                            json.put('\n');
                        }
                        first = false;
                        json.write(record);
                        if (!asArray) {
                            json.put('\n');
                        }
                        sendFull(sink, json);
                    }
                    if (asArray) {
                        json.put(']');
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
        ResponseSink sink = sink(request, MediaTypes.NDJSON);
        sink.header("Lastword-Offsets", snapshot.offsets().toString());
        RecordJsonWriter json = new RecordJsonWriter(topic.config().valueFormat());
        send(
                sink,
                json,
                () -> {
                    for (var r = snapshot.next(); r != null; r = snapshot.next()) {
                        json.write(r.partition(), r.record());
                        json.put('\n');
                        sendFull(sink, json);
                    }
                });
    }

    private ResponseSink sink(HttpServerRequest request, String contentType) {
        return new ResponseSink(request, contentType, config.streamIdleMax());
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing is made right by it, only fairer
    private static void sendFull(ResponseSink sink, RecordJsonWriter json) throws IOException {
        if (json.size() >= CHUNK_BYTES) {
            sink.write(json.buffer(), json.size());
            json.clear();
            Thread.yield(); // a virtual thread keeps its carrier until it waits
        }
    }

    private interface Writing {
        void run() throws IOException;
    }

    /// Runs what writes a body and ends it; breaks the answer off if that fails. Before its head it
    /// fails as any other request does.
    private static void send(ResponseSink sink, RecordJsonWriter json, Writing writing) {
        try {
            writing.run();
            sink.end(json.buffer(), json.size());
        } catch (IOException e) {
            LOG.debugf(e, "A client did not take its records to the end");
            sink.abort();
        } catch (RuntimeException | Error e) {
            if (!sink.isBegun()) {
                throw e;
            }
            sink.abort();
            if (e instanceof LogException) {
                LOG.warnf("A stream of records was broken off: %s", e.getMessage());
            } else {
                LOG.errorf(e, "A stream of records was broken off");
            }
        }
    }
}
