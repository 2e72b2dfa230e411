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
        boolean lagOverdue = false;
        long oldestAllowed = nowMs - log.config().maxCompactionLagMs();
        for (Segment s : segments) {
            total += s.sizeBytes();
            dead += s.facts().deadRecords();
            deadBytes += s.facts().deadBytes();
            unstamped += s.facts().unstampedTombstones();
            tombstonesDue |= s.facts().earliestHorizonMs() <= nowMs;
            if (s.nextOffset() > cleanedTo) {
                dirty += s.sizeBytes();
                lagOverdue |= s.firstTimestamp() > 0 && s.firstTimestamp() < oldestAllowed;
            }
        }
        if (tombstonesDue) {
            return yes(true, deadBytes, "tombstones are past their delete horizon", segments);
        }
        if (dead == 0 && unstamped == 0) {
            return no("there is no garbage", segments);
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

    private static Eligibility yes(
            boolean overdue, long deadBytes, String reason, List<Segment> segments) {
        return new Eligibility(true, overdue, deadBytes, reason, segments);
    }

    private static Eligibility no(String reason, List<Segment> segments) {
        return new Eligibility(false, false, 0, reason, segments);
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
                        || closed.get(end).largestTimestamp() <= nowMs - minLagMs)) {
            end++;
        }
        return closed.subList(0, end);
    }
}
