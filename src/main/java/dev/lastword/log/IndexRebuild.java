package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.index.PageSource;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Finds the keys of damaged pages of a checkpoint in the open log, by reading all of it.
///
/// Nobody can have put anything into those pages, for the appender too has to have them first; so
/// what belongs there is what the log has below its end. All segments are held from the beginning:
/// a mix of those before and after a cleaning could show a value whose tombstone is gone.
final class IndexRebuild {
    private static final int BUFFER_BYTES = 1 << 20;

    private final PartitionLog log;
    private final KeyIndex index;
    private final PageSource.Wanted wanted;
    private final long end;
    private final KeyHash hash = new KeyHash();

    private IndexRebuild(PartitionLog log, KeyIndex index, PageSource.Wanted wanted) {
        this.log = log;
        this.index = index;
        this.wanted = wanted;
        this.end = log.endOffset();
    }

    /// Enters the keys that are wanted into an index.
    ///
    /// @throws UncheckedIOException if the log cannot be read
    static void run(PartitionLog log, KeyIndex index, PageSource.Wanted wanted) {
        log.emit(
                new LogEvent.UpkeepFailed(
                        log.topic(),
                        log.partition(),
                        "its checkpoint is damaged; the keys concerned are read from the log"));
        List<Segment> held = SegmentList.hold(log, s -> true);
        try {
            IndexRebuild rebuild = new IndexRebuild(log, index, wanted);
            for (Segment s : held) {
                rebuild.read(s);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(log.name() + " cannot be read", e);
        } finally {
            held.forEach(Segment::release);
        }
    }

    private void read(Segment segment) throws IOException {
        long size = segment.sizeBytes();
        BatchScanner scanner =
                segment.scanFrom(segment.baseOffset(), ByteBuffer.allocateDirect(BUFFER_BYTES));
        while (true) {
            try {
                if (!scanner.next()) {
                    return;
                }
                enter(scanner.batch());
            } catch (CorruptBatchException e) {
                log.quarantine(segment, scanner.position(), e);
                BatchSearch search = new BatchSearch(segment.file(), size, segment.baseOffset());
                long resume = search.from(scanner.position() + 1);
                if (resume < 0) {
                    return;
                }
                scanner.resumeAt(resume, -1);
            }
        }
    }

    private void enter(RecordBatch batch) throws IOException {
        batch.ensureValid();
        if (batch.isControl()) {
            return;
        }
        RecordCursor cursor = batch.cursor();
        while (cursor.next()) {
            if (cursor.keyLength() < 0 || cursor.offset() >= end) {
                continue;
            }
            log.hasher().hash(cursor.buffer(), cursor.keyPosition(), cursor.keyLength(), hash);
            if (!wanted.wants(hash.lo)) {
                continue;
            }
            long version = log.config().compactionStrategy().version(cursor);
            boolean late =
                    index.isVersioned()
                            && index.get(hash) != KeyIndex.ABSENT
                            && version < index.version(hash);
            if (!late) {
                index.put(
                        hash,
                        cursor.offset(),
                        cursor.isTombstone(),
                        batch.storedBytes(cursor.recordSize()),
                        version);
            }
        }
    }
}
