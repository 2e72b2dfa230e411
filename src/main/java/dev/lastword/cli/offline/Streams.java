package dev.lastword.cli.offline;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where a command's results and its messages go. Results go to a stream that tells of a closed
/// pipe, which `System.out` does not.
///
/// @param out the results
/// @param err the messages
/// @param terminal whether somebody sees the messages as they come
record Streams(OutputStream out, PrintStream err, boolean terminal) {
    private static final int BUFFER_BYTES = 64 * 1024;

    /// Those of this process.
    static Streams standard() {
        return new Streams(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                System.err,
                dev.lastword.cli.Terminal.isStandardError());
    }

    /// Writes a line of text.
    void line(String text) throws ClosedOutputException {
        write((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void write(byte[] bytes) throws ClosedOutputException {
        write(bytes, 0, bytes.length);
    }

    void write(byte[] bytes, int from, int length) throws ClosedOutputException {
        try {
            out.write(bytes, from, length);
        } catch (java.io.IOException e) {
            throw new ClosedOutputException(e);
        }
    }

    void flush() throws ClosedOutputException {
        try {
            out.flush();
        } catch (java.io.IOException e) {
            throw new ClosedOutputException(e);
        }
    }

    /// The results cannot be written.
    static final class ClosedOutputException extends java.io.IOException {
        private static final long serialVersionUID = 1L;

        ClosedOutputException(java.io.IOException cause) {
            super(cause.getMessage(), cause);
        }

        /// Whether whoever read them has read enough, as `head` does.
        boolean isClosedPipe() {
            @Nullable String message = getMessage();
            return Objects.requireNonNullElse(message, "").contains("Broken pipe");
        }
    }
}
