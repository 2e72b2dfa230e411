package dev.lastword.laws;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random operations on a store and on a model of it: whatever happens in whatever order, the laws
/// that [World] names hold. `-Dseeds=` runs more seeds, from `-Dfirst=` on, `-Dseed=` replays one.
/// A failing run is shrunk to a shorter one that still fails.
class LogLawsTest {
    private static final int SEEDS = 100;
    private static final int OPS = 150;

    @Test
    void the_laws_of_the_log_hold_whatever_happens() throws Exception {
        Long one = Long.getLong("seed");
        long first = one == null ? Long.getLong("first", 1) : one;
        long last = one == null ? first + Integer.getInteger("seeds", SEEDS) - 1 : one;
        for (long seed = first; seed <= last; seed++) {
            List<Op> ops = Op.random(new Random(seed), OPS);
            Throwable failure = run(seed, ops);
            if (failure != null) {
                List<Op> fewer = shrink(seed, ops);
                Throwable again = run(seed, fewer);
                StringBuilder text = new StringBuilder();
                text.append("failed with -Dseed=").append(seed).append("; the shortest run found:");
                fewer.forEach(op -> text.append("\n  ").append(op));
                throw new AssertionError(text.toString(), again == null ? failure : again);
            }
        }
    }

    private static Throwable run(long seed, List<Op> ops) {
        World world = new World(seed);
        try {
            for (Op op : ops) {
                world.run(op);
            }
            world.check();
            world.close();
            return null;
        } catch (Exception | Error e) {
            world.abandon();
            return e;
        }
    }

    /// Leaves out halves, quarters and so on, as long as the run still fails.
    private static List<Op> shrink(long seed, List<Op> failing) {
        List<Op> ops = failing;
        for (int size = Math.max(1, ops.size() / 2); size >= 1; size /= 2) {
            for (int from = 0; from < ops.size(); ) {
                List<Op> fewer = new ArrayList<>(ops);
                fewer.subList(from, Math.min(ops.size(), from + size)).clear();
                if (run(seed, fewer) != null) {
                    ops = fewer;
                } else {
                    from += size;
                }
            }
        }
        return ops;
    }
}
