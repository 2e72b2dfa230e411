package dev.lastword.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.lastword.log.Damage;
import dev.lastword.log.LogException;
import dev.lastword.read.CannotContinueException;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/// Turns what went wrong into a problem document. Stateless.
public final class Problems {
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final JsonFactory JSON = new JsonFactory();

    private Problems() {}

    /// The answer to a failure of the log.
    public static ProblemException of(LogException e) {
        return switch (e) {
            case LogException.Corrupt c ->
                    problem(500, "corrupt-log", c)
                            .with("partition", c.partition())
                            .with("offset", c.offset());
            case LogException.DiskFull f -> problem(507, "disk-full", f);
            case LogException.WriteFailed f -> problem(507, "write-failed", f);
            case LogException.OutcomeUnknown u -> problem(503, "outcome-unknown", u);
            case LogException.ReadOnly r -> problem(503, "partition-read-only", r);
            case LogException.WrongState w -> problem(409, "wrong-state", w);
            case LogException.StillQuarantined s -> stillQuarantined(s);
            case LogException.ReopenFailed r -> problem(503, "reopen-failed", r).retryAfter(30);
            case LogException.Closed c -> problem(503, "closed", c).retryAfter(5);
            case LogException.OffsetOutOfRange o -> offsetOutOfRange(o);
            case LogException.RecordTooLarge r ->
                    problem(413, "record-too-large", r).with("max", r.bytesMax());
            case LogException.InvalidVersion v ->
                    problem(400, "invalid-version", v).with("field", v.header());
            case LogException.RequestDiffers r -> problem(422, "idempotency-key-reused", r);
            case LogException.QueueFull q ->
                    problem(503, "queue-full", q).retryAfter(seconds(q.retryAfterMs()));
            case LogException.UnknownTopic u ->
                    problem(
                            404,
                            "unknown-topic",
                            u.getMessage() + " GET /topics lists them, POST /topics creates one.");
            case LogException.TopicExists t -> problem(409, "topic-exists", t);
            case LogException.InvalidTopicName n -> problem(400, "invalid-topic-name", n);
            case LogException.InvalidConfig c ->
                    problem(400, "invalid-config", c).with("field", c.name());
            case LogException.DataDirectoryLocked d -> problem(503, "not-ready", d).retryAfter(5);
            case LogException.DataDirectoryUnusable d -> problem(503, "not-ready", d);
        };
    }

    private static ProblemException stillQuarantined(LogException.StillQuarantined s) {
        ProblemException problem =
                problem(
                        409,
                        "still-quarantined",
                        s.getMessage()
                                + " Put the file right (a copy from a backup) and ask again; or give"
                                + " the damaged records up with ?force=true: their bytes are moved"
                                + " aside to lastword/quarantine in the data directory, and the rest"
                                + " is cleaned again.");
        Damage damage = s.damage();
        return damage == null
                ? problem
                : problem.with("segment", damage.file())
                        .with("position", damage.position())
                        .with("offset", damage.offset());
    }

    /// What made a future fail.
    static Throwable cause(Throwable completion) {
        Throwable cause = completion.getCause();
        return cause == null ? completion : cause;
    }

    /// The answer to a position from which changes cannot be read on.
    static ProblemException of(CannotContinueException e) {
        ProblemException problem =
                problem(
                        410,
                        "cannot-continue",
                        e.getMessage() + " Take a new snapshot and go on from its offsets.");
        return e.partition() < 0
                ? problem
                : problem.with("partition", e.partition()).with("offset", e.offset());
    }

    private static ProblemException offsetOutOfRange(LogException.OffsetOutOfRange o) {
        boolean gone = o.requested() < o.startOffset();
        String remedy =
                gone
                        ? " What was there is deleted: go on at startOffset, or take a snapshot."
                        : " Ask for at most endOffset, where the next record will be.";
        return problem(gone ? 410 : 400, "offset-out-of-range", o.getMessage() + remedy)
                .with("startOffset", o.startOffset())
                .with("endOffset", o.endOffset());
    }

    private static ProblemException problem(int status, String slug, LogException e) {
        return problem(status, slug, String.valueOf(e.getMessage()));
    }

    private static ProblemException problem(int status, String slug, String detail) {
        return new ProblemException(status, slug, detail);
    }

    private static int seconds(long ms) {
        return Math.clamp((ms + 999) / 1000, 1, 3600);
    }

    /// The response that carries a problem.
    public static Response response(ProblemException problem) {
        Response.ResponseBuilder builder =
                Response.status(problem.status()).type(MEDIA_TYPE).entity(json(problem));
        problem.headers().forEach(builder::header);
        return builder.build();
    }

    /// The document, in UTF-8.
    public static byte[] json(ProblemException problem) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("type", "/problems/" + problem.slug());
            json.writeStringField("title", title(problem.slug()));
            json.writeNumberField("status", problem.status());
            json.writeStringField("detail", problem.detail());
            for (Map.Entry<String, Object> member : problem.members().entrySet()) {
                json.writeObjectField(member.getKey(), member.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toByteArray();
    }

    private static String title(String slug) {
        return Character.toUpperCase(slug.charAt(0)) + slug.substring(1).replace('-', ' ');
    }
}
