package dev.lastword.record;

import java.util.Random;

/// Runs a law with a fixed set of seeds, or with the one of `-Dseed=`, and prints the seed that
/// breaks it.
public final class Seeds {
    private Seeds() {}

    /// A claim to test with chance.
    public interface Law {
        void check(Random random) throws Exception;
    }

    /// Checks `law` with seeds 1 to `count`.
    public static void check(int count, Law law) throws Exception {
        Long replayed = Long.getLong("seed");
        long first = replayed == null ? 1 : replayed;
        long last = replayed == null ? count : replayed;
        for (long seed = first; seed <= last; seed++) {
            try {
                law.check(new Random(seed));
            } catch (Exception | AssertionError e) {
                System.err.println("failed with seed " + seed + ": replay with -Dseed=" + seed);
                throw e;
            }
        }
    }
}
