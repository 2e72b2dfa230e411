package dev.lastword.cleaner;

import dev.lastword.log.PartitionLog;
import dev.lastword.log.Segment;
import dev.lastword.log.Topic;
import java.util.ArrayList;
import java.util.List;

/// What a requested compaction of a topic would do now, from what the log knows of its own garbage:
/// nothing is read or written.
///
/// @param segmentsRewritten of all segments that may be cleaned
/// @param bytesBefore of all segments that may be cleaned
/// @param bytesAfter the same afterwards, estimated
/// @param bytesToRead of the segments that would be rewritten
/// @param recordsSuperseded that would go
public record DryRun(
        String topic,
        int segmentsRewritten,
        long bytesBefore,
        long bytesAfter,
        long bytesToRead,
        long recordsSuperseded) {

    static DryRun of(Topic topic, long nowMs) {
        int rewritten = 0;
        long before = 0;
        long after = 0;
        long read = 0;
        long dead = 0;
        for (PartitionLog log : topic.partitions()) {
            List<Segment> segments = new ArrayList<>(Eligibility.cleanable(log, nowMs));
            Segment active = log.segments().active();
            boolean rolled =
                    segments.size() == log.segments().closed().size()
                            && !active.isEmpty()
                            && Eligibility.isOldEnough(log, active, nowMs);
            if (rolled) {
                segments.add(active);
            }
            Choice choice = Choice.everything(segments, nowMs);
            for (Segment s : segments) {
                before += s.sizeBytes();
                after += Math.max(0, s.sizeBytes() - s.facts().deadBytes());
                dead += s.facts().deadRecords();
                if (choice.takes(s)) {
                    rewritten++;
                    read += s.sizeBytes();
                }
            }
        }
        return new DryRun(topic.name(), rewritten, before, after, read, dead);
    }
}
