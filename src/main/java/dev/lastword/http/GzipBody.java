package dev.lastword.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// The content of a body that is packed with gzip (RFC 1952, one or more members), as long as it
/// does not grow beyond measure: a few kilobytes can be made to unpack to gigabytes. For one
/// thread; must be closed.
///
/// Why not `GZIPInputStream`: it takes what follows a member and is no member for the end, and
/// swallows a connection that breaks there. Records would be lost without a word.
final class GzipBody extends InputStream {
    /// Below this the ratio says little.
    private static final long FREE_BYTES = 1 << 20;

    private static final int BUFFER_BYTES = 32 << 10;
    private static final int HAS_HEADER_CRC = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final InputStream in;
    private final int ratioMax;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] packed = new byte[BUFFER_BYTES];
    private int packedFrom;
    private int packedTo;
    private boolean inMember;
    private boolean ended;
    private long bytesIn;
    private long bytesOut;

    /// @param ratioMax unpacked bytes for each packed one, at most
    GzipBody(InputStream in, int ratioMax) {
        this.in = in;
        this.ratioMax = ratioMax;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (!inMember) {
                readHeader();
                continue;
            }
            int n = inflate(target, offset, length);
            if (n > 0) {
                crc.update(target, offset, n);
                bytesOut += n;
                checkRatio();
                return n;
            }
            if (inflater.finished()) {
                readTrailer();
            } else if (inflater.needsDictionary()) {
                throw malformed("it wants a preset dictionary");
            } else if (!fill()) {
                throw endsEarly();
            } else {
                inflater.setInput(packed, packedFrom, packedTo - packedFrom);
            }
        }
        return -1;
    }

    private int inflate(byte[] target, int offset, int length) throws BadBodyException {
        try {
            return inflater.inflate(target, offset, length);
        } catch (DataFormatException e) {
            throw malformed(e.getMessage() == null ? "bad data" : e.getMessage());
        }
    }

    private void checkRatio() throws BadBodyException {
        if (bytesOut > FREE_BYTES && bytesOut / ratioMax > bytesIn) {
            throw new BadBodyException(
                    413,
                    "expansion-limit",
                    "The body unpacks to more than "
                            + ratioMax
                            + " times its size (lastword.http.max-expansion); send it unpacked.");
        }
    }

    private void readHeader() throws IOException {
        int first = readPacked();
        if (first < 0) {
            if (bytesIn == 0) {
                throw endsEarly();
            }
            ended = true;
            return;
        }
        if (first != 0x1f || need() != 0x8b || need() != 8) {
            throw malformed("a gzip header is missing at its packed byte " + position());
        }
        int flags = need();
        if ((flags & RESERVED) != 0) {
            throw malformed("its header has flags that nobody has defined");
        }
        skip(6); // time, extra flags, system
        if ((flags & HAS_EXTRA) != 0) {
            skip(need() | need() << 8);
        }
        if ((flags & HAS_NAME) != 0) {
            skipText();
        }
        if ((flags & HAS_COMMENT) != 0) {
            skipText();
        }
        if ((flags & HAS_HEADER_CRC) != 0) {
            skip(2);
        }
        inMember = true;
        inflater.reset();
        crc.reset();
        inflater.setInput(packed, packedFrom, packedTo - packedFrom);
    }

    private void readTrailer() throws IOException {
        packedFrom = packedTo - inflater.getRemaining();
        long sum = needInt();
        long length = needInt();
        if (sum != crc.getValue() || length != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw malformed("its checksum does not match");
        }
        inMember = false;
    }

    private void skip(int n) throws IOException {
        for (int i = 0; i < n; i++) {
            need();
        }
    }

    private void skipText() throws IOException {
        int c;
        do {
            c = need();
        } while (c != 0);
    }

    private long needInt() throws IOException {
        return need() | need() << 8 | need() << 16 | (long) need() << 24;
    }

    private int need() throws IOException {
        int b = readPacked();
        if (b < 0) {
            throw endsEarly();
        }
        return b;
    }

    private int readPacked() throws IOException {
        return packedFrom < packedTo || fill() ? packed[packedFrom++] & 0xff : -1;
    }

    /// Replaces what is packed by what comes next; false at the end.
    private boolean fill() throws IOException {
        int n = in.read(packed, 0, packed.length);
        packedFrom = 0;
        packedTo = Math.max(n, 0);
        bytesIn += packedTo;
        return n >= 0;
    }

    private long position() {
        return bytesIn - packedTo + packedFrom;
    }

    private static BadBodyException endsEarly() {
        return malformed("it ends too early");
    }

    private static BadBodyException malformed(String what) {
        return new BadBodyException(
                400, "malformed-encoding", "The body is not whole gzip: " + what + ".");
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
