package dev.lastword.ingest;

import dev.lastword.log.LogException;

/// A stream cannot go on.
public final class StreamFailedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final long accepted;
    private final LogException reason;

    StreamFailedException(long accepted, LogException reason) {
        super(reason.getMessage(), reason);
        this.accepted = accepted;
        this.reason = reason;
    }

    /// So many of the stream's first records are durable. Of those that were on their way behind
    /// them some may be stored too, in other partitions; sending everything from here on again
    /// leaves the right state.
    public long accepted() {
        return accepted;
    }

    public LogException reason() {
        return reason;
    }
}
