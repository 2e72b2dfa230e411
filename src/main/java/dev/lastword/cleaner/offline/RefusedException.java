package dev.lastword.cleaner.offline;

import java.io.IOException;

/// A directory cannot be cleaned, and was not changed. The message says what to do.
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Why.
    public enum Reason {
        /// It is not a directory named `topic-partition` with segments.
        NOT_A_PARTITION,
        /// A broker or a Lastword service runs on it.
        IN_USE,
        /// What ran on it last did not stop in order, so its end may be torn.
        NOT_CLOSED_CLEANLY,
        /// It holds what this version does not read: message formats before v2, a codec, or a
        /// strategy.
        UNSUPPORTED,
        /// A batch is damaged.
        CORRUPT
    }

    private final Reason reason;

    RefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    RefusedException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
