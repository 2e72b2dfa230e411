package dev.lastword.http;

import dev.lastword.json.RecordJsonWriter;
import dev.lastword.log.LogException;
import dev.lastword.log.Topic;
import dev.lastword.record.LogRecord;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import org.jboss.logging.Logger;

/// A successful answer that consists of records, a line each or as a JSON array, written from a
/// virtual thread at the pace of its client.
final class RecordAnswer {
    private static final Logger LOG = Logger.getLogger(RecordAnswer.class);

    /// What is gathered before it is sent.
    private static final int CHUNK_BYTES = 64 << 10;

    private final ResponseSink sink;
    private final RecordJsonWriter json;
    private final boolean asArray;
    private boolean isFirst = true;

    /// @param pace the client must keep
    RecordAnswer(HttpServerRequest request, Topic topic, boolean asArray, ClientPace pace) {
        this.sink = new ResponseSink(request, asArray ? MediaTypes.JSON : MediaTypes.NDJSON, pace);
        this.json = new RecordJsonWriter(topic.config().valueFormat());
        this.asArray = asArray;
    }

    void header(String name, String value) {
        sink.header(name, value);
    }

    /// What writes the records.
    interface Writing {
        void run() throws IOException;
    }

    /// Sends the records that `writing` adds, and ends the answer; breaks it off if that fails.
    /// Before its head it fails as any other request does.
    void send(Writing writing) {
        try {
            if (asArray) {
                json.put('[');
            }
            writing.run();
            if (asArray) {
                json.put(']');
            }
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

    /// Adds a record of a known partition.
    void add(LogRecord record) throws IOException {
        separate();
        json.write(record);
        terminate();
    }

    /// Adds a record with its partition.
    void add(int partition, LogRecord record) throws IOException {
        separate();
        json.write(partition, record);
        terminate();
    }

    private void separate() {
        if (asArray && !isFirst) {
            json.put(',');
            json.put('\n');
        }
        isFirst = false;
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing is made right by it, only fairer
    private void terminate() throws IOException {
        if (!asArray) {
            json.put('\n');
        }
        if (json.size() >= CHUNK_BYTES) {
            sink.write(json.buffer(), json.size());
            json.clear();
            Thread.yield(); // a virtual thread keeps its carrier until it waits
        }
    }
}
