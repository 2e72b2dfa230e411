package dev.lastword.cleaner;

import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Segment;
import java.util.List;

/// Whether a partition is worth cleaning now, and why or why not, by Kafka's settings: the ratio of
/// dirty bytes, the bounds on a record's age; and by what the log knows of its own garbage.
///
/// @param eligible a cleaning is due
/// @param overdue a deadline has passed, so it goes before logs that merely have more garbage
/// @param deadBytes what a cleaning would win, estimated
/// @param reason for a person
/// @param segments the closed segments that a cleaning may touch, the log's first ones
record Eligibility(
        boolean eligible, boolean overdue, long deadBytes, String reason, List<Segment> segments) {

    static Eligibility of(PartitionLog log, long nowMs) {
        if (log.hasStoppedSwap() && log.state() == PartitionState.QUARANTINED) {
            return yes(true, 0, log.reason(), List.of());
        }
        if (log.state() != PartitionState.ONLINE) {
            return no("the partition is " + log.state() + ": " + log.reason(), List.of());
        }
        if (!log.config().compacts()) {
            return no("cleanup.policy is delete", List.of());
        }
        List<Segment> segments = cleanable(log, nowMs);
        if (segments.isEmpty()) {
            return no(
                    "all records are in the active segment or younger than min.compaction.lag.ms",
                    segments);
        }
        long cleanedTo = log.cleaning().cleanedTo();
        long total = 0;
        long dirty = 0;
        long dead = 0;
        long deadBytes = 0;
        long unstamped = 0;
        boolean tombstonesDue = false;
        boolean tombstonesWaited = false;
        boolean lagOverdue = false;
        long oldestAllowed = nowMs - log.config().maxCompactionLagMs();
        for (Segment s : segments) {
            total += s.sizeBytes();
            dead += s.facts().deadRecords();
            deadBytes += s.facts().deadBytes();
            unstamped += s.facts().unstampedTombstones();
            tombstonesDue |= s.facts().earliestHorizonMs() <= nowMs;
            tombstonesWaited |=
                    Choice.hasWaited(s.facts(), log.config().deleteRetentionMs(), nowMs);
            if (s.nextOffset() > cleanedTo) {
                dirty += s.sizeBytes();
                lagOverdue |= isOverdue(s, oldestAllowed);
            }
        }
        if (tombstonesDue) {
            return yes(true, deadBytes, "tombstones are past their delete horizon", segments);
        }
        if (dead == 0 && unstamped == 0) {
            return no("there is no garbage", segments);
        }
        long lastMs = log.cleaning().cleanedAtMs().orElse(Long.MIN_VALUE);
        if (tombstonesWaited && lastMs <= nowMs - log.config().deleteRetentionMs()) {
            return yes(true, deadBytes, "tombstones wait for their delete horizon", segments);
        }
        if (lagOverdue) {
            return yes(true, deadBytes, "max.compaction.lag.ms has passed", segments);
        }
        double ratio = (double) dirty / total;
        double min = log.config().minCleanableDirtyRatio();
        if (dirty > 0 && ratio > min) {
            return yes(false, deadBytes, "dirty ratio " + ratio + " is above " + min, segments);
        }
        return no(
                "dirty ratio " + ratio + " is not above min.cleanable.dirty.ratio " + min,
                segments);
    }

    private static boolean isOverdue(Segment s, long oldestAllowedMs) {
        return s.firstTimestamp() > 0 && s.firstTimestamp() < oldestAllowedMs;
    }

    /// What a pass that nobody asked for rewrites: all garbage if `max.compaction.lag.ms` has
    /// passed, else what is worth it.
    static Choice choose(PartitionLog log, List<Segment> segments, long nowMs) {
        long cleanedTo = log.cleaning().cleanedTo();
        long oldestAllowedMs = nowMs - log.config().maxCompactionLagMs();
        for (Segment s : segments) {
            if (s.nextOffset() > cleanedTo && isOverdue(s, oldestAllowedMs)) {
                return Choice.everything(segments, nowMs);
            }
        }
        return Choice.worthwhile(
                segments,
                log.config().minCleanableDirtyRatio(),
                log.config().deleteRetentionMs(),
                nowMs);
    }

    private static Eligibility yes(
            boolean overdue, long deadBytes, String reason, List<Segment> segments) {
        return new Eligibility(true, overdue, deadBytes, reason, segments);
    }

    private static Eligibility no(String reason, List<Segment> segments) {
        return new Eligibility(false, false, 0, reason, segments);
    }

    /// Whether `min.compaction.lag.ms` has passed for all its records.
    static boolean isOldEnough(PartitionLog log, Segment s, long nowMs) {
        long minLagMs = log.config().minCompactionLagMs();
        return minLagMs == 0 || s.largestTimestamp() <= nowMs - minLagMs;
    }

    /// The closed segments up to the first that holds a record within `min.compaction.lag.ms`.
    static List<Segment> cleanable(PartitionLog log, long nowMs) {
        List<Segment> closed = log.segments().closed();
        long minLagMs = log.config().minCompactionLagMs();
        if (minLagMs == 0) {
            return closed;
        }
        long cleanedTo = log.cleaning().cleanedTo();
        int end = 0;
        while (end < closed.size()
                && (closed.get(end).nextOffset() <= cleanedTo
                        || isOldEnough(log, closed.get(end), nowMs))) {
            end++;
        }
        return closed.subList(0, end);
    }
}
