package dev.lastword.crash;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What must be found after a crash: of each key its last acknowledged value, or one of the writes
/// behind it whose outcome nobody knows. A copy for each crash, because what a reader was shown
/// after one counts in the next.
final class Expected {
    /// A value, or null for a deletion, and where it was stored, -1 where that is not known.
    record Write(String key, @Nullable String value, long offset) {}

    /// A topic as its clients know it.
    static final class TopicState {
        final int partitions;
        boolean creating;
        boolean deleting;

        /// Keys that retention may have taken.
        boolean retaining;

        final Map<String, Write> acknowledged = new HashMap<>();
        final Map<String, List<Write>> unknown = new HashMap<>();
        final long[] ends;

        TopicState(int partitions) {
            this.partitions = partitions;
            this.ends = new long[partitions];
        }

        TopicState(TopicState of) {
            this(of.partitions);
            creating = of.creating;
            deleting = of.deleting;
            retaining = of.retaining;
            acknowledged.putAll(of.acknowledged);
            of.unknown.forEach((k, v) -> unknown.put(k, new ArrayList<>(v)));
            System.arraycopy(of.ends, 0, ends, 0, ends.length);
        }

        void acknowledge(Write w) {
            acknowledged.put(w.key, w);
            unknown.remove(w.key);
        }

        void mayBe(Write w) {
            unknown.computeIfAbsent(w.key, k -> new ArrayList<>()).add(w);
        }

        Set<String> keys() {
            Set<String> keys = new LinkedHashSet<>(acknowledged.keySet());
            keys.addAll(unknown.keySet());
            return keys;
        }
    }

    final Map<String, TopicState> topics = new HashMap<>();

    Expected copy() {
        Expected copy = new Expected();
        topics.forEach((name, t) -> copy.topics.put(name, new TopicState(t)));
        return copy;
    }
}
