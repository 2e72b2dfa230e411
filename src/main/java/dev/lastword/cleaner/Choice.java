package dev.lastword.cleaner;

import dev.lastword.log.Segment;
import dev.lastword.log.SegmentFacts;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which segments a pass rewrites, where the others stay as they are (as in a log-structured file
/// system). To win a segment's dead bytes all of it has to be read and the rest of it written, so
/// one with little garbage waits until it has more. Taken are
/// - segments of which the dead part is at least half of `min.cleanable.dirty.ratio`: so, however
///   the garbage is spread, what is left of it behind a pass is less than that part of the log;
/// - segments with a tombstone whose delete horizon has passed, or that has waited for one as long
///   as `delete.retention.ms`; and those before them that still have to be cleaned past it (I5).
///
/// A pass over everything, for a requested compaction or an overdue one, takes each segment that
/// has any garbage or any tombstone to be dealt with.
///
/// Immutable.
final class Choice {
    private final Set<Segment> taken = new HashSet<>();

    private Choice() {}

    /// Everything that a pass would change.
    static Choice everything(List<Segment> segments, long nowMs) {
        Choice choice = new Choice();
        segments.stream().filter(s -> needsWork(s, nowMs)).forEach(choice.taken::add);
        return choice;
    }

    /// What is worth it.
    ///
    /// @param segments the log's first ones
    static Choice worthwhile(
            List<Segment> segments, double minDirtyRatio, long deleteRetentionMs, long nowMs) {
        Choice choice = new Choice();
        long cleanTo = 0; // all segments before it must be clean past this offset
        for (Segment s : segments.reversed()) {
            SegmentFacts facts = s.facts();
            boolean tombstones =
                    facts.earliestHorizonMs() <= nowMs
                            || hasWaited(facts, deleteRetentionMs, nowMs);
            boolean blocks = facts.deadRecords() > 0 && facts.cleanedTo() < cleanTo;
            boolean pays =
                    facts.deadRecords() > 0
                            && facts.deadBytes() >= minDirtyRatio / 2 * s.sizeBytes();
            if (tombstones || blocks || pays) {
                choice.taken.add(s);
            }
            if (tombstones) {
                cleanTo = Math.max(cleanTo, s.nextOffset());
            }
        }
        return choice;
    }

    /// Whether there is a tombstone without a delete horizon that should have got one by now.
    static boolean hasWaited(SegmentFacts facts, long deleteRetentionMs, long nowMs) {
        return facts.unstampedTombstones() > 0
                && facts.oldestTombstoneMs() <= nowMs - deleteRetentionMs;
    }

    boolean takes(Segment s) {
        return taken.contains(s);
    }

    /// Whether a pass would change anything in the segment: garbage, a tombstone to be stamped, or
    /// one whose time is up.
    private static boolean needsWork(Segment s, long nowMs) {
        return s.facts().deadRecords() > 0
                || s.facts().unstampedTombstones() > 0
                || s.facts().earliestHorizonMs() <= nowMs;
    }
}
