package dev.lastword.log;

import java.nio.ByteBuffer;

/// Sizes of off-heap buffers for reading and writing files in pieces.
final class Buffers {
    private static final int BYTES_MIN = 4096;

    private Buffers() {}

    /// A buffer for so many bytes, but not larger than `bytesMax`: most files in a folder are
    /// small, and off-heap memory is cleared when it is taken.
    static ByteBuffer direct(long bytes, int bytesMax) {
        return ByteBuffer.allocateDirect(Math.clamp(bytes, BYTES_MIN, bytesMax));
    }
}
