package dev.lastword.record;

/// The partition that Kafka's producer chooses for a key: so that a key has the same partition here
/// as in the topic that it is mirrored from or written to.
public final class KafkaPartitioner {
    private static final int SEED = 0x9747b28c;
    private static final int MIX = 0x5bd1e995;

    private KafkaPartitioner() {}

    /// The partition of `key` among `partitions`, in `[0, partitions)`.
    public static int partition(byte[] key, int partitions) {
        return (murmur2(key) & Integer.MAX_VALUE) % partitions;
    }

    /// 32-bit MurmurHash2 (Austin Appleby, public domain) over little-endian words, with Kafka's
    /// seed.
    static int murmur2(byte[] data) {
        int length = data.length;
        int hash = SEED ^ length;
        int tail = length & ~3;
        for (int i = 0; i < tail; i += 4) {
            int word = unsigned(data[i]);
            word |= unsigned(data[i + 1]) << 8;
            word |= unsigned(data[i + 2]) << 16;
            word |= unsigned(data[i + 3]) << 24;
            word *= MIX;
            word ^= word >>> 24;
            hash = hash * MIX ^ word * MIX;
        }
        if (tail < length) {
            int rest = 0;
            for (int i = length - 1; i >= tail; i--) {
                rest = rest << 8 | unsigned(data[i]);
            }
            hash = (hash ^ rest) * MIX;
        }
        hash = (hash ^ hash >>> 13) * MIX;
        return hash ^ hash >>> 15;
    }

    private static int unsigned(byte b) {
        return b & 0xff;
    }
}
