package dev.lastword.cleaner;

import dev.lastword.log.Segment;
import java.util.ArrayList;
import java.util.List;

/// Divides the segments of a pass into groups, each of which becomes one new segment: neighbours
/// are joined as long as together they fit one (Kafka's rule: bytes, and offsets within 32 bits),
/// so that a log does not end up as many tiny files. A segment that is not chosen and not small
/// stays alone, for copying it would win nothing.
final class Grouping {
    /// A segment is small below this part of `segment.bytes`.
    private static final int SMALL = 8;

    private Grouping() {}

    static List<List<Segment>> of(List<Segment> segments, long segmentBytes, Choice choice) {
        List<List<Segment>> groups = new ArrayList<>();
        List<Segment> group = new ArrayList<>();
        long bytes = 0;
        for (Segment s : segments) {
            boolean alone = !choice.takes(s) && s.sizeBytes() > segmentBytes / SMALL;
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
}
