package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import dev.lastword.log.LogException;
import dev.lastword.log.LogStore;
import dev.lastword.log.NewRecord;
import dev.lastword.log.Topic;
import dev.lastword.log.TopicNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the topic that a request names. Thread-safe.
@ApplicationScoped
public class TopicAccess {
    private final LogStore store;
    private final LastwordConfig config;

    TopicAccess(LogStore store, LastwordConfig config) {
        this.store = store;
        this.config = config;
    }

    /// The topic, which must exist. Does not block.
    ///
    /// @throws LogException.UnknownTopic where it does not
    public Topic forRead(String name) {
        return store.topic(name);
    }

    /// The topic if it exists. Does not block.
    public @Nullable Topic find(String name) {
        return store.find(name);
    }

    /// Refuses to write a topic that Kafka owns.
    ///
    /// @throws ProblemException 403 for a mirrored topic, or a name that is to be mirrored
    public void checkNotMirrored(String name) {
        Topic existing = store.find(name);
        if (config.kafka().mirrors(name) || (existing != null && existing.isMirrored())) {
            throw new ProblemException(
                    403,
                    "mirrored-topic",
                    "Topic '"
                            + name
                            + "' is mirrored from Kafka and takes no writes here; produce to it"
                            + " there.");
        }
    }

    /// Refuses to delete a topic that would come back at once.
    ///
    /// @throws ProblemException 403 for a name that is mirrored
    public void checkDeletable(String name) {
        if (config.kafka().mirrors(name)) {
            throw new ProblemException(
                    403,
                    "mirrored-topic",
                    "Topic '"
                            + name
                            + "' is mirrored from Kafka; take it out of lastword.kafka.topics"
                            + " first.");
        }
    }

    /// The topic; made with one partition and the default settings where there is none and
    /// `lastword.auto-create-topics` allows it. Making one waits for the disk: not on an event
    /// loop.
    ///
    /// @param record the first that is to be written there; none is made for one that does not fit
    /// @throws ProblemException 403 where it is mirrored
    /// @throws LogException.UnknownTopic where there is none and none may be made
    /// @throws LogException.InvalidTopicName where none can have that name
    /// @throws LogException.RecordTooLarge where none is made for the record
    public Topic forWrite(String name, NewRecord record) {
        checkNotMirrored(name);
        Topic existing = store.find(name);
        if (existing != null) {
            return existing;
        }
        if (!config.autoCreateTopics()) {
            throw new LogException.UnknownTopic(name);
        }
        TopicNames.check(name);
        checkFitsNew(record);
        return create(name);
    }

    /// @throws LogException.RecordTooLarge where a topic that [#forWrite] makes would refuse it
    void checkFitsNew(NewRecord record) {
        int bytesMax = config.topicDefaults().maxMessageBytes();
        long bytes = record.sizeInBatch();
        if (bytes > bytesMax) {
            throw new LogException.RecordTooLarge(bytes, bytesMax);
        }
    }

    /// @throws ProblemException 404 where the topic has no such partition
    static void ensureHas(Topic topic, int partition) {
        int partitions = topic.partitions().size();
        if (partition < 0 || partition >= partitions) {
            throw new ProblemException(
                    404,
                    "unknown-partition",
                    "Topic '"
                            + topic.name()
                            + "' has the partitions 0 to "
                            + (partitions - 1)
                            + ".");
        }
    }

    private Topic create(String name) {
        try {
            return store.create(name, 1, Map.of());
        } catch (LogException.TopicExists e) {
            return store.topic(name); // another request made it meanwhile
        }
    }
}
