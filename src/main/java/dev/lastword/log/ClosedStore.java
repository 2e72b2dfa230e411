package dev.lastword.log;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// A data directory of ours that no service runs on, locked for as long as this is open, and what
/// it knows of one of its partitions besides the log. Not thread-safe.
public final class ClosedStore implements AutoCloseable {
    private final DataDirectory directory;
    private final DataDirectory.TopicFile topic;
    private final int partition;
    private final CleaningState cleaning;

    private ClosedStore(
            Disk disk, DataDirectory directory, DataDirectory.TopicFile topic, int partition)
            throws IOException {
        this.directory = directory;
        this.topic = topic;
        this.partition = partition;
        this.cleaning = new CleaningState(disk, directory.cleaningFile(topic.epoch(), partition));
    }

    /// Whether a directory is a data directory of ours.
    public static boolean isStore(Disk disk, Path root) throws IOException {
        return disk.exists(root.resolve("lastword").resolve("store"));
    }

    /// Locks the data directory.
    ///
    /// @throws LogException.DataDirectoryLocked if a service runs on it
    /// @throws LogException.UnknownTopic if it has no such topic
    public static ClosedStore open(Disk disk, Path root, String topic, int partition)
            throws IOException {
        DataDirectory directory = DataDirectory.open(disk, root, Duration.ZERO);
        boolean ok = false;
        try {
            for (DataDirectory.TopicFile t : directory.topics()) {
                if (t.name().equals(topic) && !t.deleting() && partition < t.partitions()) {
                    ClosedStore store = new ClosedStore(disk, directory, t, partition);
                    ok = true;
                    return store;
                }
            }
            throw new LogException.UnknownTopic(topic);
        } finally {
            if (!ok) {
                directory.unlock();
            }
        }
    }

    /// Whether the service that ran on it last stopped in order.
    public boolean isClosedCleanly() throws IOException {
        return directory.hasCleanShutdown();
    }

    /// The settings given for the topic.
    public Map<String, String> topicConfig() {
        return topic.config();
    }

    /// To be called before the log is changed: removes what would speak of the old segments.
    public void forgetDerived() throws IOException {
        directory.forgetDerived(topic.epoch(), partition);
    }

    /// To be called before a tombstone at this offset is dropped.
    public void tombstoneDropped(long offset) throws IOException {
        cleaning.tombstoneDropped(offset);
    }

    /// To be called after all below the offset is durably clean.
    public void cleaned(long upTo, long atMs) throws IOException {
        cleaning.cleaned(upTo, atMs);
    }

    @Override
    public void close() throws IOException {
        directory.unlock();
    }
}
