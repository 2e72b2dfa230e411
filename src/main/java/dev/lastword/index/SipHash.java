package dev.lastword.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/// SipHash-1-3 with 128-bit output (Aumasson and Bernstein; `hi` is the first half of the reference
/// code's output, `lo` the second): one round per eight bytes of input, three rounds for each half
/// of the output. The state lives in four local variables, so the rounds are written out in place.
final class SipHash implements KeyHasher {
    private static final VarHandle BUFFER_LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
                    .withInvokeExactBehavior();
    private static final VarHandle ARRAY_LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
                    .withInvokeExactBehavior();

    private final long k0;
    private final long k1;

    SipHash(long k0, long k1) {
        this.k0 = k0;
        this.k1 = k1;
    }

    @Override
    public void hash(ByteBuffer buf, int position, int length, KeyHash out) {
        Objects.checkFromIndexSize(position, length, buf.limit());
        long v0 = start0();
        long v1 = start1();
        long v2 = start2();
        long v3 = start3();
        int end = position + (length & ~7);
        for (int i = position; i < end; i += 8) {
            long m = (long) BUFFER_LONGS.get(buf, i);
            v3 ^= m;
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= m;
        }
        long last = (long) length << 56;
        int rest = length & 7;
        if (rest != 0) {
            if (length > 8) {
                // The last eight bytes, without those that were hashed already.
                last |= (long) BUFFER_LONGS.get(buf, position + length - 8) >>> (64 - 8 * rest);
            } else {
                for (int i = 0; i < rest; i++) {
                    last |= (buf.get(end + i) & 0xffL) << (8 * i);
                }
            }
        }
        finish(v0, v1, v2, v3, last, out);
    }

    @Override
    public void hash(byte[] key, KeyHash out) {
        int length = key.length;
        long v0 = start0();
        long v1 = start1();
        long v2 = start2();
        long v3 = start3();
        int end = length & ~7;
        for (int i = 0; i < end; i += 8) {
            long m = (long) ARRAY_LONGS.get(key, i);
            v3 ^= m;
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= m;
        }
        long last = (long) length << 56;
        int rest = length & 7;
        if (rest != 0) {
            if (length > 8) {
                last |= (long) ARRAY_LONGS.get(key, length - 8) >>> (64 - 8 * rest);
            } else {
                for (int i = 0; i < rest; i++) {
                    last |= (key[end + i] & 0xffL) << (8 * i);
                }
            }
        }
        finish(v0, v1, v2, v3, last, out);
    }

    private long start0() {
        return k0 ^ 0x736f6d6570736575L;
    }

    /// The constant of the 64-bit variant, changed by 0xee as the 128-bit variant asks.
    private long start1() {
        return k1 ^ 0x646f72616e646f6dL ^ 0xee;
    }

    private long start2() {
        return k0 ^ 0x6c7967656e657261L;
    }

    private long start3() {
        return k1 ^ 0x7465646279746573L;
    }

    /// Takes in the last block (length and up to seven bytes), then gives out both halves.
    private static void finish(long v0, long v1, long v2, long v3, long last, KeyHash out) {
        v3 ^= last;
        for (int round = 0; round < 7; round++) {
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            // Round 0 is the last block's, 1 to 3 belong to the first half, 4 to 6 to the second.
            if (round == 0) {
                v0 ^= last;
                v2 ^= 0xee;
            } else if (round == 3) {
                out.hi = v0 ^ v1 ^ v2 ^ v3;
                v1 ^= 0xdd;
            }
        }
        out.lo = v0 ^ v1 ^ v2 ^ v3;
    }
}
