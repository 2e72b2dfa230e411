package dev.lastword.record;

import java.io.IOException;

/// The records of a sound batch cannot be looked at, for its codec is not built in. Such a batch
/// can still be checked and copied whole.
public final class UnsupportedCompressionException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Compression compression;

    /// @param baseOffset where the batch begins
    /// @param compression its codec
    public UnsupportedCompressionException(long baseOffset, Compression compression) {
        super(
                "record batch at base offset %d is compressed with %s, which is not supported"
                        .formatted(baseOffset, compression));
        this.compression = compression;
    }

    /// The codec that is missing.
    public Compression compression() {
        return compression;
    }
}
