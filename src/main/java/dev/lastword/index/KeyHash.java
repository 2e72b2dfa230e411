package dev.lastword.index;

/// The 128-bit keyed hash of one record key, as two halves. A mutable holder, so that hashing
/// allocates nothing; not thread-safe, each thread keeps its own.
public final class KeyHash {
    /// The first eight bytes of the hash, little-endian.
    public long hi;

    /// The last eight bytes of the hash, little-endian.
    public long lo;
}
