package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import dev.lastword.log.LogException;
import dev.lastword.log.LogStore;
import dev.lastword.log.Topic;
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

    /// The topic; made with one partition and the default settings where there is none and
    /// `lastword.auto-create-topics` allows it. Making one waits for the disk: not on an event
    /// loop.
    ///
    /// @throws LogException.UnknownTopic where there is none and none may be made
    /// @throws LogException.InvalidTopicName where none can have that name
    public Topic forWrite(String name) {
        Topic existing = store.find(name);
        if (existing != null) {
            return existing;
        }
        if (!config.autoCreateTopics()) {
            throw new LogException.UnknownTopic(name);
        }
        return create(name);
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
