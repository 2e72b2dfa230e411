package dev.lastword.record;

import java.io.IOException;

/// Bytes that should be a record batch are not one. The message names the batch's base offset, as
/// far as it can be believed, and what is wrong with it.
public final class CorruptBatchException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long baseOffset;

    /// @param baseOffset what stands where the base offset should be
    /// @param what what is wrong, as a phrase to put after a colon
    public CorruptBatchException(long baseOffset, String what) {
        super("corrupt record batch at base offset " + baseOffset + ": " + what);
        this.baseOffset = baseOffset;
    }

    /// The base offset read from the batch; it may itself be damaged.
    public long baseOffset() {
        return baseOffset;
    }
}
