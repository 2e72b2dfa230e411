package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.Finding.Severity;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import dev.lastword.record.TimestampType;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Reads one closed segment and checks what must hold within it: every byte belongs to a batch
/// whose CRC holds; offsets ascend, lie within the segment and fit 32 bits above its base; records
/// are well-formed and no later than their batch says; the indexes agree with the log.
///
/// Not thread-safe.
final class SegmentVerifier {
    private final Disk disk;
    private final VerifyCounts counts;
    private final Path file;
    private final long baseOffset;
    private final long nextBase;
    private final @Nullable KeyHistory keys;
    private long sizeBytes;
    private long nextOffset;

    /// @param nextBase base offset of the next segment, -1 for the last
    /// @param keys is told of every keyed record, where the keys are to be checked
    SegmentVerifier(
            Disk disk,
            VerifyCounts counts,
            Path file,
            long baseOffset,
            long nextBase,
            @Nullable KeyHistory keys) {
        this.disk = disk;
        this.counts = counts;
        this.file = file;
        this.baseOffset = baseOffset;
        this.nextBase = nextBase;
        this.keys = keys;
        this.nextOffset = baseOffset;
    }

    /// What [SegmentScan] takes for a write that a crash tore, and cuts off.
    ///
    /// @param recoveryPoint it lies at or above this offset
    /// @param bytesMax no valid batch follows so many bytes behind its beginning
    record TornTail(long recoveryPoint, long bytesMax) {}

    /// @param torn null where no write can be torn
    void run(@Nullable TornTail torn) throws IOException {
        counts.segment();
        IndexChecks indexes =
                IndexChecks.open(disk, counts, baseOffset, file, nextBase >= 0, torn != null);
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            sizeBytes = in.size();
            if (sizeBytes > Integer.MAX_VALUE) {
                problem(-1, -1, "has " + sizeBytes + " bytes, more than an index can address");
            }
            BatchWalk walk = new BatchWalk(in, baseOffset, offsetLimit());
            for (BatchWalk.Step step = walk.next(); step != BatchWalk.Step.END; ) {
                if (step == BatchWalk.Step.BATCH) {
                    indexes.batch(walk.position(), walk.batch());
                    check(walk.position(), walk.batch());
                } else if (torn != null && isTorn(in, walk, torn)) {
                    indexes.damage(sizeBytes);
                    break;
                } else {
                    indexes.damage(walk.end());
                    damage(walk);
                }
                nextOffset = walk.nextOffset();
                step = walk.next();
            }
            indexes.end();
        }
    }

    /// Bytes of the file.
    long sizeBytes() {
        return sizeBytes;
    }

    /// Exclusive end of the offsets here; the base offset where there are none.
    long nextOffset() {
        return nextOffset;
    }

    private long offsetLimit() {
        long limit = baseOffset + Integer.MAX_VALUE + 1L;
        return nextBase < 0 ? limit : Math.min(limit, nextBase);
    }

    private boolean isTorn(DiskFile in, BatchWalk walk, TornTail torn) throws IOException {
        BatchSearch search = new BatchSearch(in, sizeBytes, baseOffset);
        if (walk.nextOffset() < torn.recoveryPoint()
                || search.from(walk.position() + torn.bytesMax()) >= 0) {
            return false;
        }
        long bytes = sizeBytes - walk.position();
        counts.skipped(bytes);
        note(
                walk.position(),
                walk.nextOffset(),
                bytes + " bytes of an unfinished write; the next start cuts them off");
        return true;
    }

    private void damage(BatchWalk walk) throws IOException {
        long bytes = walk.end() - walk.position();
        counts.skipped(bytes);
        if (nextBase < 0 && walk.end() == sizeBytes && walk.isZero()) {
            note(walk.position(), walk.nextOffset(), bytes + " zero bytes up to the end");
        } else {
            problem(
                    walk.position(),
                    walk.nextOffset(),
                    bytes + " bytes are damaged: " + walk.damage());
        }
    }

    private void check(long position, RecordBatch batch) {
        long base = batch.baseOffset();
        if (batch.hasDeleteHorizon() && batch.deleteHorizonMs() < 0) {
            problem(position, base, "a batch has the delete horizon " + batch.deleteHorizonMs());
        }
        long records = 0;
        try {
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                records++;
                check(position, batch, cursor);
            }
        } catch (CorruptBatchException e) {
            problem(position, base, "the CRC holds, but the records do not: " + e.getMessage());
        }
        counts.read(records, batch.sizeInBytes());
    }

    private void check(long position, RecordBatch batch, RecordCursor record) {
        if (batch.timestampType() == TimestampType.CREATE_TIME
                && batch.maxTimestamp() >= 0
                && record.timestamp() > batch.maxTimestamp()) {
            problem(
                    position,
                    record.offset(),
                    "a record of "
                            + record.timestamp()
                            + " is later than its batch says, "
                            + batch.maxTimestamp());
        }
        if (keys == null || batch.isControl() || record.keyLength() < 0) {
            return;
        }
        long older = keys.add(record);
        if (older >= 0 && record.isTombstone() && batch.hasDeleteHorizon()) {
            problem(
                    position,
                    record.offset(),
                    "a tombstone has a delete horizon, though an older record of its key is left"
                            + " at offset "
                            + older
                            + ", which would come back");
        }
    }

    private void problem(long position, long offset, String what) {
        counts.tell(new Finding(Severity.PROBLEM, file, position, offset, what));
    }

    private void note(long position, long offset, String what) {
        counts.tell(new Finding(Severity.NOTE, file, position, offset, what));
    }
}
