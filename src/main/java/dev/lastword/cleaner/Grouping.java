package dev.lastword.cleaner;

import dev.lastword.log.Segment;
import java.util.ArrayList;
import java.util.List;

/// Divides the segments of a pass into groups, each of which becomes one new segment: neighbours
/// are joined as long as together they fit one (Kafka's rule: bytes, and offsets within 32 bits),
/// so that a log does not end up as many tiny files. A segment that needs no work and is not small
/// stays alone, for copying it would win nothing.
final class Grouping {
    private Grouping() {}

    static List<List<Segment>> of(List<Segment> segments, long segmentBytes, long nowMs) {
        List<List<Segment>> groups = new ArrayList<>();
        List<Segment> group = new ArrayList<>();
        long bytes = 0;
        for (Segment s : segments) {
            boolean alone = !needsWork(s, nowMs) && s.sizeBytes() > segmentBytes / 2;
            boolean fits =
                    !group.isEmpty()
                            && !alone
                            && bytes + s.sizeBytes() <= segmentBytes
                            && s.nextOffset() - 1 - group.getFirst().baseOffset()
                                    <= Integer.MAX_VALUE;
            if (!group.isEmpty() && !fits) {
                groups.add(group);
                group = new ArrayList<>();
                bytes = 0;
            }
            group.add(s);
            bytes += s.sizeBytes();
            if (alone) {
                groups.add(group);
                group = new ArrayList<>();
                bytes = 0;
            }
        }
        if (!group.isEmpty()) {
            groups.add(group);
        }
        return groups;
    }

    /// Whether a pass would change anything in the segment: garbage, a tombstone to be stamped, or
    /// one whose time is up.
    static boolean needsWork(Segment s, long nowMs) {
        return s.facts().deadRecords() > 0
                || s.facts().unstampedTombstones() > 0
                || s.facts().earliestHorizonMs() <= nowMs;
    }
}
