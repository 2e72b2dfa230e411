package dev.lastword.read;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.CompactionStrategy;
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
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Every key that was live at one moment, with its value, read in log order while writers and
/// cleaner go on.
///
/// The moment is the vector S of end offsets when the snapshot began. It holds on to the segments
/// of that time and emits a record below S if the index names it as its key's latest. Where the
/// index names an offset at or beyond S, or knows the key no more, the key was written or removed
/// since; then all its records below S are emitted, tombstones too, and the last of them is what
/// was true at S. So every key that was live at S appears, the last time with its value at S;
/// reading on from S misses nothing; and without writers each live key appears exactly once.
/// Records that were superseded when they came ([CompactionStrategy#SUPERSEDED]) were never true
/// and are left out. Of a key that several partitions of a mirrored topic have, the value that a
/// read by key gives is emitted.
///
/// For one thread at a time; must be closed, for it keeps files open.
public final class Snapshot implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 * 1024;

    /// A live key's record; or a tombstone, where a key was deleted before the snapshot's moment
    /// and written since.
    public record SnapshotRecord(int partition, LogRecord record) {}

    private record Pinned(PartitionLog log, long end, List<Segment> segments) {}

    private final Topic topic;
    private final OffsetsVector offsets;
    private final KeyFilter filter;
    private final List<Pinned> partitions;
    private final KeyHash hash = new KeyHash();
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private int partition;
    private int segment = -1;
    private @Nullable BatchScanner scanner;
    private @Nullable RecordCursor cursor;
    private boolean closed;

    private Snapshot(
            Topic topic, OffsetsVector offsets, KeyFilter filter, List<Pinned> partitions) {
        this.topic = topic;
        this.offsets = offsets;
        this.filter = filter;
        this.partitions = partitions;
    }

    static Snapshot open(Topic topic, KeyFilter filter) {
        List<Pinned> pinned = new ArrayList<>();
        List<PartitionLog> all = topic.partitions();
        long[] ends = new long[all.size()];
        for (PartitionLog log : all) {
            long end = log.endOffset(); // before the segments, which then hold everything below it
            ends[log.partition()] = end;
            try {
                pinned.add(new Pinned(log, end, pin(log)));
            } catch (LogException e) {
                pinned.forEach(Snapshot::release);
                throw e;
            }
        }
        return new Snapshot(topic, OffsetsVector.ofAll(topic.epoch(), ends), filter, pinned);
    }

    private static List<Segment> pin(PartitionLog log) {
        while (true) {
            SegmentList list = log.segments();
            List<Segment> held = new ArrayList<>();
            for (Segment s : list.asList()) {
                if (!s.tryRetain()) {
                    break;
                }
                held.add(s);
            }
            if (held.size() == list.size()) {
                return held;
            }
            held.forEach(Segment::release);
            if (list == log.segments()) {
                throw new LogException.Closed("Partition " + log.name());
            }
        }
    }

    /// Where to read on for changes after the snapshot.
    public OffsetsVector offsets() {
        return offsets;
    }

    /// The next record, or null at the end.
    ///
    /// @throws LogException.Corrupt if a batch is damaged
    public @Nullable SnapshotRecord next() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        while (partition < partitions.size()) {
            Pinned pinned = partitions.get(partition);
            try {
                SnapshotRecord record = nextIn(pinned);
                if (record != null) {
                    return record;
                }
            } catch (IOException e) {
                if (e instanceof CorruptBatchException damage && scanner != null) {
                    Segment damaged = pinned.segments.get(segment);
                    pinned.log.quarantine(damaged, scanner.position(), damage);
                }
                throw new LogException.Corrupt(
                        pinned.log.name(),
                        pinned.segments.get(segment).baseOffset(),
                        String.valueOf(e.getMessage()),
                        e);
            }
            release(pinned);
            partition++;
            segment = -1;
        }
        return null;
    }

    private @Nullable SnapshotRecord nextIn(Pinned pinned) throws IOException {
        while (true) {
            if (cursor != null) {
                while (cursor.next()) {
                    if (isPart(pinned, cursor)) {
                        LogRecord record = cursor.toRecord();
                        if (!topic.isMirrored() || !hasNewer(pinned.log, record)) {
                            return new SnapshotRecord(pinned.log.partition(), record);
                        }
                    }
                }
                cursor = null;
            }
            if (scanner == null || !nextBatch(pinned, scanner)) {
                if (scanner != null) {
                    buffer = scanner.buffer();
                    scanner = null;
                }
                if (++segment >= pinned.segments.size()) {
                    return null;
                }
                Segment s = pinned.segments.get(segment);
                scanner = s.scanFrom(s.baseOffset(), buffer);
            }
        }
    }

    private boolean nextBatch(Pinned pinned, BatchScanner batches) throws IOException {
        if (!batches.next() || batches.batch().baseOffset() >= pinned.end) {
            return false;
        }
        batches.batch().ensureValid();
        if (!batches.batch().isControl()) {
            cursor = batches.batch().cursor();
        }
        return true;
    }

    private boolean isPart(Pinned pinned, RecordCursor record) {
        if (record.offset() >= pinned.end || !filter.takes(record)) {
            return false;
        }
        pinned.log.hasher().hash(record.buffer(), record.keyPosition(), record.keyLength(), hash);
        long entry = pinned.log.index().get(hash);
        CompactionStrategy strategy = pinned.log.config().compactionStrategy();
        if (entry == KeyIndex.ABSENT) {
            return !strategy.wasLate(record);
        }
        long latest = KeyIndex.offset(entry);
        return latest >= pinned.end
                ? !strategy.wasLate(record)
                : latest == record.offset() && !KeyIndex.isTombstone(entry);
    }

    /// Whether another partition had a newer value of the key hashed last.
    private boolean hasNewer(PartitionLog where, LogRecord record) {
        byte[] key = Objects.requireNonNull(record.key());
        for (Pinned other : partitions) {
            if (other.log != where && other.log.index().get(hash) != KeyIndex.ABSENT) {
                LogRecord there = Reads.latest(other.log, key);
                if (there != null
                        && there.offset() < other.end
                        && Reads.isNewer(there, other.log, record, where)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void release(Pinned pinned) {
        pinned.segments.forEach(Segment::release);
    }

    /// Lets go of the segments. Closing twice is harmless.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (; partition < partitions.size(); partition++) {
                release(partitions.get(partition));
            }
        }
    }
}
