package dev.lastword.http;

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

    /// A record that is not of the form that [RecordJson] describes.
    ///
    /// @param field the member of the record that is wrong, if it is a single one
    static BadBodyException malformedRecord(String detail, @Nullable String field) {
        return new BadBodyException(400, "malformed-record", detail, field);
    }

    /// A record that no setting of its topic lets in, found before it was read to its end.
    static BadBodyException tooLong(int bytesMax) {
        return new BadBodyException(
                413,
                "record-too-large",
                "The record takes more than "
                        + bytesMax
                        + " bytes of JSON; none that long fits this topic's max.message.bytes.");
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
