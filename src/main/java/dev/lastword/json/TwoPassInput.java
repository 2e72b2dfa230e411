package dev.lastword.cli.offline;

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
final class TwoPassInput implements Closeable {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final FileChannel channel;
    private final long start;
    private final @Nullable InputStream pipe;
    private String step = "reading";
    private long bytesRead;

    private TwoPassInput(FileChannel channel, long start, @Nullable InputStream pipe) {
        this.channel = channel;
        this.start = start;
        this.pipe = pipe;
    }

    /// Reads a file from where its channel stands.
    static TwoPassInput file(FileChannel channel) throws IOException {
        return new TwoPassInput(channel, channel.position(), null);
    }

    /// Reads a stream, and again a copy of it.
    ///
    /// @param folder where the copy is; its name is gone as soon as it is there
    static TwoPassInput pipe(InputStream in, Path folder) throws IOException {
        Path copy = Files.createTempFile(folder, "lastword-compact-", ".ndjson");
        FileChannel channel =
                FileChannel.open(
                        copy,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE);
        return new TwoPassInput(channel, 0, in);
    }

    /// Bytes to read once, -1 where nobody knows.
    long bytes() throws IOException {
        return pipe == null ? channel.size() - start : -1;
    }

    /// Bytes read so far by the reading that goes on.
    long bytesRead() {
        return bytesRead;
    }

    /// What the reading that goes on is for.
    String step() {
        return step;
    }

    InputStream first() {
        bytesRead = 0;
        return counted(
                pipe == null
                        ? Channels.newInputStream(channel)
                        : new Copying(pipe, Channels.newOutputStream(channel)));
    }

    InputStream second() throws IOException {
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

        Copying(InputStream in, OutputStream copy) {
            super(in);
            this.copy = copy;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = super.read(target, offset, length);
            if (n > 0) {
                try {
                    copy.write(target, offset, n);
                } catch (IOException e) {
                    throw new IOException(
                            "The temporary copy of the input cannot be written ("
                                    + e.getMessage()
                                    + "); choose another folder with --temp-dir.",
                            e);
                }
            }
            return n;
        }
    }
}
