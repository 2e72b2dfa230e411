package dev.lastword.crash;

import java.util.Map;

/// Everything a store does, once: what the crash tests stop in the middle.
final class Script {
    private Script() {}

    interface Step {
        void run(Machine m) throws Exception;
    }

    private static final String A = "a";
    private static final String B = "b";
    private static final String C = "c";

    private static final Step[] STEPS = {
        Machine::open,
        m -> m.create(A, 2, Map.of("segment.bytes", "1200", "delete.retention.ms", "100")),
        m -> m.write(A, "k0"),
        m -> m.write(A, "k0", "k1", "k2", "k3", "k4"),
        m -> m.write(A, "-k1", "k0", "k2", "-k5"),
        m -> m.write(A, "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"),
        m -> m.write(A, "k0", "k1", "k2", "k3", "-k4", "k5", "-k6", "k7"),
        m -> m.checkpoint(A, "k7", "-k5"),
        m -> m.roll(A),
        m ->
                m.create(
                        B,
                        1,
                        Map.of(
                                "segment.bytes",
                                "1024",
                                "file.delete.delay.ms",
                                "0",
                                "compression.type",
                                "lz4")),
        m -> m.clean(A), // stamps tombstones
        m -> m.write(A, "k6", "k0", "-k7"),
        m -> m.write(B, "k0", "k1", "k2", "-k0"),
        m -> m.clock.step(200),
        m -> m.store().configure(A, Map.of("segment.bytes", "3000", "file.delete.delay.ms", "0")),
        m -> m.roll(A),
        m -> m.clean(A), // several segments become one; tombstones go
        m -> m.checkpoint(B, "k0"),
        m -> m.write(B, "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"),
        Machine::close,
        Machine::open,
        m -> m.write(A, "k0", "-k3", "k9"),
        m -> m.write(B, "k0", "-k3", "k9"),
        m -> m.roll(B),
        m -> m.clean(B),
        m ->
                m.store()
                        .configure(
                                B,
                                Map.of("cleanup.policy", "compact,delete", "retention.ms", "500")),
        m -> m.clock.step(1000),
        m -> m.write(B, "k9", "k10"),
        m -> m.checkpoint(B),
        m -> m.retain(B),
        m -> m.write(B, "k1", "-k9"),
        m -> m.delete(A),
        m -> m.create(A, 1, Map.of()),
        m -> m.write(A, "k1", "k2", "-k1"),
        m -> m.roll(A),
        m -> m.clean(A),
        m ->
                m.create(
                        C,
                        1,
                        Map.of(
                                "compaction.strategy",
                                "timestamp",
                                "segment.bytes",
                                "1024",
                                "delete.retention.ms",
                                "100")),
        m -> m.write(C, "k0", "k1", "k2", "k3"),
        m -> m.write(C, "-k1", "k2", "-k4"),
        m -> m.roll(C),
        m -> m.write(C, "~k1", "~k0", "~k4"), // late: the tombstones are repeated
        m -> m.clean(C),
        m -> m.checkpoint(C, "k3", "~k2"),
        m -> m.roll(C),
        m -> m.clock.step(200),
        m -> m.write(C, "k2", "~k1"),
        m -> m.roll(C),
        m -> m.clean(C),
        m -> m.clock.step(200),
        m -> m.clean(C), // tombstones go
        Machine::close,
    };

    /// Runs it until it ends or the disk stops; whether it came to its end.
    static boolean run(Machine m) throws Exception {
        for (Step s : STEPS) {
            try {
                s.run(m);
            } catch (Exception | Error e) {
                if (m.disk.hasCrashed()) {
                    m.abandon();
                    return false;
                }
                throw e;
            }
            if (m.disk.hasCrashed()) {
                m.abandon();
                return false;
            }
        }
        return true;
    }
}
