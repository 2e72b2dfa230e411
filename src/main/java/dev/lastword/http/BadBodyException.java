package dev.lastword.http;

import dev.lastword.json.BadRecordException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A request body, or a record in it, that is not what it should be. The message says what to do
/// about it. It carries no stack trace: it is the client's fault, not ours.
final class BadBodyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String slug;
    private final @Nullable String field;

    BadBodyException(int status, String slug, String detail) {
        this(status, slug, detail, null);
    }

    private BadBodyException(int status, String slug, String detail, @Nullable String field) {
        super(detail);
        this.status = status;
        this.slug = slug;
        this.field = field;
    }

    /// @param field what of the body is wrong, if it is a single thing
    static BadBodyException at(@Nullable String field, int status, String slug, String detail) {
        return new BadBodyException(status, slug, detail, field);
    }

    /// A record in the body that cannot be taken.
    static BadBodyException of(BadRecordException e) {
        String detail = String.valueOf(e.getMessage());
        return e.isTooLong()
                ? new BadBodyException(
                        413,
                        "record-too-large",
                        detail + " None that long fits into a topic (max.message.bytes).",
                        null)
                : new BadBodyException(400, "malformed-record", detail, e.field());
    }

    /// The answer to it.
    ProblemException asProblem() {
        return asProblem("");
    }

    /// The answer to it.
    ///
    /// @param where it is, as text before the message
    ProblemException asProblem(String where) {
        ProblemException problem = new ProblemException(status, slug, where + getMessage());
        return field == null ? problem : problem.with("field", field);
    }

    int status() {
        return status;
    }

    String slug() {
        return slug;
    }

    @Nullable String field() {
        return field;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
