package dev.lastword.json;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// A window over a stream that slides along it and grows where a record is larger, up to a bound.
final class InputWindow {
    private static final int CAPACITY = 64 << 10;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final InputStream in;
    private final int bytesMax;
    private byte[] bytes;
    private int start;
    private int end;

    /// @param bytesMax the window grows no further
    InputWindow(InputStream in, int bytesMax) {
        this.in = in;
        this.bytesMax = bytesMax;
        this.bytes = new byte[Math.min(CAPACITY, bytesMax + 1)];
    }

    byte[] bytes() {
        return bytes;
    }

    /// Index of the window's first byte.
    int start() {
        return start;
    }

    /// Index behind the window's last byte.
    int end() {
        return end;
    }

    int length() {
        return end - start;
    }

    /// Moves the window's start.
    void consume(int length) {
        start += length;
    }

    /// Reads more into the window's end; what is in it may move to other indexes.
    ///
    /// @return false at the end of the stream
    /// @throws BadRecordException if the window is as large as it may be
    boolean fill() throws IOException {
        if (length() > bytesMax) {
            throw BadRecordException.tooLong(bytesMax);
        }
        if (end == bytes.length) {
            makeRoom();
        }
        int n = in.read(bytes, end, bytes.length - end);
        if (n < 0) {
            return false;
        }
        end += n;
        return true;
    }

    private void makeRoom() {
        int length = length();
        byte[] target = bytes;
        if (length > bytes.length / 2) {
            target = new byte[(int) Math.min(2L * bytes.length, bytesMax + 1L)];
        }
        System.arraycopy(bytes, start, target, 0, length);
        bytes = target;
        start = 0;
        end = length;
    }

    /// Steps over a byte order mark at the beginning of the stream.
    void skipByteOrderMark() throws IOException {
        while (length() < BYTE_ORDER_MARK.length && fill()) {
            // until there is enough to tell
        }
        int mark = BYTE_ORDER_MARK.length;
        if (length() >= mark
                && Arrays.equals(bytes, start, start + mark, BYTE_ORDER_MARK, 0, mark)) {
            consume(mark);
        }
    }
}
