package dev.lastword.log;

import dev.lastword.index.KeyHasher;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskLock;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The folders of a store and the small files in them.
///
/// ```
/// <data-dir>/logs/<topic>-<partition>/     segments, nothing else
/// <data-dir>/lastword/lock                 held while a store is open
/// <data-dir>/lastword/store                format version and the hash secret
/// <data-dir>/lastword/topics/<epoch>       a topic: name, partitions, settings, what it mirrors;
///                                          <epoch>.deleting while it is being deleted
/// <data-dir>/lastword/partitions/<epoch>-<partition>.recovery, .cleaning, .keys, .requests
/// <data-dir>/lastword/quarantine/          damaged bytes that were moved aside ([Salvage])
/// <data-dir>/lastword/clean-shutdown       where each log ended; gone while a store is open
/// ```
///
/// Files are named by the topic's epoch, not by its name: a topic that is made again finds nothing
/// of the old one, and no name gets too long for a file.
final class DataDirectory {
    private static final long LOCK_POLL_NANOS = 50_000_000L;
    private static final String DELETING = ".deleting";
    private static final String CONFIG_PREFIX = "config.";
    private static final String SOURCE_RESETS = "source.resets";
    private static final String SOURCE_RESETTING = "source.resetting";
    private static final String SOURCE_ID_PREFIX = "source.topic.id.";

    /// A topic as its file tells it.
    record TopicFile(
            String name,
            String epoch,
            int partitions,
            boolean deleting,
            Map<String, String> config,
            @Nullable MirrorSource source) {}

    private final Disk disk;
    private final Path root;
    private final DiskLock lock;

    private DataDirectory(Disk disk, Path root, DiskLock lock) {
        this.disk = disk;
        this.root = root;
        this.lock = lock;
    }

    /// Creates what is missing and takes the lock.
    static DataDirectory open(Disk disk, Path root, Duration lockWait) {
        try {
            Path own = root.resolve("lastword");
            disk.createDirectories(root.resolve("logs"));
            disk.createDirectories(own.resolve("topics"));
            disk.createDirectories(own.resolve("partitions"));
            DiskLock lock = lock(disk, own.resolve("lock"), lockWait);
            if (lock == null) {
                throw new LogException.DataDirectoryLocked(root.toString());
            }
            makeDurable(disk, root);
            return new DataDirectory(disk, root, lock);
        } catch (IOException e) {
            throw new LogException.DataDirectoryUnusable(
                    "The data directory " + root + " cannot be used: " + e + ".", e);
        }
    }

    /// A process that was killed may have left names that are seen but not durable yet; what is
    /// built on them must not go with them in a power failure.
    private static void makeDurable(Disk disk, Path root) throws IOException {
        Path own = root.resolve("lastword");
        disk.syncDirectory(own.resolve("topics"));
        disk.syncDirectory(own.resolve("partitions"));
        disk.syncDirectory(own);
        disk.syncDirectory(root.resolve("logs"));
        disk.syncDirectory(root);
        Path parent = root.toAbsolutePath().getParent();
        if (parent != null) {
            try {
                disk.syncDirectory(parent);
            } catch (AccessDeniedException e) {
                return; // not ours to read, and so not where we made the root
            }
        }
    }

    private static @Nullable DiskLock lock(Disk disk, Path file, Duration wait) throws IOException {
        long start = System.nanoTime();
        while (true) {
            DiskLock lock = disk.tryLock(file);
            if (lock != null || System.nanoTime() - start >= wait.toNanos()) {
                return lock;
            }
            LockSupport.parkNanos(LOCK_POLL_NANOS);
        }
    }

    void unlock() throws IOException {
        lock.close();
    }

    Path root() {
        return root;
    }

    Path logs() {
        return root.resolve("logs");
    }

    Path log(String topic, int partition) {
        return logs().resolve(topic + "-" + partition);
    }

    Path recoveryFile(String epoch, int partition) {
        return own("partitions").resolve(epoch + "-" + partition + ".recovery");
    }

    Path cleaningFile(String epoch, int partition) {
        return own("partitions").resolve(epoch + "-" + partition + ".cleaning");
    }

    Path requestsFile(String epoch, int partition) {
        return own("partitions").resolve(epoch + "-" + partition + ".requests");
    }

    Path checkpointFile(String epoch, int partition) {
        return own("partitions").resolve(epoch + "-" + partition + ".keys");
    }

    /// Where damaged bytes are moved aside to; may not be there.
    Path quarantine() {
        return own("quarantine");
    }

    private Path own(String name) {
        return root.resolve("lastword").resolve(name);
    }

    private Path topicFile(String epoch) {
        return own("topics").resolve(epoch);
    }

    /// The hash under this directory's secret, which is drawn when the directory is new.
    KeyHasher hasher() throws IOException {
        Path file = own("store");
        Map<String, String> values = new HashMap<>(StateFile.read(disk, file));
        if (values.isEmpty()) {
            SecureRandom random = new SecureRandom();
            values.put("format", "1");
            values.put("secret.0", Long.toString(random.nextLong()));
            values.put("secret.1", Long.toString(random.nextLong()));
            StateFile.write(disk, file, values);
        }
        String format = values.getOrDefault("format", "none");
        if (!format.equals("1")) {
            throw new LogException.DataDirectoryUnusable(
                    "The data directory "
                            + root
                            + " has format "
                            + format
                            + "; this version knows format 1.",
                    new IOException(file.toString()));
        }
        return KeyHasher.keyed(
                Long.parseLong(values.getOrDefault("secret.0", "")),
                Long.parseLong(values.getOrDefault("secret.1", "")));
    }

    List<TopicFile> topics() throws IOException {
        List<TopicFile> topics = new ArrayList<>();
        for (Path file : disk.list(own("topics"))) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(".tmp")) {
                continue;
            }
            boolean deleting = name.endsWith(DELETING);
            String epoch = deleting ? name.substring(0, name.length() - DELETING.length()) : name;
            Map<String, String> values = StateFile.read(disk, file);
            Map<String, String> config = new TreeMap<>();
            values.forEach((k, v) -> {
                if (k.startsWith(CONFIG_PREFIX)) {
                    config.put(k.substring(CONFIG_PREFIX.length()), v);
                }
            });
            topics.add(
                    new TopicFile(
                            values.getOrDefault("name", ""),
                            epoch,
                            Integer.parseInt(values.getOrDefault("partitions", "0")),
                            deleting,
                            config,
                            source(values)));
        }
        return topics;
    }

    private static @Nullable MirrorSource source(Map<String, String> values) {
        String resets = values.get(SOURCE_RESETS);
        if (resets == null) {
            return null;
        }
        List<String> ids = new ArrayList<>();
        for (int p = 0; values.containsKey(SOURCE_ID_PREFIX + p); p++) {
            ids.add(values.getOrDefault(SOURCE_ID_PREFIX + p, ""));
        }
        return new MirrorSource(
                ids,
                Integer.parseInt(resets),
                Integer.parseInt(values.getOrDefault(SOURCE_RESETTING, "-1")));
    }

    void write(TopicFile topic) throws IOException {
        Map<String, String> values = new HashMap<>();
        values.put("name", topic.name());
        values.put("partitions", Integer.toString(topic.partitions()));
        topic.config().forEach((k, v) -> values.put(CONFIG_PREFIX + k, v));
        MirrorSource source = topic.source();
        if (source != null) {
            values.put(SOURCE_RESETS, Integer.toString(source.resets()));
            values.put(SOURCE_RESETTING, Integer.toString(source.resetting()));
            for (int p = 0; p < source.topicIds().size(); p++) {
                values.put(SOURCE_ID_PREFIX + p, source.topicIds().get(p));
            }
        }
        StateFile.write(disk, topicFile(topic.epoch()), values);
    }

    /// Marks a topic as being deleted, for good. A rename, because that needs no room on the disk.
    void markDeleting(String epoch) throws IOException {
        Path mark = deletingFile(epoch);
        if (!disk.exists(mark)) {
            disk.rename(topicFile(epoch), mark);
        }
        disk.syncDirectory(own("topics"));
    }

    private Path deletingFile(String epoch) {
        return own("topics").resolve(epoch + DELETING);
    }

    /// Removes all of a topic that is marked as being deleted; the mark goes last.
    ///
    /// @param withLogs false where a newer topic of the same name has the folders now
    void remove(TopicFile topic, boolean withLogs) throws IOException {
        for (int p = 0; p < topic.partitions(); p++) {
            removePartition(topic, p, withLogs);
        }
        disk.syncDirectory(logs());
        disk.syncDirectory(own("partitions"));
        disk.deleteRecursively(deletingFile(topic.epoch()));
        disk.syncDirectory(own("topics"));
    }

    private void removePartition(TopicFile topic, int p, boolean withLog) throws IOException {
        if (withLog) {
            disk.deleteRecursively(log(topic.name(), p));
        }
        disk.deleteRecursively(recoveryFile(topic.epoch(), p));
        disk.deleteRecursively(cleaningFile(topic.epoch(), p));
        Path checkpoint = checkpointFile(topic.epoch(), p);
        disk.deleteRecursively(checkpoint);
        disk.deleteRecursively(CheckpointWriter.unfinished(checkpoint));
        disk.deleteRecursively(requestsFile(topic.epoch(), p));
    }

    /// Does what remains to be done of a partition's reset, and says so in the topic's file.
    TopicFile finishReset(TopicFile topic) throws IOException {
        MirrorSource source = topic.source();
        if (source == null || source.resetting() < 0) {
            return topic;
        }
        removePartition(topic, source.resetting(), true);
        disk.syncDirectory(logs());
        disk.syncDirectory(own("partitions"));
        TopicFile done =
                new TopicFile(
                        topic.name(),
                        topic.epoch(),
                        topic.partitions(),
                        topic.deleting(),
                        topic.config(),
                        source.endReset());
        write(done);
        return done;
    }

    /// Whether the last stop was orderly.
    boolean hasCleanShutdown() throws IOException {
        return disk.exists(own("clean-shutdown"));
    }

    /// Removes all that was derived from a partition's log and can be made again, durably.
    void forgetDerived(String epoch, int partition) throws IOException {
        Path recovery = recoveryFile(epoch, partition);
        Path cleaning = cleaningFile(epoch, partition);
        Path requests = requestsFile(epoch, partition);
        String prefix = epoch + "-" + partition + ".";
        for (Path p : disk.list(own("partitions"))) {
            if (String.valueOf(p.getFileName()).startsWith(prefix)
                    && !p.equals(recovery)
                    && !p.equals(cleaning)
                    && !p.equals(requests)) {
                disk.deleteRecursively(p);
            }
        }
        disk.syncDirectory(own("partitions"));
    }

    /// Reads where the logs ended if the last stop was orderly, and takes the word back before
    /// anything is written.
    Map<String, String> takeCleanShutdown() throws IOException {
        Path file = own("clean-shutdown");
        if (!disk.exists(file)) {
            return Map.of();
        }
        Map<String, String> ends;
        try {
            ends = StateFile.read(disk, file);
        } catch (StateFile.DamagedException e) {
            ends = Map.of(); // it only saves time
        }
        disk.delete(file);
        disk.syncDirectory(root.resolve("lastword"));
        return ends;
    }

    /// Leaves word of an orderly stop, after everything it speaks of is durable.
    void writeCleanShutdown(Map<String, String> ends) throws IOException {
        disk.syncDirectory(own("partitions"));
        StateFile.write(disk, own("clean-shutdown"), ends);
    }
}
