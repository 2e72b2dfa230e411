package dev.lastword.cli.quickstart;

import dev.lastword.cli.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The body that is sent: a history as NDJSON, made as it is read, so that it may have any length.
/// One thread reads; the counts are for whoever comes after it.
final class ChangeStream extends InputStream {
    private final InputStream history;
    private final RawLogParser parser;
    private final Progress progress;
    private byte[] line = new byte[0];
    private int position;
    private long records;
    private long bytes;
    private volatile @Nullable IOException failure;

    ChangeStream(InputStream history, Progress progress) {
        this.history = history;
        this.parser = new RawLogParser(history);
        this.progress = progress;
    }

    long records() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    /// To be asked once all is read.
    long commits() {
        return parser.commits();
    }

    /// Why the history could not be read to its end; null if that is not so.
    @Nullable IOException failure() {
        return failure;
    }

    @Override
    public int read() throws IOException {
        return fill() ? line[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        int n = 0;
        while (n < length && fill()) {
            int m = Math.min(length - n, line.length - position);
            System.arraycopy(line, position, target, offset + n, m);
            position += m;
            n += m;
        }
        return n == 0 && length > 0 ? -1 : n;
    }

    /// Whether there is a byte.
    private boolean fill() throws IOException {
        if (position < line.length) {
            return true;
        }
        try {
            Change change = parser.next();
            if (change == null) {
                return false;
            }
            line = ChangeJson.line(change);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        position = 0;
        count();
        return true;
    }

    private void count() {
        records++;
        bytes += line.length;
        progress.tell(records, bytes);
    }

    @Override
    public void close() throws IOException {
        history.close();
    }
}
