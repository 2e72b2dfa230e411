package dev.lastword.read;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.LogException;
import dev.lastword.log.PartitionLog;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordCursor;
import java.util.ArrayList;
import java.util.List;

/// A position in one partition that moves forward over its changes: every record from there on that
/// is still in the log, tombstones among them, in order. Records that were superseded when they
/// came ([dev.lastword.log.CompactionStrategy#SUPERSEDED]) were never true and are left out.
///
/// Invariant: whoever applies all that [#next] returned to what was true at the position where it
/// began has, for each key, what was true at some moment since; and at the end of the log, what is
/// true. A reader that is slow finds fewer records, for the cleaner takes superseded ones away;
/// that breaks nothing, as their successors follow. But a tombstone that was dropped before the
/// reader came to it would leave the key alive for ever: then the position *cannot be continued*
/// ([CannotContinueException]). So a position must lie
/// - above the highest tombstone that was dropped, unless it is 0, or the log's start, from where
///   nothing has been seen that could have been deleted;
/// - at or above the log's start, for what retention takes away has no tombstone;
/// - at or below the log's end: what lies beyond was lost in a crash (`acks=written`).
///
/// This is looked at each time *after* reading, since a tombstone is announced as dropped before it
/// goes.
///
/// It holds nothing between two calls, so that any number may wait. For one thread at a time.
public final class Changes {
    private static final int BUFFER_BYTES = 16 << 10;

    /// What is looked at in one call where few records are wanted.
    private static final int LOOKED_AT_BYTES_MAX = 1 << 20;

    private final PartitionLog log;
    private final KeyFilter filter;
    private long position;

    /// Tombstones up to here were gone before anything was seen.
    private final long goneBefore;

    private Changes(PartitionLog log, KeyFilter filter, long position, long goneBefore) {
        this.log = log;
        this.filter = filter;
        this.position = position;
        this.goneBefore = goneBefore;
    }

    /// From the log's start.
    public static Changes earliest(PartitionLog log, KeyFilter filter) {
        long gone = log.cleaning().goneTombstone(); // before anything is read
        return new Changes(log, filter, log.startOffset(), gone);
    }

    /// From the log's end: only what comes.
    public static Changes latest(PartitionLog log, KeyFilter filter) {
        return new Changes(log, filter, log.endOffset(), -1);
    }

    /// From an offset, the next one to read; 0 is the log's start.
    ///
    /// @throws CannotContinueException if that would miss something
    public static Changes from(PartitionLog log, KeyFilter filter, long offset) {
        if (offset == 0) {
            return earliest(log, filter);
        }
        Changes changes = new Changes(log, filter, offset, -1);
        changes.checkContinues();
        return changes;
    }

    public int partition() {
        return log.partition();
    }

    /// Has someone told when there may be something to read, or the partition is closed.
    public void addListener(Runnable listener) {
        log.endListeners().add(listener);
    }

    public void removeListener(Runnable listener) {
        log.endListeners().remove(listener);
    }

    /// The next offset to read.
    public long position() {
        return position;
    }

    /// Whether there is nothing to read at the moment.
    ///
    /// @throws LogException.Closed if there never will be, since the partition is closed
    public boolean isAtEnd() {
        log.throwIfClosed();
        return position == log.endOffset();
    }

    /// Moves forward; returns the records that it passed and that are wanted. There may be none
    /// although the end is not reached. Reads the file.
    ///
    /// @param bytesMax most bytes by their size on disk, but at least one record
    /// @throws CannotContinueException if something was missed; nothing more can be had then
    /// @throws LogException.Closed if the partition is closed
    /// @throws LogException.Corrupt if a batch is damaged
    public List<LogRecord> next(int bytesMax) {
        log.throwIfClosed();
        long end = log.endOffset();
        Wanted wanted = new Wanted(bytesMax);
        long reached =
                position >= end || hasNothingNew()
                        ? end
                        : ForwardRead.read(log, position, end, BUFFER_BYTES, wanted);
        checkContinues();
        position = reached;
        return wanted.records;
    }

    /// Whether the index, which knows everything below the end, shows nothing of the one key that
    /// is wanted at or behind the position.
    private boolean hasNothingNew() {
        if (!filter.isKey()) {
            return false;
        }
        KeyHash hash = new KeyHash();
        log.hasher().hash(filter.bytes(), hash);
        long entry = log.index().get(hash);
        return entry == KeyIndex.ABSENT || KeyIndex.offset(entry) < position;
    }

    private void checkContinues() {
        long dropped = log.cleaning().droppedTombstone();
        if (position <= dropped && dropped > goneBefore) {
            throw cannot(
                    "deletions up to offset "
                            + dropped
                            + " are forgotten (delete.retention.ms), and it may have missed some");
        }
        if (position < log.startOffset()) {
            throw cannot("the log starts at " + log.startOffset() + " by now");
        }
        if (position > log.endOffset()) {
            throw cannot("the log ends at " + log.endOffset());
        }
    }

    private CannotContinueException cannot(String why) {
        return new CannotContinueException(
                log.partition(),
                position,
                "Changes of partition "
                        + log.partition()
                        + " cannot be read on from offset "
                        + position
                        + ": "
                        + why
                        + ".");
    }

    private final class Wanted implements ForwardRead.Visitor {
        final List<LogRecord> records = new ArrayList<>();
        private long bytesLeft;
        private long lookedAtBytes;

        Wanted(int bytesMax) {
            this.bytesLeft = bytesMax;
        }

        @Override
        public boolean take(RecordCursor record) {
            if (!filter.takes(record) || log.config().compactionStrategy().wasLate(record)) {
                return true;
            }
            if (!records.isEmpty() && record.recordSize() > bytesLeft) {
                return false;
            }
            bytesLeft -= record.recordSize();
            records.add(record.toRecord());
            return true;
        }

        @Override
        public boolean goOn(int batchBytes) {
            lookedAtBytes += batchBytes;
            return bytesLeft > 0 && lookedAtBytes < LOOKED_AT_BYTES_MAX;
        }
    }
}
