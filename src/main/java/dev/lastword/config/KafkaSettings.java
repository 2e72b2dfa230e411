package dev.lastword.config;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What is mirrored from Kafka, and how. Where the brokers are and how to reach them is for Kafka's
/// own settings, `kafka.*`. Immutable.
///
/// @param topics mirrored by name
/// @param pattern of the names of topics that are mirrored as they appear, or null
/// @param groupId the consumer group whose members share the partitions
/// @param onUnusable what becomes of a record that a log of keyed records cannot hold
/// @param deadLetterTopic where such records go under [OnUnusable#DEAD_LETTER]
/// @param onGap what to do when records may have been missed
public record KafkaSettings(
        List<String> topics,
        @Nullable Pattern pattern,
        String groupId,
        OnUnusable onUnusable,
        String deadLetterTopic,
        OnGap onGap) {

    /// For a record without a key, or too large for the topic.
    public enum OnUnusable {
        /// It is left out and counted.
        SKIP,
        /// The partition stops before it.
        FAIL,
        /// It is sent to another topic of the source, left out and counted.
        DEAD_LETTER
    }

    /// For a source that has deleted what was not mirrored yet.
    public enum OnGap {
        /// The partition is mirrored from the start again.
        REBUILD,
        /// It goes on behind the gap, which is counted.
        CONTINUE
    }

    public KafkaSettings {
        topics = List.copyOf(topics);
    }

    public boolean isOn() {
        return !topics.isEmpty() || pattern != null;
    }

    /// What matches the names that are mirrored, where there is a pattern.
    public Pattern union() {
        StringBuilder any = new StringBuilder();
        topics.forEach(t -> any.append(Pattern.quote(t)).append('|'));
        return pattern == null
                ? Pattern.compile(any + "(?!)")
                : Pattern.compile(any + "(?:" + pattern + ")");
    }

    /// Whether a topic of this name is one that Kafka owns.
    public boolean mirrors(String topic) {
        return topics.contains(topic) || (pattern != null && pattern.matcher(topic).matches());
    }
}
