package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The checkpoints of one partition: when the next is due, what it is of, and that one at a time is
/// at work on the file. One is due when as many bytes were written, or rewritten by the cleaner,
/// since the last as that one has, or [#EVERY_BYTES_MIN]: so a start reads little, and checkpoints
/// write no more than the log.
///
/// [#grown] and [#cut] are the appender's; all else is thread-safe.
final class Checkpointing {
    private static final long EVERY_BYTES_MIN = 64 << 20;

    /// What a checkpoint is of: as long as this is the same, there is nothing new to tell.
    private record Told(long endOffset, long swaps, long startOffset) {}

    private final PartitionLog log;
    private final Path file;
    private final CheckpointKeeper keeper;
    private final ReentrantLock atWork = new ReentrantLock();

    /// What the checkpoint on disk tells, if that is known; under the lock.
    private volatile @Nullable Told told;

    private volatile long lastBytes;

    // The appender's own.
    private long untoldBytes;
    private volatile boolean asked;

    Checkpointing(PartitionLog log, Path file, CheckpointKeeper keeper) {
        this.log = log;
        this.file = file;
        this.keeper = keeper;
    }

    Path file() {
        return file;
    }

    /// There is a checkpoint of this size. Before the appender starts.
    void found(long bytes) {
        lastBytes = bytes;
    }

    /// The log is recovered; before the appender starts.
    ///
    /// @param bytesUntold how much of it no checkpoint tells
    /// @param isTold whether the checkpoint tells all of it
    void start(long bytesUntold, boolean isTold) {
        told = isTold ? now() : null;
        grown(bytesUntold);
    }

    private Told now() {
        return new Told(log.endOffset(), log.cleaning().swapsEnded(), log.startOffset());
    }

    /// Bytes were written or rewritten.
    void grown(long bytes) {
        untoldBytes += bytes;
        if (!asked
                && untoldBytes >= Math.max(EVERY_BYTES_MIN, lastBytes)
                && log.state() == PartitionState.ONLINE) {
            asked = true;
            keeper.due(log);
        }
    }

    /// Writes a checkpoint while writes go on, unless it is asked to stop or the partition is in no
    /// state for it.
    void write(CheckpointWriter.Stop stop) throws IOException {
        atWork.lock();
        try {
            if (log.state() != PartitionState.ONLINE) {
                asked = false; // again when it is online
                return;
            }
            long startMs = log.nowMs();
            CheckpointWriter.Written written =
                    new CheckpointWriter(
                                    log,
                                    () -> stop.isAsked() || log.state() != PartitionState.ONLINE)
                            .write();
            Checkpoint.Cut cut = written.cut();
            lastBytes = written.bytes();
            log.cleaning().checkpointed(cut.swaps());
            told = new Told(cut.endOffset(), cut.swaps(), cut.startOffset());
            log.emit(
                    new LogEvent.CheckpointWritten(
                            log.topic(),
                            log.partition(),
                            cut.endOffset(),
                            written.bytes(),
                            log.nowMs() - startMs));
        } catch (CheckpointWriter.StoppedException e) {
            asked = false; // the one before stays
        } finally {
            atWork.unlock();
        }
    }

    /// The hash of something known, which tells whether two hashers have the same secret.
    static long hashCheck(KeyHasher hasher) {
        KeyHash hash = new KeyHash();
        hasher.hash(new byte[] {'k', 'e', 'y'}, hash);
        return hash.hi;
    }

    /// What a checkpoint is to tell of the flushed log as it is now.
    Checkpoint.Cut cut() {
        untoldBytes = 0;
        asked = false;
        SegmentList list = log.segments();
        return new Checkpoint.Cut(
                hashCheck(log.hasher()),
                log.endOffset(),
                log.cleaning().swapsEnded(),
                list.startOffset(),
                log.index().isVersioned(),
                list.asList().stream().map(Segment::image).toList(),
                list.active().activeIndexes());
    }

    /// The file was found damaged, and what it told is in the index from elsewhere: it is to be
    /// written anew, even if nothing else changes.
    void isDamaged() {
        told = null;
    }

    /// Writes the last checkpoint, unless there is one that tells the same.
    void writeLast() throws IOException {
        atWork.lock();
        try {
            if (!now().equals(told)) {
                write(() -> false);
            }
        } finally {
            atWork.unlock();
        }
    }

    /// Removes the checkpoint durably, before files that it tells of are changed in another way
    /// than by a swap. While the partition is out of service no other is written.
    void drop() throws IOException {
        atWork.lock();
        try {
            log.disk().deleteRecursively(file);
            Path folder = file.getParent();
            if (folder != null) {
                log.disk().syncDirectory(folder);
            }
        } finally {
            atWork.unlock();
        }
    }

    /// Waits until nobody is at work on the file, for a partition that is closed: nobody begins
    /// again.
    @SuppressWarnings("LockNotBeforeTry") // it only waits
    void awaitEnd() {
        atWork.lock();
        atWork.unlock();
    }
}
