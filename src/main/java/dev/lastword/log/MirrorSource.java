package dev.lastword.log;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a mirrored topic mirrors: a topic of the same name elsewhere. Offsets of two source topics
/// do not compare, even if their names are the same, so the source's id is kept for each partition:
/// a partition holds records of that one alone.
///
/// @param topicIds of the source topic, for each partition
/// @param resets how often a partition began anew; part of the topic's epoch
/// @param resetting the partition whose old files a reset is removing, or -1
public record MirrorSource(List<String> topicIds, int resets, int resetting) {
    public MirrorSource {
        topicIds = List.copyOf(topicIds);
    }

    static MirrorSource of(String topicId, int partitions) {
        return new MirrorSource(same(topicId, partitions), 0, -1);
    }

    private static List<String> same(String topicId, int count) {
        return Collections.nCopies(count, topicId);
    }

    MirrorSource grown(String topicId, int partitions) {
        List<String> ids = new ArrayList<>(topicIds);
        ids.addAll(same(topicId, partitions - topicIds.size()));
        return new MirrorSource(ids, resets, resetting);
    }

    MirrorSource beginReset(int partition, String topicId) {
        List<String> ids = new ArrayList<>(topicIds);
        ids.set(partition, topicId);
        return new MirrorSource(ids, resets + 1, partition);
    }

    MirrorSource endReset() {
        return new MirrorSource(topicIds, resets, -1);
    }

    static String epoch(String fileEpoch, @Nullable MirrorSource source) {
        return source == null || source.resets == 0 ? fileEpoch : fileEpoch + "r" + source.resets;
    }
}
