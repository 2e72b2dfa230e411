package dev.lastword.cleaner;

import dev.lastword.log.Segment;
import dev.lastword.log.SegmentFacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which segments a pass rewrites, where the others stay as they are (as in a log-structured file
/// system). To win a segment's dead bytes all of it has to be read and the rest of it written, so
/// one with little garbage waits until it has more. Taken are
/// - segments with a tombstone whose delete horizon has passed, or that has waited for one as long
///   as `delete.retention.ms`; and those before them that still have to be cleaned past it (I5);
/// - then the segments with the greatest dead part, until of what remains less than [#GARBAGE_LEFT]
///   of `min.cleanable.dirty.ratio` is garbage. So the garbage is bounded whatever way it is
///   spread, and is won where that costs least.
///
/// A log-structured file system also prefers segments whose content is old, for what is left of
/// them will not soon be rewritten again. Here a segment keeps its place in the order of offsets
/// when it is rewritten, so that old content is never mixed with new. With the age as a factor more
/// was rewritten, not less, in a simulation of skewed updates: by a quarter and more.
///
/// A pass over everything, for a requested compaction or an overdue one, takes each segment that
/// has any garbage or any tombstone to be dealt with.
///
/// Immutable.
final class Choice {
    /// The part of `min.cleanable.dirty.ratio` that garbage may have of the log behind a pass.
    static final double GARBAGE_LEFT = 0.6;

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
        choice.takeForTombstones(segments, deleteRetentionMs, nowMs);
        choice.takeDeadest(segments, minDirtyRatio * GARBAGE_LEFT);
        return choice;
    }

    private void takeForTombstones(List<Segment> segments, long deleteRetentionMs, long nowMs) {
        long cleanTo = 0; // all segments before it must be clean past this offset
        for (Segment s : segments.reversed()) {
            SegmentFacts facts = s.facts();
            boolean tombstones =
                    facts.earliestHorizonMs() <= nowMs
                            || hasWaited(facts, deleteRetentionMs, nowMs);
            boolean blocks = facts.deadRecords() > 0 && facts.cleanedTo() < cleanTo;
            if (tombstones || blocks) {
                taken.add(s);
            }
            if (tombstones) {
                cleanTo = Math.max(cleanTo, s.nextOffset());
            }
        }
    }

    private void takeDeadest(List<Segment> segments, double partLeft) {
        long left = 0;
        long size = 0;
        List<Garbage> garbage = new ArrayList<>();
        for (Segment s : segments) {
            Garbage g = Garbage.of(s);
            size += s.sizeBytes() - (taken.contains(s) ? g.bytes : 0);
            if (g.bytes > 0 && !taken.contains(s)) {
                left += g.bytes;
                garbage.add(g);
            }
        }
        garbage.sort(Comparator.comparingDouble(Garbage::part).reversed());
        for (Garbage g : garbage) {
            if (left < partLeft * size) {
                return;
            }
            taken.add(g.segment);
            left -= g.bytes;
            size -= g.bytes;
        }
    }

    /// The dead bytes of a segment, as they were when the choice began: they only grow.
    private record Garbage(Segment segment, long bytes) {
        static Garbage of(Segment s) {
            SegmentFacts facts = s.facts();
            return new Garbage(s, facts.deadRecords() > 0 ? facts.deadBytes() : 0);
        }

        double part() {
            return (double) bytes / segment.sizeBytes();
        }
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
