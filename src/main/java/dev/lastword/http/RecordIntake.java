package dev.lastword.http;

import dev.lastword.ingest.IngestStream;
import dev.lastword.ingest.StreamFailedException;
import dev.lastword.ingest.StreamResult;
import dev.lastword.json.BadRecordException;
import dev.lastword.json.RecordJsonReader;
import dev.lastword.json.RecordSource;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Takes the records of one body into a topic. Where one is bad it stops, waits until all before it
/// are durable, and says which one it is (`line`) and how many were taken (`accepted`). For one
/// virtual thread.
final class RecordIntake {
    private static final Logger LOG = Logger.getLogger(RecordIntake.class);

    /// Gaps remembered, so that a record's line can still be told when it turns out much later that
    /// it could not be stored.
    private static final int GAPS_MAX = 4096;

    /// What turns a range of bytes into a record.
    @FunctionalInterface
    interface Reader {
        /// @throws BadRecordException if it is none, or a [BadBodyException]
        NewRecord read(byte[] bytes, int from, int to) throws IOException;
    }

    /// How records stand in a body.
    record Form(RecordSource source, Reader reader) {
        /// As [dev.lastword.json.RecordJson] describes.
        static Form of(RecordSource source) {
            return new Form(source, new RecordJsonReader()::read);
        }
    }

    private final RecordSource source;
    private final Reader reader;
    private final Function<NewRecord, IngestStream> open;

    /// For the number of a record, counted from 0, how far its line is ahead of it, until the next
    /// entry: blank lines make it so.
    private final TreeMap<Long, Long> gaps = new TreeMap<>(Map.of(0L, 1L));

    private long read;
    private @Nullable IngestStream stream;

    /// @param open begins the stream when the first good record, which it is given, is there: bad
    ///   input changes nothing
    RecordIntake(Form form, Function<NewRecord, IngestStream> open) {
        this.source = form.source;
        this.reader = form.reader;
        this.open = open;
    }

    /// @throws ProblemException for whatever keeps the body from being stored to its end
    StreamResult run() {
        try {
            while (source.next()) {
                NewRecord record = reader.read(source.bytes(), source.from(), source.to());
                noteLine();
                stream(record).add(record);
                read++;
            }
            return stream == null ? new StreamResult(0, List.of()) : stream.finish();
        } catch (BadRecordException e) {
            throw problem(BadBodyException.of(e));
        } catch (BadBodyException e) {
            throw problem(e);
        } catch (LogException e) {
            throw at(source.line(), accepted(), Problems.of(e));
        } catch (StreamFailedException e) {
            throw failed(e);
        } catch (IOException e) {
            throw brokenOff(e);
        } finally {
            if (stream != null) {
                stream.abandon();
            }
        }
    }

    private IngestStream stream(NewRecord next) {
        IngestStream s = stream;
        if (s == null) {
            s = open.apply(next);
            stream = s;
        }
        return s;
    }

    private void noteLine() {
        long gap = source.line() - read;
        if (gap != gaps.lastEntry().getValue()) {
            gaps.put(read, gap);
            if (gaps.size() > GAPS_MAX) {
                gaps.pollFirstEntry();
            }
        }
    }

    /// The line of a record; where that is forgotten, the number it would have without blank lines.
    private long lineOf(long record) {
        Map.Entry<Long, Long> gap = gaps.floorEntry(record);
        return record + (gap == null ? 1 : gap.getValue());
    }

    /// Waits for all that was read before.
    private long accepted() {
        try {
            return stream == null ? 0 : stream.flush();
        } catch (StreamFailedException e) {
            throw failed(e);
        }
    }

    private ProblemException problem(BadBodyException e) {
        long line = source.line();
        return at(line, accepted(), e.asProblem("Line " + line + ": "));
    }

    private ProblemException failed(StreamFailedException e) {
        return at(lineOf(e.accepted()), e.accepted(), Problems.of(e.reason()));
    }

    private ProblemException brokenOff(IOException e) {
        long accepted = accepted();
        LOG.debugf(e, "A body broke off after %d records", read);
        return at(
                source.line(),
                accepted,
                new ProblemException(
                        400,
                        "body-incomplete",
                        "The body broke off; send it again from line " + source.line() + " on."));
    }

    private static ProblemException at(long line, long accepted, ProblemException problem) {
        return problem.with("line", line).with("accepted", accepted);
    }
}
