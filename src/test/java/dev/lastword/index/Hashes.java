package dev.lastword.index;

/// Hashes for tests, good and bad ones, as functions of a small key number.
enum Hashes {
    GOOD {
        @Override
        void of(long key, KeyHash out) {
            out.hi = mix(key);
            out.lo = mix(~key);
        }
    },
    /// All keys start their search in the same bucket, whatever its page.
    SAME_HOME {
        @Override
        void of(long key, KeyHash out) {
            out.hi = mix(key) >>> 32;
            out.lo = mix(~key);
        }
    },
    /// A few homes, at both ends of a page.
    FEW_HOMES {
        @Override
        void of(long key, KeyHash out) {
            out.hi = (mix(key) >>> 32) | ((key & 1) == 0 ? 0xffff_fff0L << 32 : 0);
            out.lo = mix(~key);
        }
    },
    /// All keys belong to the same page, so that splitting does not help.
    SAME_PAGE {
        @Override
        void of(long key, KeyHash out) {
            out.hi = mix(key);
            out.lo = mix(~key) & ~0xffff_ffffL;
        }
    },
    /// Pages differ in depth: each leading one makes a page half as likely.
    LOPSIDED_PAGES {
        @Override
        void of(long key, KeyHash out) {
            out.hi = mix(key);
            int zeros = Long.numberOfTrailingZeros(mix(key * 7));
            out.lo =
                    (mix(~key) & ~0xffff_ffffL)
                            | ((0xffff_ffffL << (32 - Math.min(zeros, 20))) & 0xffff_ffffL);
        }
    },
    /// Fingerprints differ in the ten highest of the bits that are stored, and in nothing else.
    MORE_BITS_ONLY {
        @Override
        void of(long key, KeyHash out) {
            out.hi = 42;
            out.lo = (key & 0x3ff) << 32;
        }
    };

    abstract void of(long key, KeyHash out);

    KeyHash of(long key) {
        KeyHash hash = new KeyHash();
        of(key, hash);
        return hash;
    }

    private static long mix(long z) {
        z = (z + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 32)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 29);
    }
}
