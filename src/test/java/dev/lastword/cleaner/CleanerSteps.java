package dev.lastword.cleaner;

import dev.lastword.cleaner.PassControl.StoppedException;
import dev.lastword.log.FlushTimes;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Segment;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The cleaner's steps in the caller's thread, one at a time, for tests that must know what runs
/// when.
public final class CleanerSteps {
    private CleanerSteps() {}

    /// One pass over what may be cleaned now; nothing where the policy does not compact.
    public static PassResult clean(PartitionLog log, long nowMs) throws IOException {
        return clean(log, nowMs, () -> {});
    }

    /// As [#clean(PartitionLog, long)]; `meanwhile` runs behind each batch, in the middle of it.
    public static PassResult clean(PartitionLog log, long nowMs, Runnable meanwhile)
            throws IOException {
        return clean(log, nowMs, meanwhile, true);
    }

    /// One pass over what is worth it.
    public static PassResult cleanWorthwhile(PartitionLog log, long nowMs) throws IOException {
        return clean(log, nowMs, () -> {}, false);
    }

    private static PassResult clean(PartitionLog log, long nowMs, Runnable meanwhile, boolean all)
            throws IOException {
        BooleanSupplier stop =
                () -> {
                    meanwhile.run();
                    return false;
                };
        if (!log.config().compacts()) {
            return new PassResult(log.startOffset(), 0, 0, 0, 0, 0, 0, 0);
        }
        log.maintenance().lock();
        try {
            List<Segment> segments = Eligibility.cleanable(log, nowMs);
            Choice choice =
                    all
                            ? Choice.everything(segments, nowMs)
                            : Eligibility.choose(log, segments, nowMs);
            return new Pass(log, new PassControl(stop, new Throttle(0, new FlushTimes())), nowMs)
                    .run(segments, choice);
        } catch (StoppedException e) {
            throw new IllegalStateException(e);
        } finally {
            log.maintenance().unlock();
        }
    }

    /// Completes a swap that stopped in the middle, as the next attempt to clean does first.
    public static void complete(PartitionLog log) throws IOException {
        log.maintenance().lock();
        try {
            log.completeSwap();
        } finally {
            log.maintenance().unlock();
        }
    }

    /// One run of retention; whether anything went.
    public static boolean retain(PartitionLog log, long nowMs) throws IOException {
        log.maintenance().lock();
        try {
            return Retention.apply(log, nowMs) != null;
        } finally {
            log.maintenance().unlock();
        }
    }

    /// Whether the cleaner would choose the partition now.
    public static boolean isEligible(PartitionLog log, long nowMs) {
        return Eligibility.of(log, nowMs).eligible();
    }

    /// Where the first segment begins that a pass now would not touch.
    public static long cleanableEnd(PartitionLog log, long nowMs) {
        List<Segment> segments = Eligibility.cleanable(log, nowMs);
        return segments.isEmpty() ? 0 : segments.getLast().nextOffset();
    }

    /// Unlinks the replaced and deleted files whose time has come.
    public static void unlink(PartitionLog log) throws IOException {
        while (log.unlinkSome()) {
            // goes on
        }
    }
}
