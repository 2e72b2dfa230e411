package dev.lastword.laws;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// One step of a random run. Its numbers mean something in any state of the world, so that a run
/// from which steps were taken out is still a run.
record Op(Kind kind, int a, int b, int c) {
    enum Kind {
        PUT(20),
        DELETE(8),
        CONDITIONAL(8),
        BATCH(4),
        AT_ONCE(5),
        STREAM(2),
        ROLL(5),
        CLEAN(12),
        CLEAN_WHILE_WRITING(4),
        CLEAN_BY_THREADS(2),
        RETAIN(3),
        CONFIGURE(5),
        CLOCK(10),
        CHECKPOINT(4),
        RESTART(3),
        KILL(4),
        RECREATE(1),
        SNAPSHOT_OPEN(3),
        SNAPSHOT_READ(2),
        READ(4);

        final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    static List<Op> random(Random random, int count) {
        int total = 0;
        for (Kind k : Kind.values()) {
            total += k.weight;
        }
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int left = random.nextInt(total);
            Kind kind = Kind.PUT;
            for (Kind k : Kind.values()) {
                left -= k.weight;
                if (left < 0) {
                    kind = k;
                    break;
                }
            }
            ops.add(new Op(kind, number(random), number(random), number(random)));
        }
        return ops;
    }

    private static int number(Random random) {
        return random.nextInt(1 << 20);
    }
}
