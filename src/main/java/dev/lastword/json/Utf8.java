package dev.lastword.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Checks UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. JSON
/// parsers are laxer, and would keep bytes that the next reader refuses.
public final class Utf8 {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Utf8() {}

    public static boolean isValid(byte[] bytes) {
        return firstInvalid(bytes, 0, bytes.length) < 0;
    }

    /// Index of the first byte that begins no character, or -1.
    public static int firstInvalid(byte[] b, int from, int to) {
        int i = from;
        while (i < to) {
            if (b[i] >= 0) {
                i = skipAscii(b, i + 1, to);
                continue;
            }
            int length = sequence(b, i, to);
            if (length == 0) {
                return i;
            }
            i += length;
        }
        return -1;
    }

    private static int skipAscii(byte[] b, int from, int to) {
        int i = from;
        while (i <= to - Long.BYTES && ((long) LONGS.get(b, i) & NOT_ASCII) == 0) {
            i += Long.BYTES;
        }
        while (i < to && b[i] >= 0) {
            i++;
        }
        return i;
    }

    /// Length of the character of two bytes or more that begins here, or 0 if there is none.
    private static int sequence(byte[] b, int i, int to) {
        int lead = b[i] & 0xff;
        int length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (lead < 0xc2 || lead > 0xf4 || i + length > to) {
            return 0;
        }
        for (int k = 1; k < length; k++) {
            if ((b[i + k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        int second = b[i + 1] & 0xff;
        boolean wrong =
                switch (lead) {
                    case 0xe0 -> second < 0xa0; // overlong
                    case 0xed -> second > 0x9f; // surrogates
                    case 0xf0 -> second < 0x90; // overlong
                    case 0xf4 -> second > 0x8f; // above U+10FFFF
                    default -> false;
                };
        return wrong ? 0 : length;
    }
}
