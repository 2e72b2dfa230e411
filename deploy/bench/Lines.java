import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/// NDJSON of any length, made line by line as it is read.
final class Lines extends InputStream {
    private final long count;
    private final LongFunction<String> line;
    private final LongConsumer told;
    private long made;
    private long bytes;
    private byte[] current = new byte[0];
    private int position;

    /// @param told is told how many bytes were read, after each read
    Lines(long count, LongFunction<String> line, LongConsumer told) {
        this.count = count;
        this.line = line;
        this.told = told;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        int n = 0;
        while (n < length && fill()) {
            int m = Math.min(length - n, current.length - position);
            System.arraycopy(current, position, target, offset + n, m);
            position += m;
            n += m;
        }
        bytes += n;
        told.accept(bytes);
        return n == 0 ? -1 : n;
    }

    private boolean fill() {
        if (position < current.length) {
            return true;
        }
        if (made == count) {
            return false;
        }
        current = (line.apply(made++) + "\n").getBytes(StandardCharsets.UTF_8);
        position = 0;
        return true;
    }
}
