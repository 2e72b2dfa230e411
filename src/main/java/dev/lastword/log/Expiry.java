package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Lets the keys of a partition expire: when a record's deadline ([Deadline]) has passed and it is
/// still the latest of its key, a tombstone is appended, on condition that this is still so when
/// the appender comes to it. So expiry is a deletion like any other: every reader sees it, and a
/// write that came first keeps the key. Under a versioned strategy the tombstone has the version of
/// what it deletes, and any later event supersedes it.
///
/// *Where deadlines are kept.* In the records, and so nowhere else durably. Each segment's facts
/// have a lower bound of the deadlines in it ([SegmentFacts#earliestDeadlineMs]), and [Deadlines]
/// has the nearest ones in memory. The rest is found again by reading the segments that may have
/// some, once the *horizon*, before which all are in memory, is reached: after a start, or when
/// there were more than fit.
///
/// *The clock.* A deadline is a moment of the wall clock. While that is set back keys live longer
/// by as much; when it is set forward they go earlier; a key that is gone stays gone.
///
/// What is mirrored belongs to its source and does not expire here.
///
/// The appender adds deadlines; everything else is for one thread ([ExpiryKeeper]).
final class Expiry {
    /// Tombstones that are written together.
    private static final int AT_ONCE = 1_000;

    private static final int BUFFER_BYTES = 256 << 10;
    private static final int REST_BYTES = 1 << 20;

    private final PartitionLog log;
    private final Deadlines deadlines = new Deadlines();
    private final KeyHash hash = new KeyHash();

    Expiry(PartitionLog log) {
        this.log = log;
    }

    /// Takes up what the segments say of it.
    void start(SegmentList segments) {
        if (!log.isMirrored()) {
            deadlines.horizonMs(earliest(segments.asList()));
        }
    }

    static long earliest(List<Segment> segments) {
        return segments.stream()
                .mapToLong(s -> s.facts().earliestDeadlineMs())
                .min()
                .orElse(Deadline.NONE);
    }

    /// Tells of a record that was appended. Only the appender.
    ///
    /// @return whether there is something to do earlier than before
    boolean appended(long deadlineMs, long offset) {
        return !log.isMirrored() && deadlines.add(deadlineMs, offset);
    }

    /// When there is something to do; [Deadline#NONE]: never, as far as is known.
    long nextMs() {
        return deadlines.nextMs();
    }

    /// Does what is due.
    ///
    /// @param stop ends it between two steps
    /// @return how many keys expired
    /// @throws LogException if some could not; they are due again
    /// @throws IOException if the log could not be read; likewise
    long run(BooleanSupplier stop) throws IOException {
        long expired = 0;
        long[] due = new long[AT_ONCE];
        while (!stop.getAsBoolean() && log.state() != PartitionState.CLOSED) {
            long nowMs = log.nowMs();
            int n = deadlines.takeDue(nowMs, due);
            if (n > 0) {
                expired += expire(Arrays.copyOf(due, n), nowMs);
            } else if (deadlines.horizonMs() <= nowMs) {
                find(stop);
            } else {
                break;
            }
        }
        return expired;
    }

    private long expire(long[] offsets, long nowMs) {
        List<AppendRequest> requests = new ArrayList<>();
        LogException failure = null;
        for (int i = 0; i < offsets.length && failure == null; i++) {
            try {
                AppendRequest request = tombstone(offsets[i], nowMs);
                if (request != null) {
                    log.appendWaiting(request);
                    requests.add(request);
                }
            } catch (LogException.Corrupt e) {
                // told by who found it; the others go on
            } catch (LogException e) {
                failure = e;
            }
        }
        long expired = 0;
        for (AppendRequest r : requests) {
            try {
                expired += r.result().join() instanceof AppendResult.Appended ? 1 : 0;
            } catch (CompletionException e) {
                failure =
                        e.getCause() instanceof LogException le
                                ? le
                                : new LogException.OutcomeUnknown(log.name(), e);
            }
        }
        if (failure != null) {
            for (long offset : offsets) {
                deadlines.add(nowMs, offset); // those that went are looked at in vain
            }
            throw failure;
        }
        return expired;
    }

    /// The write that deletes the key of the record at an offset; null where it is not live any
    /// more, or gone.
    private @Nullable AppendRequest tombstone(long offset, long nowMs) {
        LogRecord r = log.recordAt(offset);
        byte[] key = r == null ? null : r.key();
        if (r == null || key == null || Deadline.of(r.value(), r.headers()) > nowMs) {
            return null;
        }
        log.hasher().hash(key, hash);
        if (!isLatest(offset)) {
            return null;
        }
        CompactionStrategy strategy = log.config().compactionStrategy();
        NewRecord dead = new NewRecord(key, r.value(), r.timestamp(), r.headers());
        NewRecord tombstone =
                strategy.isVersioned()
                        ? strategy.tombstone(
                                key, strategy.version(dead, r.timestamp()), NewRecord.NOW)
                        : new NewRecord(key, null, NewRecord.NOW, List.of());
        return new AppendRequest(List.of(tombstone), new Condition.IfOffset(Set.of(offset)), null);
    }

    private boolean isLatest(long offset) {
        long entry = log.index().get(hash);
        return entry != KeyIndex.ABSENT
                && !KeyIndex.isTombstone(entry)
                && KeyIndex.offset(entry) == offset;
    }

    /// Finds the nearest deadlines in the log. Before the first byte is read the horizon goes, so
    /// that what is appended meanwhile is taken in as well.
    private void find(BooleanSupplier stop) throws IOException {
        deadlines.horizonMs(Deadline.NONE);
        boolean whole = false;
        List<Segment> held =
                SegmentList.hold(log, s -> s.facts().earliestDeadlineMs() < Deadline.NONE);
        try {
            for (Segment s : held) {
                find(s, stop);
            }
            whole = !stop.getAsBoolean();
        } finally {
            held.forEach(Segment::release);
            if (!whole) {
                deadlines.horizonMs(Math.min(deadlines.horizonMs(), log.nowMs()));
            }
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing is made right by it, only fairer
    private void find(Segment segment, BooleanSupplier stop) throws IOException {
        long earliest = Deadline.NONE;
        long unrestedBytes = 0;
        boolean closed = segment != log.segments().active(); // what is closed stays so
        BatchScanner scanner =
                segment.scanFrom(
                        segment.baseOffset(), Buffers.direct(segment.sizeBytes(), BUFFER_BYTES));
        try {
            while (scanner.next()) {
                if (stop.getAsBoolean()) {
                    return;
                }
                scanner.batch().ensureValid();
                if (!scanner.batch().isControl()) {
                    earliest = Math.min(earliest, find(scanner.batch().cursor()));
                }
                unrestedBytes += scanner.batch().sizeInBytes();
                if (unrestedBytes > REST_BYTES) {
                    unrestedBytes = 0;
                    Thread.yield(); // a virtual thread keeps its carrier until it waits
                }
            }
        } catch (CorruptBatchException e) {
            log.quarantine(segment, scanner.position(), e);
            return; // the others go on
        }
        if (closed) {
            log.noteDeadline(segment, earliest);
        }
    }

    /// Returns the earliest deadline of a live key.
    private long find(RecordCursor record) throws IOException {
        long earliest = Deadline.NONE;
        while (record.next()) {
            long deadline = record.keyLength() < 0 ? Deadline.NONE : Deadline.of(record);
            if (deadline < Deadline.NONE) {
                log.hasher().hash(record.buffer(), record.keyPosition(), record.keyLength(), hash);
                if (isLatest(record.offset())) {
                    earliest = Math.min(earliest, deadline);
                    deadlines.add(deadline, record.offset());
                }
            }
        }
        return earliest;
    }
}
