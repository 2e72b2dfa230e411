package dev.lastword.index;

import java.util.List;

/// What is known of a copied page beside its bytes.
///
/// @param prefix the leading bits of `(int) lo` that all its keys share, the other bits 0
/// @param depth how many bits those are
/// @param buckets its size
/// @param used slots that are not empty
/// @param present slots that hold an entry
/// @param tombstones how many of the entries are tombstones
public record PageHead(int prefix, int depth, int buckets, int used, int present, int tombstones) {

    /// The size of the page's bytes: the slots, then the versions.
    public int bytes(boolean versioned) {
        return Math.multiplyExact(buckets, IndexPage.BUCKET_BYTES)
                + (versioned ? IndexPage.versionBytes(buckets) : 0);
    }

    /// Whether these can be the pages of one index, each key having its place in exactly one.
    public static boolean cover(List<PageHead> heads) {
        long next = 0;
        for (PageHead h : heads) {
            if (!h.isBelievable() || Integer.toUnsignedLong(h.prefix) != next) {
                return false;
            }
            next += 1L << (Integer.SIZE - h.depth);
        }
        return next == 1L << Integer.SIZE;
    }

    private boolean isBelievable() {
        boolean size =
                buckets == 0
                        || (buckets > 0 && buckets % IndexPage.BUCKETS_PER_CHUNK == 0)
                        || (buckets > 0
                                && buckets < IndexPage.BUCKETS_PER_CHUNK
                                && Integer.bitCount(buckets) == 1);
        return size
                && depth >= 0
                && depth <= KeyIndex.DEPTH_MAX
                && 0 <= tombstones
                && tombstones <= present
                && present <= used
                && used <= (long) buckets * IndexPage.SLOTS_PER_BUCKET * IndexPage.LOAD_MAX;
    }
}
