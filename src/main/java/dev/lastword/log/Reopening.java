package dev.lastword.log;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Takes one partition back into service while the store runs, as a restart of that partition
/// alone: its log is frozen, its files are put right, a new [PartitionLog] is recovered from them
/// and takes the old one's place. Until then the old one answers readers, from the files that it
/// holds open; writes are refused meanwhile. If anything fails, the old one stays, read-only.
///
/// Why a recovery and not a repair of what is in memory: key index and garbage counts then say what
/// the files say, whatever had happened to either. It costs the time to read the partition, and the
/// memory for a second key index meanwhile.
///
/// The caller sees to it that one at a time is at work on a topic.
final class Reopening {
    private static final long LOCK_WAIT_SECONDS = 10;

    /// Makes a partition's log from its files.
    interface Loader {
        PartitionLog load(Topic topic, int partition) throws IOException;
    }

    private final Disk disk;
    private final Path quarantine;
    private final Loader loader;
    private final Consumer<LogEvent> events;

    Reopening(Disk disk, Path quarantine, Loader loader, Consumer<LogEvent> events) {
        this.disk = disk;
        this.quarantine = quarantine;
        this.loader = loader;
        this.events = events;
    }

    /// After a failed flush.
    ///
    /// @throws LogException.WrongState if the partition is not read-only
    /// @throws LogException.ReopenFailed if it still is
    void reopen(Topic topic, int partition) {
        PartitionLog log = topic.partition(partition);
        if (log.state() != PartitionState.READ_ONLY) {
            throw new LogException.WrongState(
                    "Partition "
                            + log.name()
                            + " is "
                            + text(log.state())
                            + "; only a read-only one is reopened.");
        }
        underMaintenance(
                log,
                () -> {
                    log.checkpoints().drop();
                    ClosedPartition.recover(disk, log.directory());
                    TailCopy.replaceActive(disk, log.segments().active(), log.flushedOffset());
                    restart(topic, log, List.of());
                });
    }

    /// Out of quarantine: if what was wrong is not wrong any more, or by force.
    ///
    /// @param force move damaged bytes aside ([Salvage])
    /// @return the bytes that were moved
    /// @throws LogException.WrongState if the partition is not quarantined
    /// @throws LogException.StillQuarantined if it still is
    List<Salvage.Moved> release(Topic topic, int partition, boolean force) {
        PartitionLog log = topic.partition(partition);
        if (log.state() != PartitionState.QUARANTINED) {
            throw new LogException.WrongState(
                    "Partition "
                            + log.name()
                            + " is "
                            + text(log.state())
                            + "; only a quarantined one is released.");
        }
        List<Salvage.Moved> moved = new ArrayList<>();
        underMaintenance(
                log,
                () -> {
                    log.completeSwap();
                    if (log.state() != PartitionState.QUARANTINED) {
                        reopened(log, moved);
                        return;
                    }
                    if (!force) {
                        lookAgain(log);
                    }
                    log.freeze("it is being released from quarantine");
                    log.checkpoints().drop();
                    ClosedPartition.recover(disk, log.directory());
                    if (force) {
                        removeUnknown(log);
                        String prefix = topic.epoch() + "-" + partition;
                        Salvage salvage = new Salvage(disk, quarantine, prefix);
                        moved.addAll(salvage.run(log.directory(), log.endOffset()));
                    }
                    restart(topic, log, moved);
                });
        return moved;
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void underMaintenance(PartitionLog log, Work work) {
        boolean locked = false;
        try {
            locked = log.maintenance().tryLock(LOCK_WAIT_SECONDS, TimeUnit.SECONDS);
            if (!locked) {
                throw new LogException.ReopenFailed(
                        log.name(), "a cleaning of it has not stopped yet; try again.", null);
            }
            work.run();
        } catch (IOException e) {
            log.stayReadOnly("reopening it failed: " + e.getMessage());
            throw new LogException.ReopenFailed(
                    log.name(), e.getMessage() + ". Put the disk right and try again.", e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while reopening " + log.name(), e);
        } catch (LogException e) {
            events.accept(
                    new LogEvent.NotReopened(
                            log.topic(), log.partition(), String.valueOf(e.getMessage())));
            throw e;
        } catch (RuntimeException e) {
            log.stayReadOnly("reopening it failed: " + e);
            throw new LogException.ReopenFailed(log.name(), e + ". Try again.", e);
        } finally {
            if (locked) {
                log.maintenance().unlock();
            }
        }
    }

    /// @throws LogException.StillQuarantined if a damaged batch still is
    private static void lookAgain(PartitionLog log) throws IOException {
        for (Damage d : log.damages()) {
            Segment segment = log.segments().floor(d.segmentBase());
            if (segment == null || segment.baseOffset() != d.segmentBase()) {
                continue; // gone, and the damage with it
            }
            BatchSearch search =
                    new BatchSearch(segment.file(), segment.file().size(), d.segmentBase());
            if (!search.isBatchAt(d.position())) {
                throw new LogException.StillQuarantined(log.name(), d.toString(), d);
            }
        }
    }

    /// Removes empty files that are no segments of the log, which rolls that failed left behind:
    /// next to them good records would seem to be beyond their segment.
    private void removeUnknown(PartitionLog log) throws IOException {
        boolean removed = false;
        for (ClosedSegment s : ClosedPartition.segments(disk, log.directory())) {
            Segment known = log.segments().floor(s.baseOffset());
            if (s.sizeBytes() == 0 && (known == null || known.baseOffset() != s.baseOffset())) {
                disk.delete(s.log());
                removed = true;
            }
        }
        if (removed) {
            disk.syncDirectory(log.directory());
        }
    }

    private void restart(Topic topic, PartitionLog log, List<Salvage.Moved> moved)
            throws IOException, InterruptedException {
        PartitionLog fresh = loader.load(topic, log.partition());
        log.stopUnlinking(); // the names may be the fresh one's files' soon
        topic.replace(fresh);
        log.closeForGood("reopened");
        if (fresh.state() == PartitionState.QUARANTINED) {
            Damage first = fresh.damages().isEmpty() ? null : fresh.damages().getFirst();
            throw new LogException.StillQuarantined(fresh.name(), fresh.reason(), first);
        }
        reopened(fresh, moved);
    }

    private void reopened(PartitionLog log, List<Salvage.Moved> moved) {
        events.accept(new LogEvent.Reopened(log.topic(), log.partition(), log.endOffset(), moved));
    }

    private static String text(PartitionState state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
