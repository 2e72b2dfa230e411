package dev.lastword.json;

import java.io.IOException;
import java.io.InputStream;

/// Splits newline-delimited JSON into its lines. Lines end in LF or CRLF, the last one may lack it;
/// blank ones are stepped over, and counted.
public final class NdjsonLines implements RecordSource {
    private final InputWindow buffer;
    private final int bytesMax;
    private boolean begun;
    private long line;
    private int from;
    private int to;
    private int consumed;

    /// @param bytesMax a line may be as long
    public NdjsonLines(InputStream in, int bytesMax) {
        this.buffer = new InputWindow(in, bytesMax);
        this.bytesMax = bytesMax;
    }

    @Override
    public boolean next() throws IOException {
        if (!begun) {
            begun = true;
            line = 1;
            buffer.skipByteOrderMark();
            line = 0;
        }
        do {
            buffer.consume(consumed);
            consumed = 0;
            line++;
            if (!findLine()) {
                return false;
            }
        } while (isBlank());
        return true;
    }

    private boolean findLine() throws IOException {
        int scanned = 0;
        while (true) {
            byte[] bytes = buffer.bytes();
            int end = buffer.end();
            for (int i = buffer.start() + scanned; i < end; i++) {
                if (bytes[i] == '\n') {
                    setLine(i);
                    consumed++;
                    return true;
                }
            }
            scanned = buffer.length();
            if (!buffer.fill()) {
                setLine(buffer.end());
                return scanned > 0;
            }
        }
    }

    private void setLine(int end) throws BadRecordException {
        from = buffer.start();
        to = end;
        consumed = to - from;
        if (consumed > bytesMax) {
            throw BadRecordException.tooLong(bytesMax);
        }
        if (to > from && bytes()[to - 1] == '\r') {
            to--;
        }
    }

    private boolean isBlank() {
        byte[] bytes = buffer.bytes();
        for (int i = from; i < to; i++) {
            if (!RecordJson.isSpace(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public byte[] bytes() {
        return buffer.bytes();
    }

    @Override
    public int from() {
        return from;
    }

    @Override
    public int to() {
        return to;
    }

    @Override
    public long line() {
        return line;
    }
}
