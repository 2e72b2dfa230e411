package dev.lastword.log;

import dev.lastword.index.KeyHasher;
import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All topics of a data directory, which it holds locked while open. Thread-safe; methods that
/// change topics wait for the disk and are for virtual threads. They are all here because one lock
/// puts them in order.
public final class LogStore implements AutoCloseable {
    private static final int PARTITIONS_MAX = 1000;

    /// What may be noted of superseded records takes at most this part of the heap.
    private static final int SUPERSEDED_PART = 16;

    private final Disk disk;
    private final DataDirectory directory;
    private final LogStoreOptions options;
    private final PartitionLog.Shared shared;
    private final Semaphore queueBytes;
    private final ConcurrentHashMap<String, Topic> topics = new ConcurrentHashMap<>();
    private final Reopening reopening;

    /// Held while topics are made, changed or deleted, and at the end.
    private final ReentrantLock changes = new ReentrantLock();

    private boolean closed;

    private LogStore(
            Disk disk,
            DataDirectory directory,
            LogStoreOptions options,
            PartitionLog.Shared shared) {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        this.shared = shared;
        this.queueBytes = new Semaphore(options.storeQueueBytes(), true);
        this.reopening = new Reopening(disk, directory.quarantine(), this::load, shared.events());
    }

    /// Opens a data directory, creating it if need be: takes the lock, recovers every partition,
    /// fills the key indexes.
    ///
    /// @throws LogException.DataDirectoryLocked if it is in use
    /// @throws LogException.DataDirectoryUnusable if it cannot be read or written
    public static LogStore open(
            Disk disk,
            Path dataDir,
            LogStoreOptions options,
            InstantSource clock,
            Consumer<LogEvent> events) {
        DataDirectory directory = DataDirectory.open(disk, dataDir, options.lockWait());
        boolean ok = false;
        try {
            LogStore store = open(disk, directory, directory.hasher(), options, clock, events);
            ok = true;
            return store;
        } catch (IOException e) {
            throw new LogException.DataDirectoryUnusable(
                    "The data directory " + dataDir + " cannot be used: " + e + ".", e);
        } finally {
            if (!ok) {
                unlockAfterFailure(directory);
            }
        }
    }

    /// As [#open], with a hash function of the caller's choice, such as one that collides.
    static LogStore open(
            Disk disk,
            DataDirectory directory,
            KeyHasher hasher,
            LogStoreOptions options,
            InstantSource clock,
            Consumer<LogEvent> events)
            throws IOException {
        LogStore store =
                new LogStore(
                        disk,
                        directory,
                        options,
                        new PartitionLog.Shared(
                                new GroupPool(hasher),
                                disk,
                                clock,
                                hasher,
                                new FlushTimes(),
                                new CheckpointKeeper(),
                                new ExpiryKeeper(),
                                new AtomicLong(Runtime.getRuntime().maxMemory() / SUPERSEDED_PART),
                                events));
        store.load();
        return store;
    }

    /// Bytes that wait to be written.
    public int queuedBytes() {
        return options.storeQueueBytes() - queueBytes.availablePermits();
    }

    /// How long writes take to become durable.
    public FlushTimes flushTimes() {
        return shared.flushTimes();
    }

    private static void unlockAfterFailure(DataDirectory directory) {
        try {
            directory.unlock();
        } catch (IOException e) {
            throw new LogException.DataDirectoryUnusable("The lock cannot be released", e);
        }
    }

    private void load() throws IOException {
        Map<String, String> ends = directory.takeCleanShutdown();
        List<Callable<Void>> work = new ArrayList<>();
        for (DataDirectory.TopicFile file : directory.topics()) {
            if (file.deleting()) {
                continue;
            }
            Topic topic = topic(directory.finishReset(file));
            if (topics.put(topic.name(), topic) != null) {
                throw new IOException("there are two topics of the name '" + file.name() + "'");
            }
            for (PartitionLog p : topic.partitions()) {
                String end = ends.get(topic.fileEpoch() + "-" + p.partition());
                work.add(() -> {
                    recover(topic.fileEpoch(), p, end);
                    return null;
                });
            }
        }
        for (DataDirectory.TopicFile file : directory.topics()) {
            if (file.deleting()) {
                directory.remove(file, !topics.containsKey(file.name()));
            }
        }
        inParallel(work);
        disk.syncDirectory(directory.logs()); // a crash may have come before a new topic's folders
        shared.checkpoints().start(partitions());
        shared.expiries().start(this::partitions);
    }

    private List<PartitionLog> partitions() {
        return topics.values().stream().flatMap(t -> t.partitions().stream()).toList();
    }

    private Topic topic(DataDirectory.TopicFile file) throws IOException {
        TopicConfig config = options.topicDefaults().ofTopic(file.config());
        List<PartitionLog> partitions = new ArrayList<>();
        for (int p = 0; p < file.partitions(); p++) {
            partitions.add(newLog(file.name(), file.epoch(), p, config, file.source() != null));
        }
        return new Topic(file.name(), file.epoch(), partitions, config, file.source());
    }

    private PartitionLog newLog(
            String topic, String epoch, int partition, TopicConfig config, boolean mirrored)
            throws IOException {
        return new PartitionLog(
                shared,
                topic,
                partition,
                directory.log(topic, partition),
                directory.recoveryFile(epoch, partition),
                directory.requestsFile(epoch, partition),
                directory.checkpointFile(epoch, partition),
                new CleaningState(disk, directory.cleaningFile(epoch, partition)),
                config,
                mirrored,
                new WriteBudget(queueBytes, options.partitionQueueBytes()));
    }

    private void recover(String epoch, PartitionLog log, @Nullable String end) throws IOException {
        Map<String, String> state =
                StateFile.read(disk, directory.recoveryFile(epoch, log.partition()));
        long recoveryPoint = Long.parseLong(state.getOrDefault(PartitionLog.RECOVERY_POINT, "0"));
        log.restoreNotes(
                recoveryPoint, Long.parseLong(state.getOrDefault(PartitionLog.CAUGHT_UP, "-1")));
        Recovery.CleanEnd cleanEnd = null;
        if (end != null) {
            String[] parts = end.split(":", 2);
            cleanEnd = new Recovery.CleanEnd(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        }
        long activeBase = Long.parseLong(state.getOrDefault(PartitionLog.ACTIVE_BASE, "-1"));
        new Recovery(log, recoveryPoint, activeBase, cleanEnd).run();
    }

    private static void inParallel(List<Callable<Void>> work) throws IOException {
        if (work.isEmpty()) {
            return;
        }
        int threads = Runtime.getRuntime().availableProcessors();
        try (ExecutorService executor =
                Executors.newFixedThreadPool(threads, Thread.ofVirtual().factory())) {
            List<Future<Void>> results = new ArrayList<>();
            work.forEach(w -> results.add(executor.submit(w)));
            for (Future<Void> r : results) {
                try {
                    r.get();
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case IOException io -> throw io;
                        case RuntimeException re -> throw re;
                        case Error error -> throw error;
                        case null, default -> throw new IllegalStateException(e);
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted while opening logs", e);
                }
            }
        }
    }

    /// Makes a topic.
    ///
    /// @param partitions 1 to 1000
    /// @throws LogException for a bad name or setting, or if the topic exists
    public Topic create(String name, int partitions, Map<String, String> config) {
        return create(name, partitions, config, null);
    }

    /// Makes a topic that mirrors one of the same name elsewhere. Its records' order is the
    /// source's, so offsets decide which of a key's records counts, whatever the defaults say.
    ///
    /// @param topicId of the source
    public Topic createMirrored(String name, int partitions, String topicId) {
        return create(
                name,
                partitions,
                Map.of("compaction.strategy", "offset"),
                MirrorSource.of(topicId, partitions));
    }

    private Topic create(
            String name,
            int partitions,
            Map<String, String> config,
            @Nullable MirrorSource source) {
        TopicNames.check(name);
        if (partitions < 1 || partitions > PARTITIONS_MAX) {
            throw new LogException.InvalidConfig(
                    "partitions",
                    "A topic has 1 to " + PARTITIONS_MAX + " partitions, not " + partitions + ".");
        }
        Map<String, String> settings = options.topicDefaults().with(config).withStrategy(config);
        changes.lock();
        try {
            checkOpen();
            if (topics.containsKey(name)) {
                throw new LogException.TopicExists(name);
            }
            removeLeftovers(name);
            var file =
                    new DataDirectory.TopicFile(
                            name, newEpoch(), partitions, false, settings, source);
            Topic topic = topic(file);
            checkFree(topic);
            boolean ok = false;
            try {
                directory.write(file);
                List<Callable<Void>> work = new ArrayList<>();
                for (PartitionLog p : topic.partitions()) {
                    work.add(() -> {
                        recover(topic.fileEpoch(), p, null);
                        return null;
                    });
                }
                inParallel(work);
                disk.syncDirectory(directory.logs());
                ok = true;
            } finally {
                if (!ok) {
                    undo(topic, file);
                }
            }
            topics.put(name, topic);
            shared.events().accept(new LogEvent.TopicCreated(name, partitions));
            return topic;
        } catch (IOException e) {
            throw unusable(e);
        } finally {
            changes.unlock();
        }
    }

    /// Removes what a creation or a deletion of a topic of this name that failed half way left.
    private void removeLeftovers(String name) throws IOException {
        for (DataDirectory.TopicFile file : directory.topics()) {
            if (file.name().equals(name)) {
                directory.markDeleting(file.epoch());
                directory.remove(file, true);
            }
        }
    }

    private void checkFree(Topic topic) throws IOException {
        for (PartitionLog p : topic.partitions()) {
            if (disk.exists(p.directory())) {
                throw new LogException.DataDirectoryUnusable(
                        "The folder "
                                + p.directory()
                                + " is in the way of topic '"
                                + topic.name()
                                + "'; it belongs to no topic. Move it away.",
                        new IOException("exists: " + p.directory()));
            }
        }
    }

    /// Takes a creation back that failed half way. Where that fails too, the next creation of the
    /// topic does it.
    private void undo(Topic topic, DataDirectory.TopicFile file) {
        try {
            for (PartitionLog p : topic.partitions()) {
                p.closeForGood("deleted");
            }
            directory.markDeleting(file.epoch());
            directory.remove(file, true);
        } catch (IOException | RuntimeException e) {
            shared.events()
                    .accept(
                            new LogEvent.UpkeepFailed(
                                    topic.name(), -1, "taking back its creation: " + e));
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while creating " + topic.name(), e);
        }
    }

    private String newEpoch() throws IOException {
        SecureRandom random = new SecureRandom();
        List<String> used = directory.topics().stream().map(t -> t.epoch()).toList();
        while (true) {
            String epoch = String.format(java.util.Locale.ROOT, "%08x", random.nextInt());
            if (!used.contains(epoch)) {
                return epoch;
            }
        }
    }

    /// @throws LogException.UnknownTopic if there is none of that name
    public Topic topic(String name) {
        Topic topic = topics.get(name);
        if (topic == null) {
            throw new LogException.UnknownTopic(name);
        }
        return topic;
    }

    public @Nullable Topic find(String name) {
        return topics.get(name);
    }

    /// All topics by name.
    public List<Topic> topics() {
        return topics.values().stream().sorted(Comparator.comparing(Topic::name)).toList();
    }

    /// Changes some settings of a topic, for good.
    public Topic configure(String name, Map<String, String> settings) {
        changes.lock();
        try {
            checkOpen();
            Topic topic = topic(name);
            Map<String, String> own = new HashMap<>(fileOf(topic).config());
            own.putAll(settings);
            TopicConfig config = options.topicDefaults().ofTopic(own);
            topic.config().checkChange(config);
            directory.write(
                    new DataDirectory.TopicFile(
                            name,
                            topic.fileEpoch(),
                            topic.partitions().size(),
                            false,
                            own,
                            topic.source()));
            topic.configure(config);
            return topic;
        } catch (IOException e) {
            throw unusable(e);
        } finally {
            changes.unlock();
        }
    }

    private DataDirectory.TopicFile fileOf(Topic topic) throws IOException {
        for (DataDirectory.TopicFile f : directory.topics()) {
            if (f.epoch().equals(topic.fileEpoch())) {
                return f;
            }
        }
        throw new IOException("the file of topic '" + topic.name() + "' is gone");
    }

    /// Gives a mirrored topic the partitions that its source has got, unless it has them.
    public void grow(String name, int partitions, String topicId) {
        changes.lock();
        try {
            checkOpen();
            Topic topic = topic(name);
            int before = topic.partitions().size();
            if (before >= partitions) {
                return;
            }
            MirrorSource source = sourceOf(topic).grown(topicId, partitions);
            DataDirectory.TopicFile file = fileOf(topic);
            List<PartitionLog> added = new ArrayList<>();
            for (int p = before; p < partitions; p++) {
                PartitionLog log = newLog(name, topic.fileEpoch(), p, topic.config(), true);
                recover(topic.fileEpoch(), log, null);
                added.add(log);
            }
            disk.syncDirectory(directory.logs());
            directory.write(
                    new DataDirectory.TopicFile(
                            name, file.epoch(), partitions, false, file.config(), source));
            topic.grow(added, source);
            shared.events().accept(new LogEvent.PartitionsAdded(name, before, partitions));
        } catch (IOException e) {
            throw unusable(e);
        } finally {
            changes.unlock();
        }
    }

    /// Empties a partition of a mirrored topic, which is to be mirrored anew, from a source topic
    /// that may be another one now. Once the topic's file says so nothing of the old partition
    /// comes back: a crash in the middle is made good by the next start.
    public void reset(String name, int p, String topicId) {
        changes.lock();
        try {
            checkOpen();
            Topic topic = topic(name);
            MirrorSource source = sourceOf(topic).beginReset(p, topicId);
            DataDirectory.TopicFile old = fileOf(topic);
            var file =
                    new DataDirectory.TopicFile(
                            name, old.epoch(), old.partitions(), false, old.config(), source);
            directory.write(file);
            topic.partition(p).closeForGood("reset");
            directory.finishReset(file);
            PartitionLog fresh = newLog(name, topic.fileEpoch(), p, topic.config(), true);
            recover(topic.fileEpoch(), fresh, null);
            disk.syncDirectory(directory.logs());
            topic.replace(fresh, source.endReset());
        } catch (IOException e) {
            throw unusable(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while resetting " + name, e);
        } finally {
            changes.unlock();
        }
    }

    private static MirrorSource sourceOf(Topic topic) {
        MirrorSource source = topic.source();
        if (source == null) {
            throw new IllegalArgumentException(topic.name() + " is not mirrored");
        }
        return source;
    }

    /// Deletes a topic and its data. Writes that wait are stored and answered first; readers in the
    /// middle finish. Once it is marked as being deleted it is gone, even if removing its files
    /// fails: that is done by the next start, or when a topic of this name is made again.
    public void delete(String name) {
        changes.lock();
        try {
            checkOpen();
            Topic topic = topic(name);
            int partitions = topic.partitions().size();
            String epoch = topic.fileEpoch();
            var file = new DataDirectory.TopicFile(name, epoch, partitions, true, Map.of(), null);
            try {
                directory.markDeleting(epoch);
            } catch (IOException e) {
                if (!isMarked(epoch)) {
                    throw e;
                }
            }
            topics.remove(name);
            for (PartitionLog p : topic.partitions()) {
                p.closeForGood("deleted");
            }
            directory.remove(file, true);
            shared.events().accept(new LogEvent.TopicDeleted(name, partitions));
        } catch (IOException e) {
            throw unusable(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while deleting " + name, e);
        } finally {
            changes.unlock();
        }
    }

    /// Takes a partition back into service that a failed flush made read-only: what is not on disk
    /// for certain is copied and flushed first. Reads go on meanwhile.
    ///
    /// @throws LogException.WrongState if the partition is not read-only
    /// @throws LogException.ReopenFailed if it stays so
    public void reopen(String name, int partition) {
        changes.lock();
        try {
            checkOpen();
            reopening.reopen(topic(name), partition);
        } finally {
            changes.unlock();
        }
    }

    /// Takes a partition out of quarantine, if it is whole again.
    ///
    /// @param force make it whole: move damaged bytes aside. Their records are lost; a key whose
    ///   latest record was among them goes back to the one before, or is gone
    /// @return the bytes that were moved aside
    /// @throws LogException.WrongState if the partition is not quarantined
    /// @throws LogException.StillQuarantined if it stays so
    public List<Salvage.Moved> release(String name, int partition, boolean force) {
        changes.lock();
        try {
            checkOpen();
            return reopening.release(topic(name), partition, force);
        } finally {
            changes.unlock();
        }
    }

    private PartitionLog load(Topic topic, int partition) throws IOException {
        PartitionLog log =
                newLog(
                        topic.name(),
                        topic.fileEpoch(),
                        partition,
                        topic.config(),
                        topic.isMirrored());
        recover(topic.fileEpoch(), log, null);
        return log;
    }

    private boolean isMarked(String epoch) throws IOException {
        return directory.topics().stream().anyMatch(t -> t.deleting() && t.epoch().equals(epoch));
    }

    /// Bytes that can still be written to the data directory's file system.
    public long usableBytes() {
        try {
            return disk.usableBytes(directory.root());
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private LogException unusable(IOException e) {
        if (e instanceof dev.lastword.io.DiskFullIOException) {
            return new LogException.DiskFull(directory.root().toString(), e);
        }
        return new LogException.DataDirectoryUnusable(
                "The data directory " + directory.root() + " failed: " + e + ".", e);
    }

    private void checkOpen() {
        if (closed) {
            throw new LogException.Closed("The store");
        }
    }

    /// Finishes the writes that wait, flushes everything, and leaves word of an orderly stop.
    /// Closing twice is harmless.
    @Override
    public void close() {
        changes.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            shared.expiries().close();
            shared.checkpoints().close();
            Map<String, String> ends = new ConcurrentHashMap<>();
            List<Callable<Void>> work = new ArrayList<>();
            for (Topic t : topics.values()) {
                for (PartitionLog p : t.partitions()) {
                    work.add(() -> {
                        closeOne(t, p, ends);
                        return null;
                    });
                }
            }
            try {
                inParallel(work);
                directory.writeCleanShutdown(ends);
            } finally {
                directory.unlock();
            }
        } catch (IOException e) {
            throw unusable(e);
        } finally {
            changes.unlock();
        }
    }

    /// Closes a partition. If that fails, the next start searches this one's tail, and no other's.
    private void closeOne(Topic topic, PartitionLog log, Map<String, String> ends)
            throws InterruptedException {
        try {
            if (log.close()) {
                ends.put(
                        topic.fileEpoch() + "-" + log.partition(),
                        log.endOffset() + ":" + log.segments().active().sizeBytes());
            }
        } catch (IOException | RuntimeException e) {
            shared.events()
                    .accept(
                            new LogEvent.UpkeepFailed(
                                    topic.name(), log.partition(), "closing it: " + e));
        }
    }
}
