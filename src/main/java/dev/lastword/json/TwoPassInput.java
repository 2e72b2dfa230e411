package dev.lastword.json;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// An input that is read twice: a file where it stands, anything else by way of a temporary file
/// that the first reading fills. For one thread.
public final class TwoPassInput implements Closeable {
    private static final int BUFFER_BYTES = 256 * 1024;

    /// Says how large the copy of a stream may grow.
    public interface CopyLimit {
        /// Told before it grows.
        ///
        /// @param bytes its size then
        /// @throws IOException if it must not
        void check(long bytes) throws IOException;
    }

    /// The copy cannot be written.
    public static final class CopyFailedException extends IOException {
        private static final long serialVersionUID = 1L;

        CopyFailedException(IOException cause) {
            super(
                    "The temporary copy of the input cannot be written ("
                            + cause.getMessage()
                            + ").",
                    cause);
        }
    }

    private final FileChannel channel;
    private final long start;
    private final @Nullable InputStream pipe;
    private final CopyLimit limit;
    private String step = "reading";
    private long bytesRead;

    private TwoPassInput(
            FileChannel channel, long start, @Nullable InputStream pipe, CopyLimit limit) {
        this.limit = limit;
        this.channel = channel;
        this.start = start;
        this.pipe = pipe;
    }

    /// Reads a file from where its channel stands.
    public static TwoPassInput file(FileChannel channel) throws IOException {
        return new TwoPassInput(channel, channel.position(), null, bytes -> {});
    }

    /// Reads a stream, and again a copy of it.
    ///
    /// @param folder where the copy is; its name is gone as soon as it is there
    public static TwoPassInput pipe(InputStream in, Path folder, CopyLimit limit)
            throws IOException {
        Path copy;
        try {
            copy = Files.createTempFile(folder, "lastword-compact-", ".ndjson");
        } catch (IOException e) {
            throw new CopyFailedException(e);
        }
        FileChannel channel =
                FileChannel.open(
                        copy,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE);
        return new TwoPassInput(channel, 0, in, limit);
    }

    /// Bytes to read once, -1 where nobody knows.
    public long bytes() throws IOException {
        return pipe == null ? channel.size() - start : -1;
    }

    /// Bytes read so far by the reading that goes on.
    public long bytesRead() {
        return bytesRead;
    }

    /// What the reading that goes on is for.
    public String step() {
        return step;
    }

    public InputStream first() {
        bytesRead = 0;
        return counted(
                pipe == null
                        ? Channels.newInputStream(channel)
                        : new Copying(pipe, Channels.newOutputStream(channel), limit));
    }

    public InputStream second() throws IOException {
        step = "writing";
        bytesRead = 0;
        channel.position(start);
        return counted(Channels.newInputStream(channel));
    }

    private InputStream counted(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                throw new UnsupportedOperationException("byte by byte");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int n = super.read(target, offset, Math.min(length, BUFFER_BYTES));
                bytesRead += Math.max(0, n);
                return n;
            }
        };
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static final class Copying extends FilterInputStream {
        private final OutputStream copy;
        private final CopyLimit limit;
        private long bytes;

        Copying(InputStream in, OutputStream copy, CopyLimit limit) {
            super(in);
            this.copy = copy;
            this.limit = limit;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = super.read(target, offset, length);
            if (n > 0) {
                bytes += n;
                limit.check(bytes);
                try {
                    copy.write(target, offset, n);
                } catch (IOException e) {
                    throw new CopyFailedException(e);
                }
            }
            return n;
        }
    }
}
