package dev.lastword.json;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What should be a record, or a list of them, is none. The message says what to do about it. It
/// carries no stack trace: it is the sender's fault, not ours.
public final class BadRecordException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean tooLong;
    private final @Nullable String field;

    private BadRecordException(String detail, boolean tooLong, @Nullable String field) {
        super(detail);
        this.tooLong = tooLong;
        this.field = field;
    }

    /// A record that is not of the form that [RecordJson] describes.
    ///
    /// @param field the member of the record that is wrong, if it is a single one
    static BadRecordException malformedRecord(String detail, @Nullable String field) {
        return new BadRecordException(detail, false, field);
    }

    /// A record that is longer than whoever reads it allows, found before it was read to its end.
    static BadRecordException tooLong(int bytesMax) {
        return new BadRecordException(
                "The record takes more than " + bytesMax + " bytes of JSON.", true, null);
    }

    /// Whether it is only its length.
    public boolean isTooLong() {
        return tooLong;
    }

    /// The member of the record that is wrong, if it is a single one.
    public @Nullable String field() {
        return field;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
