package dev.lastword.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// What was polled and is not yet known to be of the topics that are mirrored, in the order in
/// which it was polled. What is of a topic that the source tells nothing of waits until an answer
/// about that topic tells something. For the thread that owns the consumer.
///
/// @param <T> what was polled at once of one partition
final class Unproven<T> {
    private final Function<T, String> topicOf;
    private final List<T> waiting = new ArrayList<>();
    private final Set<String> refused = new HashSet<>();

    Unproven(Function<T, String> topicOf) {
        this.topicOf = topicOf;
    }

    void add(T polled) {
        waiting.add(polled);
    }

    /// Takes back, before all that was polled since, what was taken and not answered for.
    void putBack(List<T> taken) {
        waiting.addAll(0, taken);
    }

    void removeIf(Predicate<T> condition) {
        waiting.removeIf(condition);
    }

    /// Whether there is something to ask about.
    boolean isAskable() {
        return !waiting.stream().allMatch(this::isRefused);
    }

    /// Takes all that the source can be asked about.
    List<T> take() {
        List<T> taken = new ArrayList<>(waiting);
        taken.removeIf(this::isRefused);
        waiting.removeIf(polled -> !isRefused(polled));
        return taken;
    }

    private boolean isRefused(T polled) {
        return refused.contains(topicOf.apply(polled));
    }

    /// Notes which of the topics just asked about the source tells nothing of.
    void answered(Collection<String> asked, Collection<String> refusedOfThem) {
        refused.removeAll(asked);
        refused.addAll(refusedOfThem);
    }

    /// Forgets the refusals of all topics but these.
    void keepRefusals(Collection<String> topics) {
        refused.retainAll(topics);
    }

    /// Whether some topic is refused.
    boolean hasRefusals() {
        return !refused.isEmpty();
    }
}
