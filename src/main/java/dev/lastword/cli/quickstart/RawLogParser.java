package dev.lastword.cli.quickstart;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the changes out of `git log -z --raw --format='commit %H %ct'`. Holds one of them at a
/// time. For one thread.
///
/// The output is a run of texts, each ended by a NUL, so that a path may hold any other byte:
///
/// ```
/// commit <id> <seconds> NUL                                     for every commit
/// [LF] :<old mode> <mode> <old id> <id> <letter> NUL <path> NUL for every file it changed
/// ```
final class RawLogParser {
    /// Far more than a path can have; a text beyond it is not what git writes.
    private static final int TEXT_BYTES_MAX = 1 << 20;

    private static final String COMMIT = "commit ";
    static final String FORMAT = COMMIT + "%H %ct";

    private final InputStream in;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private long commits;
    private String commit = "";
    private long timestampMs;

    /// @param in buffered, for it is read byte by byte
    RawLogParser(InputStream in) {
        this.in = in;
    }

    /// How many commits were met.
    long commits() {
        return commits;
    }

    /// The next change, or null at the end.
    ///
    /// @throws IOException where git fails, or writes something else
    @Nullable Change next() throws IOException {
        for (byte[] bytes = read(); bytes != null; bytes = read()) {
            String line = new String(bytes, StandardCharsets.ISO_8859_1).stripLeading();
            if (line.startsWith(COMMIT)) {
                enter(line.substring(COMMIT.length()));
            } else if (line.startsWith(":")) {
                return change(line.substring(1).split(" ", -1));
            } else if (!line.isEmpty()) {
                throw unexpected(line);
            }
        }
        return null;
    }

    private void enter(String idAndSeconds) throws IOException {
        int space = idAndSeconds.indexOf(' ');
        try {
            timestampMs =
                    Math.multiplyExact(Long.parseLong(idAndSeconds.substring(space + 1)), 1000L);
        } catch (NumberFormatException | ArithmeticException e) {
            throw unexpected(COMMIT + idAndSeconds);
        }
        commit = idAndSeconds.substring(0, Math.max(space, 0));
        commits++;
    }

    private Change change(String[] fields) throws IOException {
        if (fields.length != 5 || commit.isEmpty()) {
            throw unexpected(":" + String.join(" ", fields));
        }
        byte[] path = read();
        if (path == null) {
            throw new EOFException("git ended before a path");
        }
        return new Change(FilePath.of(path), fields[1], fields[3], commit, timestampMs);
    }

    /// The bytes up to the next NUL, or null at the end.
    private byte @Nullable [] read() throws IOException {
        text.reset();
        for (int b = in.read(); b != 0; b = in.read()) {
            if (b < 0) {
                if (text.size() == 0) {
                    return null;
                }
                throw new EOFException("git ended in the middle of a line");
            }
            text.write(b);
            if (text.size() > TEXT_BYTES_MAX) {
                throw new IOException("git wrote a line of more than " + TEXT_BYTES_MAX);
            }
        }
        return text.toByteArray();
    }

    private static IOException unexpected(String line) {
        return new IOException("git wrote what was not expected: " + FilePath.show(line));
    }
}
