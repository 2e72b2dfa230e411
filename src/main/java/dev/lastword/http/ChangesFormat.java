package dev.lastword.http;

import dev.lastword.json.RecordJsonWriter;
import dev.lastword.read.OffsetsVector;
import dev.lastword.record.LogRecord;
import java.nio.charset.StandardCharsets;

/// How a stream of changes is written.
///
/// - *Server-sent events*: an event a record, its id the vector of the offsets to read next. A
///   position alone is an id without data, which a browser keeps and tells nobody of.
/// - *NDJSON*: a line a record, as in a snapshot; a position is a line `{"offsets":"…"}`.
enum ChangesFormat {
    EVENTS("text/event-stream") {
        @Override
        void record(RecordJsonWriter out, OffsetsVector next, int partition, LogRecord record) {
            out.put("id: " + next + "\ndata: ");
            out.write(partition, record);
            out.put("\n\n");
        }

        @Override
        void position(RecordJsonWriter out, OffsetsVector next) {
            out.put("id: " + next + "\n\n");
        }
    },
    LINES(MediaTypes.NDJSON) {
        @Override
        void record(RecordJsonWriter out, OffsetsVector next, int partition, LogRecord record) {
            out.write(partition, record);
            out.put('\n');
        }

        @Override
        void position(RecordJsonWriter out, OffsetsVector next) {
            out.put("{\"offsets\":\"" + next + "\"}\n");
        }
    };

    private final String mediaType;

    ChangesFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }

    /// @param next behind the record
    abstract void record(RecordJsonWriter out, OffsetsVector next, int partition, LogRecord record);

    abstract void position(RecordJsonWriter out, OffsetsVector next);

    /// The event that tells that the stream cannot go on, and why. Its empty id makes a browser
    /// that connects again begin as it did first. Lines have no such thing: they are broken off.
    static String reset(ProblemException why) {
        String json = new String(Problems.json(why), StandardCharsets.UTF_8);
        return "event: reset\nid:\ndata: " + json + "\n\n";
    }
}
