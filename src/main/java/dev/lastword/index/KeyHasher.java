package dev.lastword.index;

import java.nio.ByteBuffer;

/// Turns a record key into the 128 bits under which [KeyIndex] knows it. Implementations are
/// stateless, thread-safe and allocate nothing. Equal bytes give equal hashes, however they are
/// held.
public interface KeyHasher {
    /// Hashes `length` bytes of `buf` from the absolute `position`. The buffer may be heap or
    /// direct and of any byte order; its position and limit are neither used nor changed, except
    /// that the range must lie below the limit. Several threads may hash out of one buffer at once.
    ///
    /// @throws IndexOutOfBoundsException if the range does not lie in `[0, buf.limit())`
    void hash(ByteBuffer buf, int position, int length, KeyHash out);

    /// Hashes a whole array.
    void hash(byte[] key, KeyHash out);

    /// SipHash-1-3 with 128 bits of output under the given secret. Whoever does not know the secret
    /// cannot make keys that collide or that crowd one part of the index; so it is drawn at random
    /// per data directory and must stay the same as long as anything that was stored under it.
    static KeyHasher keyed(long k0, long k1) {
        return new SipHash(k0, k1);
    }
}
