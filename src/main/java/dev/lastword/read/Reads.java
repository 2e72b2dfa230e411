package dev.lastword.read;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.LogException;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Segment;
import dev.lastword.log.SegmentList;
import dev.lastword.log.Topic;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The ways out for records: by key, by offset, as a snapshot. All of them read files (mostly out
/// of the system's cache) and are for virtual threads. Thread-safe.
public final class Reads {
    private static final int PAGE_BUFFER_BYTES = 64 * 1024;

    /// A key's latest value and where it lies.
    public record Found(int partition, LogRecord record) {}

    /// Some records in order.
    ///
    /// @param nextOffset where to read on: behind the last one, or the end of the partition
    public record RecordPage(List<LogRecord> records, long nextOffset) {
        public RecordPage {
            records = List.copyOf(records);
        }
    }

    /// The latest value of a key, or null where there is none or it was deleted.
    ///
    /// @throws LogException.Corrupt if its batch is damaged
    public @Nullable Found get(Topic topic, byte[] key) {
        if (topic.isMirrored()) {
            return newest(topic, key);
        }
        PartitionLog log = topic.partitionFor(key);
        LogRecord record = latest(log, key);
        return record == null ? null : new Found(log.partition(), record);
    }

    /// Where a mirrored key lies its writer decided, and other clients hash otherwise: of the
    /// partitions that have it the newest timestamp wins, then the highest partition.
    private static @Nullable Found newest(Topic topic, byte[] key) {
        Found newest = null;
        for (PartitionLog log : topic.partitions()) {
            LogRecord record = latest(log, key);
            if (record != null
                    && (newest == null || record.timestamp() >= newest.record.timestamp())) {
                newest = new Found(log.partition(), record);
            }
        }
        return newest;
    }

    static boolean isNewer(LogRecord a, PartitionLog inA, LogRecord b, PartitionLog inB) {
        return a.timestamp() > b.timestamp()
                || (a.timestamp() == b.timestamp() && inA.partition() > inB.partition());
    }

    /// Looks the key up until index and file agree. The index names an offset before the cleaner
    /// may remove what lies at an older one, so a record that is gone means that a newer one is
    /// named by now; only another key at the very offset named is a collision of hashes, and then
    /// the key asked for is not there.
    static @Nullable LogRecord latest(PartitionLog log, byte[] key) {
        KeyHash hash = new KeyHash();
        log.hasher().hash(key, hash);
        long missed = KeyIndex.ABSENT;
        while (true) {
            long entry = log.index().get(hash);
            if (entry == KeyIndex.ABSENT || KeyIndex.isTombstone(entry)) {
                return null;
            }
            long offset = KeyIndex.offset(entry);
            if (offset < log.startOffset()) {
                return null;
            }
            LogRecord record = log.recordAt(offset);
            if (record != null) {
                return Arrays.equals(record.key(), key) ? record : null;
            }
            if (missed == entry && log.index().get(hash) == entry && offset >= log.startOffset()) {
                throw new LogException.Corrupt(
                        log.name(),
                        offset,
                        "the index names a record that the log does not have",
                        new IllegalStateException());
            }
            missed = entry;
        }
    }

    /// Records of a partition from an offset on: as many as the bounds allow, at least one if there
    /// is one.
    ///
    /// @param limit most records
    /// @param maxBytes most bytes, by their size on disk
    /// @throws LogException.OffsetOutOfRange below the start or beyond the end
    public RecordPage page(Topic topic, int partition, long offset, int limit, int maxBytes) {
        PartitionLog log = topic.partition(partition);
        long end = log.endOffset();
        if (offset < log.startOffset() || offset > end) {
            throw new LogException.OffsetOutOfRange(offset, log.startOffset(), end);
        }
        List<LogRecord> records = new ArrayList<>();
        PageBounds bounds = new PageBounds(end, limit, maxBytes);
        long next = offset;
        while (next < end && !bounds.full) {
            SegmentList list = log.segments();
            int i = Math.max(0, list.floorIndex(next));
            Segment segment = list.get(i);
            if (segment.nextOffset() <= next) {
                if (i + 1 == list.size()) {
                    break;
                }
                next = Math.max(next, list.get(i + 1).baseOffset());
                segment = list.get(i + 1);
            }
            if (!segment.tryRetain()) {
                log.throwIfClosed();
                continue;
            }
            try {
                next = read(log, segment, next, bounds, records);
            } catch (IOException e) {
                throw new LogException.Corrupt(log.name(), next, String.valueOf(e.getMessage()), e);
            } finally {
                segment.release();
            }
        }
        return new RecordPage(records, bounds.full ? next : end);
    }

    private static final class PageBounds {
        final long end;
        final int limit;
        long bytesLeft;
        boolean full;

        PageBounds(long end, int limit, int maxBytes) {
            this.end = end;
            this.limit = limit;
            this.bytesLeft = maxBytes;
        }
    }

    /// Adds what one segment has; returns where to read on.
    private static long read(
            PartitionLog log,
            Segment segment,
            long from,
            PageBounds bounds,
            List<LogRecord> records)
            throws IOException {
        BatchScanner scanner = segment.scanFrom(from, ByteBuffer.allocate(PAGE_BUFFER_BYTES));
        try {
            return read(scanner, segment.nextOffset(), from, bounds, records);
        } catch (CorruptBatchException e) {
            log.quarantine(segment, scanner.position(), e);
            throw e;
        }
    }

    private static long read(
            BatchScanner scanner,
            long segmentEnd,
            long from,
            PageBounds bounds,
            List<LogRecord> records)
            throws IOException {
        while (scanner.next()) {
            var batch = scanner.batch();
            if (batch.lastOffset() < from) {
                continue;
            }
            batch.ensureValid();
            if (batch.isControl()) {
                continue;
            }
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                if (cursor.offset() < from) {
                    continue;
                }
                if (cursor.offset() >= bounds.end) {
                    return bounds.end;
                }
                boolean room =
                        records.size() < bounds.limit && cursor.recordSize() <= bounds.bytesLeft;
                if (!records.isEmpty() && !room) {
                    bounds.full = true;
                    return cursor.offset();
                }
                records.add(cursor.toRecord());
                bounds.bytesLeft -= cursor.recordSize();
            }
        }
        return Math.max(from, segmentEnd);
    }

    /// Begins a snapshot of all live keys.
    ///
    /// @param prefix only keys that begin with these bytes; null or empty: all
    public Snapshot snapshot(Topic topic, byte @Nullable [] prefix) {
        return Snapshot.open(topic, prefix == null ? new byte[0] : prefix.clone());
    }
}
