package dev.lastword.http;

import dev.lastword.log.PartitionLog;
import dev.lastword.log.Topic;
import dev.lastword.read.CannotContinueException;
import dev.lastword.read.Changes;
import dev.lastword.read.KeyFilter;
import dev.lastword.read.OffsetsVector;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a request for changes asks for.
///
/// @param from `earliest`, `latest` or an offsets vector
/// @param field what said so, for an error
/// @param partitions a list, or null for all
record ChangesQuery(String from, String field, @Nullable String partitions, KeyFilter filter) {
    static final String LAST_EVENT_ID = "Last-Event-ID";

    /// A vector of more partitions would make each event's id too long.
    static final int PARTITIONS_MAX = 200;

    /// @param query of the target, still encoded
    /// @param lastEventId where a stream was left; it beats `from`
    static ChangesQuery parse(String query, @Nullable String lastEventId) {
        String resumed = lastEventId == null ? "" : lastEventId;
        String from = KeyParam.textInQuery(query, "from");
        String start = from == null ? "latest" : from;
        return new ChangesQuery(
                resumed.isEmpty() ? start : resumed,
                resumed.isEmpty() ? "from" : LAST_EVENT_ID,
                KeyParam.textInQuery(query, "partitions"),
                filter(query));
    }

    private static KeyFilter filter(String query) {
        byte[] key = KeyParam.inQuery(query, "key");
        byte[] prefix = KeyParam.inQuery(query, "prefix");
        if (key != null && prefix != null) {
            throw new ProblemException(
                            400, "invalid-parameter", "Ask for one key or for a prefix, not both.")
                    .with("field", "prefix");
        }
        if (key != null) {
            return KeyFilter.key(KeyParam.checked(key));
        }
        return prefix == null ? KeyFilter.all() : KeyFilter.prefix(prefix);
    }

    /// The position in each partition.
    ///
    /// @throws CannotContinueException if one of them cannot be continued
    /// @throws ProblemException 400 that names the parameter
    List<Changes> open(Topic topic) {
        SortedSet<Integer> wanted = Partitions.parse(partitions, topic, PARTITIONS_MAX);
        return switch (from) {
            case "earliest" -> each(topic, wanted, log -> Changes.earliest(log, filter));
            case "latest" -> each(topic, wanted, log -> Changes.latest(log, filter));
            default -> {
                OffsetsVector vector = vector();
                if (!vector.epoch().equals(topic.epoch())) {
                    throw new CannotContinueException(
                            -1,
                            -1,
                            "The offsets "
                                    + field
                                    + " names belong to an earlier topic '"
                                    + topic.name()
                                    + "', which was deleted.");
                }
                checkPartitions(vector, wanted, topic);
                yield each(
                        topic,
                        wanted,
                        log -> Changes.from(log, filter, offset(vector, log.partition())));
            }
        };
    }

    private static List<Changes> each(
            Topic topic, SortedSet<Integer> partitions, Function<PartitionLog, Changes> open) {
        List<Changes> all = new ArrayList<>(partitions.size());
        partitions.forEach(p -> all.add(open.apply(topic.partition(p))));
        return all;
    }

    private OffsetsVector vector() {
        try {
            return OffsetsVector.parse(from);
        } catch (IllegalArgumentException e) {
            throw invalid(
                    e.getMessage()
                            + "; give earliest, latest, or what Lastword-Offsets or an event's id"
                            + " said.");
        }
    }

    private void checkPartitions(OffsetsVector vector, SortedSet<Integer> wanted, Topic topic) {
        SortedSet<Integer> missing = new TreeSet<>(wanted);
        missing.removeAll(vector.next().keySet());
        if (!missing.isEmpty()) {
            throw invalid(
                    "The offsets vector says nothing of partition "
                            + missing.first()
                            + "; name in partitions= those that you want.");
        }
        if (vector.next().lastKey() >= topic.partitions().size()) {
            throw invalid(
                    "The offsets vector names partition "
                            + vector.next().lastKey()
                            + "; the topic has "
                            + topic.partitions().size()
                            + ".");
        }
    }

    private static long offset(OffsetsVector vector, int partition) {
        Long offset = vector.next().get(partition);
        if (offset == null) {
            throw new IllegalStateException("not checked");
        }
        return offset;
    }

    private ProblemException invalid(String detail) {
        return new ProblemException(400, "invalid-parameter", field + ": " + detail)
                .with("field", field);
    }
}
