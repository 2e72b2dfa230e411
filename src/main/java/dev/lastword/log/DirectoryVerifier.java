package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskLock;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads a directory that nobody has open, and checks every invariant that can be seen on disk:
/// that of one partition, of a broker's log directory or of a data directory of ours
/// ([LogFolders]). Nothing is changed. What is checked stands with [SegmentVerifier],
/// [IndexChecks], [PartitionVerifier] and [StoreVerifier].
///
/// Memory is bounded by the largest batch, and for a data directory of ours by the keys of the
/// largest partition (about 30 bytes each; twice while its checkpoint is compared).
public final class DirectoryVerifier {
    /// Told how far a verification is, after every batch.
    public interface Progress {
        void read(long records, long bytes);
    }

    private final Disk disk;
    private final VerifyCounts counts;

    private DirectoryVerifier(Disk disk, Consumer<Finding> findings, Progress progress) {
        this.disk = disk;
        this.counts = new VerifyCounts(findings, progress);
    }

    /// Verifies the folders, telling each finding as it is made.
    ///
    /// @throws LogException.DataDirectoryLocked if a service or a broker has them open
    /// @throws IOException if a file cannot be read
    public static VerifyResult verify(
            Disk disk, LogFolders folders, Consumer<Finding> findings, Progress progress)
            throws IOException {
        DirectoryVerifier verifier = new DirectoryVerifier(disk, findings, progress);
        DiskLock lock = verifier.lock(folders);
        try {
            verifier.run(folders);
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
        return verifier.counts.result();
    }

    private void run(LogFolders folders) throws IOException {
        if (folders.kind() == LogFolders.Kind.LASTWORD) {
            new StoreVerifier(disk, counts, folders.root())
                    .run(folders.partitions(), folders.whole());
            return;
        }
        if (folders.kind() == LogFolders.Kind.BROKER && folders.wasNotStoppedInOrder(disk)) {
            counts.tell(
                    Finding.note(
                            folders.root(),
                            "the broker did not stop in order; its next start may cut the ends of"
                                    + " logs"));
        }
        for (Path partition : folders.partitions()) {
            new PartitionVerifier(disk, counts, partition, null).run();
        }
    }

    /// Keeps a service or a broker from starting meanwhile. Null where there is no lock to take.
    private @Nullable DiskLock lock(LogFolders folders) throws IOException {
        Path file = folders.lockFile();
        if (file == null || !disk.exists(file)) {
            return null;
        }
        try {
            DiskLock lock = disk.tryLock(file);
            if (lock == null) {
                throw new LogException.DataDirectoryLocked(folders.root().toString());
            }
            return lock;
        } catch (AccessDeniedException e) {
            return unlocked(file);
        } catch (FileSystemException e) {
            if (String.valueOf(e.getReason()).contains("Read-only")) {
                return unlocked(file);
            }
            throw e;
        }
    }

    private @Nullable DiskLock unlocked(Path file) {
        counts.tell(Finding.note(file, "may not be written, so nothing keeps others from writing"));
        return null;
    }
}
