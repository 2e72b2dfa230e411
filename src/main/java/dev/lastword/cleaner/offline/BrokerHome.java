package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// The log directory of a Kafka broker.
final class BrokerHome implements PartitionHome {
    private static final String CLEAN_SHUTDOWN = ".kafka_cleanshutdown";
    private static final String LOCK = ".lock";
    private static final String LOG_START = "log-start-offset-checkpoint";
    private static final String HIGH_WATERMARK = "replication-offset-checkpoint";
    private static final String CLEANER = "cleaner-offset-checkpoint";
    private static final List<String> SIGNS =
            List.of(
                    CLEAN_SHUTDOWN,
                    LOCK,
                    "meta.properties",
                    "recovery-point-offset-checkpoint",
                    LOG_START,
                    HIGH_WATERMARK,
                    CLEANER);

    private final Disk disk;
    private final Path directory;
    private final PartitionName name;
    private final DiskLock lock;

    private BrokerHome(Disk disk, Path directory, PartitionName name, DiskLock lock) {
        this.disk = disk;
        this.directory = directory;
        this.name = name;
        this.lock = lock;
    }

    static boolean isLogDirectory(Disk disk, Path directory) throws IOException {
        for (String sign : SIGNS) {
            if (disk.exists(directory.resolve(sign))) {
                return true;
            }
        }
        return false;
    }

    static BrokerHome open(Disk disk, Path directory, PartitionName name) throws IOException {
        DiskLock lock = disk.tryLock(directory.resolve(LOCK));
        if (lock == null) {
            throw new RefusedException(
                    RefusedException.Reason.IN_USE,
                    directory + " is in use by a Kafka broker, or is being cleaned already.");
        }
        boolean ok = false;
        try {
            if (!disk.exists(directory.resolve(CLEAN_SHUTDOWN))) {
                throw new RefusedException(
                        RefusedException.Reason.NOT_CLOSED_CLEANLY,
                        "The broker that ran on "
                                + directory
                                + " did not stop in order: "
                                + CLEAN_SHUTDOWN
                                + " is missing. Start and stop it once.");
            }
            // What is written at the end is looked at now, before anything is changed.
            OffsetCheckpoint.read(disk, directory.resolve(CLEANER));
            ok = true;
            return new BrokerHome(disk, directory, name, lock);
        } finally {
            if (!ok) {
                lock.close();
            }
        }
    }

    private OptionalLong checkpoint(String file) throws IOException {
        return OffsetCheckpoint.read(disk, directory.resolve(file)).get(name);
    }

    @Override
    public long logStartOffset() throws IOException {
        return checkpoint(LOG_START).orElse(0);
    }

    @Override
    public long highWatermark() throws IOException {
        return checkpoint(HIGH_WATERMARK).orElse(Long.MAX_VALUE);
    }

    @Override
    public boolean wantsLastOffsets() {
        return false;
    }

    @Override
    public void beforeChange() {}

    @Override
    public void tombstoneDropped(long offset) {}

    /// Raises the broker's mark of what is clean. Where it is higher already, the broker had
    /// cleaned up to there itself.
    @Override
    public void cleaned(long upTo, long nowMs) throws IOException {
        Path file = directory.resolve(CLEANER);
        OffsetCheckpoint checkpoint = OffsetCheckpoint.read(disk, file);
        long before = checkpoint.get(name).orElse(0);
        if (upTo > before) {
            checkpoint.with(name, upTo).write(disk, file);
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
