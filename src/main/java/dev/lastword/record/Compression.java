package dev.lastword.record;

/// How the records of a batch are compressed (attribute bits 0 to 2). The header never is.
public enum Compression {
    /// Records lie in the batch as they are.
    NONE(0),
    /// RFC 1952.
    GZIP(1),
    /// Snappy in the framing of snappy-java.
    SNAPPY(2),
    /// LZ4 frames.
    LZ4(3),
    /// Zstandard frames.
    ZSTD(4);

    private static final Compression[] BY_ID = values();

    /// The number of ids that mean something; greater ones are not a codec.
    static final int COUNT = BY_ID.length;

    private final int id;

    Compression(int id) {
        this.id = id;
    }

    /// The number that stands for this codec in a batch's attributes, 0 to 4.
    public int id() {
        return id;
    }

    /// The codec of an id in `[0, COUNT)`.
    static Compression ofId(int id) {
        return BY_ID[id];
    }
}
