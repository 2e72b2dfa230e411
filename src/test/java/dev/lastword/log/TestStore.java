package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.read.Reads;
import dev.lastword.record.LogRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A store with short calls, for tests.
public final class TestStore implements AutoCloseable {
    public static final Path DIR = SimulatedDisk.MOUNT.resolve("data");

    public final Disk disk;
    public final TestClock clock;
    public final LogStore store;
    public final List<LogEvent> events = new CopyOnWriteArrayList<>();
    private final Reads reads = new Reads(0);

    public TestStore(Disk disk) {
        this(disk, DIR, new TestClock(1_000_000));
    }

    public TestStore(Disk disk, Path dir, TestClock clock) {
        this.disk = disk;
        this.clock = clock;
        this.store = LogStore.open(disk, dir, LogStoreOptions.defaults(), clock, events::add);
    }

    /// The only partition of a new topic `t`.
    public PartitionLog create(String... settings) {
        return createNamed("t", settings);
    }

    public PartitionLog createNamed(String name, String... settings) {
        Map<String, String> config = new java.util.HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            config.put(settings[i], settings[i + 1]);
        }
        return store.create(name, 1, config).partition(0);
    }

    public PartitionLog log() {
        return store.topic("t").partition(0);
    }

    /// Writes without waiting; a value of null deletes.
    public static AppendRequest send(PartitionLog log, String key, @Nullable String value) {
        AppendRequest request =
                new AppendRequest(
                        List.of(
                                new NewRecord(
                                        bytes(key),
                                        value == null ? null : bytes(value),
                                        NewRecord.NOW,
                                        List.of())),
                        Condition.NONE,
                        null);
        log.append(request);
        return request;
    }

    /// Writes; the offset.
    public static long put(PartitionLog log, String key, @Nullable String value) {
        try {
            return ((AppendResult.Appended) send(log, key, value).result().join()).firstOffset();
        } catch (CompletionException e) {
            throw e.getCause() instanceof LogException failure ? failure : e;
        }
    }

    public @Nullable String get(String key) {
        return get("t", key);
    }

    public @Nullable String get(String topic, String key) {
        Reads.Found found = reads.get(store.topic(topic), bytes(key));
        return found == null ? null : text(found.record());
    }

    public static String text(LogRecord r) {
        return new String(r.value(), StandardCharsets.UTF_8);
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The file of a segment.
    public static Path logFile(PartitionLog log, long base) {
        return SegmentFiles.file(log.directory(), base, SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
    }

    public long sizeOf(Path file) throws IOException {
        return disk.readAll(file).length;
    }

    public void check() {
        LogChecker.check(disk, store);
    }

    /// Stops the machine and ends the threads.
    public SimulatedDisk kill() {
        return end(((SimulatedDisk) disk).killed());
    }

    /// As [#kill], and what was not synced goes.
    public SimulatedDisk powerOff() {
        return end(((SimulatedDisk) disk).withOnlySynced());
    }

    private SimulatedDisk end(SimulatedDisk left) {
        try {
            store.close();
        } catch (RuntimeException | Error e) {
            return left; // the crash itself
        }
        return left;
    }

    @Override
    public void close() {
        store.close();
    }
}
