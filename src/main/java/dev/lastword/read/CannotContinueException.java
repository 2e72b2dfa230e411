package dev.lastword.read;

/// Changes cannot be read on from a position without missing some: the reader must take a new
/// snapshot. Its message says why.
public final class CannotContinueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int partition;
    private final long offset;

    /// @param partition where, or -1 for all of the topic
    /// @param offset that was to be read next
    public CannotContinueException(int partition, long offset, String message) {
        super(message, null, false, false);
        this.partition = partition;
        this.offset = offset;
    }

    public int partition() {
        return partition;
    }

    public long offset() {
        return offset;
    }
}
