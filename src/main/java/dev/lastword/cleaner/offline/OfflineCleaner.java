package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;

/// Cleans one closed partition directory.
public final class OfflineCleaner {
    private OfflineCleaner() {}

    /// Cleans the directory of one partition, `<log directory>/<topic>-<partition>`.
    ///
    /// @throws RefusedException if it is in use, was not closed in order, or holds what cannot be
    ///   read; nothing has changed
    /// @throws IOException if the disk fails; the same call again finishes the work
    public static OfflineResult clean(
            Disk disk, Path partitionDirectory, OfflineOptions options, OfflineProgress progress)
            throws IOException {
        if (!disk.isDirectory(partitionDirectory)) {
            throw new RefusedException(
                    RefusedException.Reason.NOT_A_PARTITION,
                    partitionDirectory + " is not a directory.");
        }
        progress.at(OfflineProgress.Phase.DECIDE, 0, 0);
        throw new UnsupportedOperationException("options " + options);
    }
}
