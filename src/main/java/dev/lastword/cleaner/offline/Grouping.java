package dev.lastword.cleaner.offline;

import dev.lastword.log.ClosedSegment;
import java.util.ArrayList;
import java.util.List;

/// Divides segments into groups that become one new segment each, by Kafka's rule: neighbours are
/// joined as long as the sum of their sizes, and that of their indexes, does not exceed the bounds,
/// and all offsets fit 31 bits above the first.
final class Grouping {
    private Grouping() {}

    /// @param end the offset behind the last of the segments
    static List<List<SegmentPlan>> of(List<SegmentPlan> plans, OfflineOptions options, long end) {
        List<List<SegmentPlan>> groups = new ArrayList<>();
        List<SegmentPlan> group = new ArrayList<>();
        long bytes = 0;
        long indexBytes = 0;
        long timeIndexBytes = 0;
        for (int i = 0; i < plans.size(); i++) {
            ClosedSegment s = plans.get(i).segment();
            long lastOffset =
                    (i + 1 < plans.size() ? plans.get(i + 1).segment().baseOffset() : end) - 1;
            boolean fits =
                    !group.isEmpty()
                            && bytes + s.sizeBytes() <= options.segmentBytes()
                            && indexBytes + s.indexBytes() <= options.indexBytesMax()
                            && timeIndexBytes + s.timeIndexBytes() <= options.indexBytesMax()
                            && (s.sizeBytes() == 0
                                    || lastOffset - group.getFirst().segment().baseOffset()
                                            <= Integer.MAX_VALUE);
            if (!fits) {
                group = new ArrayList<>();
                groups.add(group);
                bytes = 0;
                indexBytes = 0;
                timeIndexBytes = 0;
            }
            group.add(plans.get(i));
            bytes += s.sizeBytes();
            indexBytes += s.indexBytes();
            timeIndexBytes += s.timeIndexBytes();
        }
        return groups;
    }
}
