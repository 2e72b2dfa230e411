package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what of a segment's file is not known at the start, as a rule all of it: checks every
/// batch, builds the offset index, fills the key index. What a bad batch means depends on where it
/// is:
/// - in the last segment, above the recovery point, its CRC wrong, and no valid batch further
///   behind it than unflushed writes reach: a write that a crash tore, never acknowledged. The tail
///   is cut there.
/// - in the last segment, nothing but zeros behind it: space written ahead ([Headroom]), which is
///   cut off.
/// - anywhere else: corruption. Nothing is cut or deleted; the partition is quarantined, and
///   reading goes on at the next valid batch.
///
/// The CRC does not cover a batch's base offset, so that is checked against its neighbours: it must
/// ascend, stay below the next segment, and, where no cleaning has made gaps yet, leave none.
final class SegmentScan {
    private static final int BUFFER_BYTES = 1 << 20;

    private final PartitionLog log;
    private final Segment segment;
    private final long nextBase;
    private final long recoveryPoint;
    private final Recovery.@Nullable CleanEnd cleanEnd;
    private final KeyHash hash = new KeyHash();

    /// False where any higher offset may follow: records that were mirrored, and once damage has
    /// been stepped over.
    private boolean gapless;

    private long learnFrom;
    private @Nullable OffsetList found;
    private long[] hi = new long[256];
    private long[] lo = new long[256];

    /// @param nextBase base offset of the next segment, -1 for the last
    /// @param recoveryPoint everything below this offset was flushed
    SegmentScan(
            PartitionLog log,
            Segment segment,
            long nextBase,
            long recoveryPoint,
            Recovery.@Nullable CleanEnd cleanEnd) {
        this.log = log;
        this.segment = segment;
        this.nextBase = nextBase;
        this.recoveryPoint = recoveryPoint;
        this.cleanEnd = cleanEnd;
        this.gapless =
                nextBase < 0
                        && !log.isMirrored()
                        && segment.baseOffset() >= log.cleaning().cleanedTo();
    }

    /// Only notes what is there: the records are in the key index already, or come later.
    ///
    /// @param offsets takes the offsets of all records, if not null
    void runWithoutLearning(@Nullable OffsetList offsets) throws IOException {
        learnFrom = Long.MAX_VALUE;
        found = offsets;
        run(new SegmentList(List.of(segment)));
    }

    /// @param segments those read so far and this one, for counting what is superseded
    void run(SegmentList segments) throws IOException {
        long size = segment.file().size();
        ByteBuffer buffer = Buffers.direct(size - segment.sizeBytes(), BUFFER_BYTES);
        BatchScanner scanner = new BatchScanner(segment.file(), segment.sizeBytes(), size, buffer);
        while (true) {
            try {
                if (!scanner.next()) {
                    return;
                }
                learn(scanner.batch(), segments);
            } catch (CorruptBatchException e) {
                if (!stepOver(scanner, size, e)) {
                    return;
                }
            }
        }
    }

    private void learn(RecordBatch batch, SegmentList segments) throws IOException {
        batch.ensureValid();
        checkOffsets(batch);
        if (!batch.isControl()) {
            hashKeys(batch);
            int n = 0;
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                if (found != null) {
                    found.add(cursor.offset());
                }
                if (isToLearn(cursor)) {
                    hash.hi = hi[n];
                    hash.lo = lo[n++];
                    log.learn(
                            hash,
                            cursor.offset(),
                            cursor.isTombstone(),
                            batch.storedBytes(cursor.recordSize()),
                            cursor.timestamp(),
                            log.config().compactionStrategy().version(cursor),
                            batch.deleteHorizonMs(),
                            segment,
                            segments);
                    segment.facts().noteDeadline(Deadline.of(cursor));
                }
            }
        }
        segment.note(batch.lastOffset(), batch.maxTimestamp(), batch.sizeInBytes());
    }

    /// Hashes the keys to be learned and has the index load their places all at once, for which the
    /// records are stepped through twice.
    private void hashKeys(RecordBatch batch) throws IOException {
        if (hi.length < batch.count()) {
            hi = new long[batch.count()];
            lo = new long[batch.count()];
        }
        int n = 0;
        RecordCursor cursor = batch.cursor();
        while (cursor.next()) {
            if (isToLearn(cursor)) {
                log.hasher().hash(cursor.buffer(), cursor.keyPosition(), cursor.keyLength(), hash);
                hi[n] = hash.hi;
                lo[n++] = hash.lo;
            }
        }
        log.index().prefetch(hi, lo, 0, n);
    }

    private boolean isToLearn(RecordCursor cursor) {
        return cursor.keyLength() >= 0 && cursor.offset() >= learnFrom;
    }

    private void checkOffsets(RecordBatch batch) throws CorruptBatchException {
        long expected = segment.nextOffset();
        if (batch.baseOffset() < expected) {
            throw new CorruptBatchException(batch.baseOffset(), "follows offset " + (expected - 1));
        }
        if (batch.lastOffset() - segment.baseOffset() > Integer.MAX_VALUE
                || (nextBase >= 0 && batch.lastOffset() >= nextBase)) {
            throw new CorruptBatchException(
                    batch.baseOffset(), "lies beyond the offsets of its segment");
        }
        if (gapless && batch.baseOffset() != expected) {
            throw new CorruptBatchException(
                    batch.baseOffset(), "follows offset " + (expected - 1) + ", with a gap");
        }
    }

    /// Decides what a bad batch means. False: the segment ends before it.
    private boolean stepOver(BatchScanner scanner, long size, IOException damage)
            throws IOException {
        long at = scanner.position();
        long offset = segment.nextOffset();
        if (isHeadroom(at, offset, size)) {
            segment.writableFile().truncate(at);
            return false;
        }
        BatchSearch search = new BatchSearch(segment.file(), size, segment.baseOffset());
        if (mayBeTorn(offset, size)
                && !search.isBatchAt(at)
                && search.from(at + unflushedBytesMax(log.config())) < 0) {
            segment.writableFile().truncate(at);
            log.emit(new LogEvent.TailCut(log.topic(), log.partition(), offset, size - at));
            return false;
        }
        log.quarantine(Damage.of(segment, at, offset, String.valueOf(damage.getMessage())));
        gapless = false;
        long resume = search.from(at + 1);
        segment.skipDamage((resume < 0 ? size : resume) - at);
        if (resume < 0) {
            return false;
        }
        scanner.resumeAt(resume, offset - 1);
        return true;
    }

    /// Whether nothing but zeros follows, where nothing else is known to have been ([Headroom]).
    private boolean isHeadroom(long at, long offset, long size) throws IOException {
        if (nextBase >= 0
                || offset < recoveryPoint
                || (cleanEnd != null && offset < cleanEnd.endOffset())) {
            return false;
        }
        ByteBuffer piece = ByteBuffer.allocate(64 * 1024);
        for (long from = at; from < size; from += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), size - from));
            segment.file().readFully(piece, from);
            for (int i = 0; i < piece.limit(); i++) {
                if (piece.get(i) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean mayBeTorn(long offset, long size) {
        boolean openEnd = nextBase < 0 || offset >= nextBase;
        boolean orderly = cleanEnd != null && cleanEnd.activeBytes() == size;
        return openEnd
                && offset >= recoveryPoint
                && !orderly
                && log.state() == PartitionState.ONLINE;
    }

    /// More than a crash can tear: the group being written, and with `acks=written` those before it
    /// that are not flushed yet. A group can be one write that is larger than a group should be.
    static long unflushedBytesMax(TopicConfig config) {
        long write = config.maxMessageBytes() + (1L << 20);
        return 2 * Math.max(Appender.GROUP_BYTES_MAX, write) + (1L << 20);
    }
}
