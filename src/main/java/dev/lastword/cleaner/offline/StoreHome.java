package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import dev.lastword.log.ClosedStore;
import dev.lastword.log.LogException;
import java.io.IOException;
import java.nio.file.Path;

/// A data directory of ours.
final class StoreHome implements PartitionHome {
    private static final String STRATEGY = "compaction.strategy";

    private final ClosedStore store;
    private boolean changed;

    private StoreHome(ClosedStore store) {
        this.store = store;
    }

    static StoreHome open(Disk disk, Path root, PartitionName name) throws IOException {
        ClosedStore store;
        try {
            store = ClosedStore.open(disk, root, name.topic(), name.partition());
        } catch (LogException.DataDirectoryLocked e) {
            throw new RefusedException(
                    RefusedException.Reason.IN_USE,
                    root + " is in use by a Lastword service. Stop that, or clean through it.",
                    e);
        } catch (LogException.UnknownTopic e) {
            throw new RefusedException(
                    RefusedException.Reason.NOT_A_PARTITION,
                    "The data directory "
                            + root
                            + " knows no partition "
                            + name
                            + ": the folder is a rest of a deleted topic.",
                    e);
        }
        boolean ok = false;
        try {
            if (!store.isClosedCleanly()) {
                throw new RefusedException(
                        RefusedException.Reason.NOT_CLOSED_CLEANLY,
                        "The service that ran on "
                                + root
                                + " did not stop in order. Start and stop it once.");
            }
            String strategy = store.topicConfig().getOrDefault(STRATEGY, "offset");
            if (!strategy.equals("offset")) {
                throw new RefusedException(
                        RefusedException.Reason.UNSUPPORTED,
                        name
                                + " has "
                                + STRATEGY
                                + " "
                                + strategy
                                + "; offline only offset can be cleaned. Let the service do it.");
            }
            ok = true;
            return new StoreHome(store);
        } finally {
            if (!ok) {
                store.close();
            }
        }
    }

    @Override
    public long logStartOffset() {
        return 0;
    }

    @Override
    public long highWatermark() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean wantsLastOffsets() {
        return true;
    }

    @Override
    public void beforeChange() throws IOException {
        if (!changed) {
            store.forgetDerived();
            changed = true;
        }
    }

    @Override
    public void tombstoneDropped(long offset) throws IOException {
        store.tombstoneDropped(offset);
    }

    @Override
    public void cleaned(long upTo, long nowMs) throws IOException {
        store.cleaned(upTo, nowMs);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
