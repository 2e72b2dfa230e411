package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import dev.lastword.log.ClosedStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/// What lies around a partition's directory and must stay right when that is cleaned. It is locked
/// for as long as this is open.
interface PartitionHome extends Closeable {

    /// Finds out whose a partition's directory is, and takes the lock.
    ///
    /// @throws RefusedException if it is in use, or was not closed in order
    static PartitionHome open(Disk disk, Path directory, PartitionName name) throws IOException {
        Path parent = directory.toAbsolutePath().normalize().getParent();
        if (parent != null && BrokerHome.isLogDirectory(disk, parent)) {
            return BrokerHome.open(disk, parent, name);
        }
        Path root = parent == null ? null : parent.getParent();
        if (root != null && ClosedStore.isStore(disk, root)) {
            return StoreHome.open(disk, root, name);
        }
        return new BareHome();
    }

    /// Everything below this offset was deleted, whether or not it still lies in a segment.
    long logStartOffset() throws IOException;

    /// Nothing from this offset on may be taken for final.
    long highWatermark() throws IOException;

    /// Whether a segment must end at the offset where the next begins.
    boolean wantsLastOffsets();

    /// Called before a swap.
    void beforeChange() throws IOException;

    /// Called before the swap that drops a tombstone at this or a higher offset.
    void tombstoneDropped(long offset) throws IOException;

    /// Called at the end: everything below the offset is durably clean.
    void cleaned(long upTo, long nowMs) throws IOException;
}
