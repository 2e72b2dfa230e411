package dev.lastword.record;

import java.nio.ByteBuffer;

/// Integers of variable length as Kafka's records hold them: zigzag (the sign in the lowest bit, so
/// that small negative numbers are short too), then groups of seven bits, the lowest first, the top
/// bit of a byte saying that another follows. All positions are absolute; the buffer's own position
/// is neither used nor moved.
public final class Varints {
    /// The longest encoding of an int, in bytes.
    public static final int INT_BYTES_MAX = 5;

    /// The longest encoding of a long, in bytes.
    public static final int LONG_BYTES_MAX = 10;

    /// What [#endOfInt] and [#endOfLong] answer when there is no sound encoding.
    public static final int MALFORMED = -1;

    private Varints() {}

    /// The bytes that `value` takes, 1 to 5.
    public static int sizeOfInt(int value) {
        int zigzag = value << 1 ^ value >> 31;
        return (38 - Integer.numberOfLeadingZeros(zigzag | 1)) / 7; // bits, in sevens, rounded up
    }

    /// The bytes that `value` takes, 1 to 10.
    public static int sizeOfLong(long value) {
        long zigzag = value << 1 ^ value >> 63;
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /// Writes `value` at `position` and returns the position behind it.
    public static int putInt(ByteBuffer out, int position, int value) {
        int rest = value << 1 ^ value >> 31;
        int at = position;
        while ((rest & ~0x7f) != 0) {
            out.put(at++, (byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put(at++, (byte) rest);
        return at;
    }

    /// Writes `value` at `position` and returns the position behind it.
    public static int putLong(ByteBuffer out, int position, long value) {
        long rest = value << 1 ^ value >> 63;
        int at = position;
        while ((rest & ~0x7fL) != 0) {
            out.put(at++, (byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put(at++, (byte) rest);
        return at;
    }

    /// The position behind the int that begins at `position`, or [#MALFORMED] if it does not end
    /// before `limit` or has more than 32 bits.
    public static int endOfInt(ByteBuffer in, int position, int limit) {
        return endOf(in, position, limit, INT_BYTES_MAX, 0x0f);
    }

    /// The position behind the long that begins at `position`, or [#MALFORMED] if it does not end
    /// before `limit` or has more than 64 bits.
    public static int endOfLong(ByteBuffer in, int position, int limit) {
        return endOf(in, position, limit, LONG_BYTES_MAX, 0x01);
    }

    private static int endOf(ByteBuffer in, int position, int limit, int bytesMax, int lastMax) {
        int readable = Math.min(bytesMax, limit - position);
        for (int i = 0; i < readable; i++) {
            byte b = in.get(position + i);
            if (b >= 0) {
                return i == bytesMax - 1 && b > lastMax ? MALFORMED : position + i + 1;
            }
        }
        return MALFORMED;
    }

    /// The int at `position`, which [#endOfInt] found sound.
    public static int intAt(ByteBuffer in, int position) {
        int zigzag = 0;
        int at = position;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get(at++);
            zigzag |= (b & 0x7f) << shift;
            if (b >= 0) {
                return zigzag >>> 1 ^ -(zigzag & 1);
            }
        }
    }

    /// The long at `position`, which [#endOfLong] found sound.
    public static long longAt(ByteBuffer in, int position) {
        long zigzag = 0;
        int at = position;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get(at++);
            zigzag |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return zigzag >>> 1 ^ -(zigzag & 1);
            }
        }
    }
}
