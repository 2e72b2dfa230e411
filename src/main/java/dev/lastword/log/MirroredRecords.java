package dev.lastword.log;

import dev.lastword.record.BatchWriter;
import dev.lastword.record.CorruptBatchException;
import dev.lastword.record.Header;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import dev.lastword.record.TimestampType;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Records of another log on their way into a mirrored one, where they keep their offsets and
/// timestamps. They are encoded as they are added, by whoever has them at hand, so that the
/// appender needs only to write them.
///
/// One thread fills them. From [AppendRequest#mirrored] until that is answered they are the
/// appender's; then they can be sent once more, if it failed, or filled anew.
public final class MirroredRecords {
    /// The offsets of one write span less than this, so that any segment that begins at its first
    /// one can hold it.
    public static final long SPAN_MAX = 1 << 30;

    /// What another place in a batch may add to a record: to its length, timestamp and offset.
    private static final int VARYING_BYTES = 14;

    private final Group group;
    private int bytesMax;
    private int recordBytesMax;
    private long firstOffset;

    private MirroredRecords(PartitionLog log) {
        group = new Group(log.hasher(), Group.BATCH_BYTES + RecordBatch.HEADER_BYTES);
    }

    /// None yet.
    public static MirroredRecords into(PartitionLog log) {
        MirroredRecords records = new MirroredRecords(log);
        records.restart(log);
        return records;
    }

    /// Drops what is here, and goes on with records for a log of the same store.
    public void restart(PartitionLog log) {
        TopicConfig config = log.config();
        bytesMax = Math.min(Appender.GROUP_BYTES_MAX, config.segmentBytes());
        recordBytesMax = config.maxMessageBytes() - RecordBatch.HEADER_BYTES;
        firstOffset = -1;
        group.begin(0, config.compression());
    }

    /// Adds a record, unless these are as many as one write may have.
    ///
    /// @param offset above that of the record before; gaps are allowed
    /// @param type of all that the other log has in the same batch
    /// @param leaderEpoch of the other log's partition
    /// @param timestamp in milliseconds since 1970, or -1
    /// @param key at least one byte
    /// @param value null for a tombstone
    /// @return false where it was not added and belongs into the next write
    /// @throws LogException.RecordTooLarge if the topic does not take it; nothing has changed
    public boolean add(
            long offset,
            TimestampType type,
            int leaderEpoch,
            long timestamp,
            byte[] key,
            byte @Nullable [] value,
            List<Header> headers) {
        if (key.length == 0) {
            throw new IllegalArgumentException("a key has at least one byte");
        }
        int bound = BatchWriter.maxSizeOf(key, value, headers);
        if (bound > recordBytesMax) {
            checkSize(BatchWriter.sizeOf(0, 0, key, value, headers));
        }
        if (isEmpty()) {
            firstOffset = offset;
        } else if (offset < group.nextOffset()) {
            throw new IllegalArgumentException("offset " + offset + " does not ascend");
        } else if (group.bytesSoFar() + bound > bytesMax || offset - firstOffset >= SPAN_MAX) {
            return false;
        }
        group.addMirrored(bound, key, value, timestamp, headers, offset, type, leaderEpoch);
        return true;
    }

    private void checkSize(int bytes) {
        if (bytes > recordBytesMax) {
            throw new LogException.RecordTooLarge(
                    (long) RecordBatch.HEADER_BYTES + bytes,
                    recordBytesMax + RecordBatch.HEADER_BYTES);
        }
    }

    /// Adds all of another, unless these are then more than one write may have.
    ///
    /// @param next its offsets are above those here
    /// @return false where nothing was added
    public boolean addAll(MirroredRecords next) {
        if (next.isEmpty()) {
            return true;
        }
        if (isEmpty()) {
            firstOffset = next.firstOffset;
        } else {
            if (next.firstOffset < group.nextOffset()) {
                throw new IllegalArgumentException(
                        "offset " + next.firstOffset + " does not ascend");
            }
            if (group.bytesSoFar() + next.group.bytesSoFar() > bytesMax
                    || next.group.nextOffset() - firstOffset > SPAN_MAX) {
                return false;
            }
        }
        group.addAll(next.group);
        return true;
    }

    public boolean isEmpty() {
        return group.isEmpty();
    }

    /// How many there are.
    public int count() {
        return group.records();
    }

    /// The memory that is kept for them, in bytes, also where they are none.
    public int capacity() {
        return group.capacity();
    }

    /// Of the first record; -1 where there is none.
    public long firstOffset() {
        return firstOffset;
    }

    /// Of the last record and one more.
    long nextOffset() {
        return group.nextOffset();
    }

    /// An upper bound of what they take on disk.
    int bytes() {
        return group.bytesSoFar();
    }

    Group encoded() {
        return group;
    }

    /// Adds those to a group that the log does not have yet.
    ///
    /// @return how many it has
    int addMissing(Group to) {
        int there = 0;
        RecordBatch batch = new RecordBatch();
        ByteBuffer bytes = group.finish();
        try {
            for (int at = bytes.position(); at < bytes.limit(); at += batch.sizeInBytes()) {
                RecordCursor record = batch.wrap(bytes, at).cursor();
                while (record.next()) {
                    if (record.offset() < to.nextOffset()) {
                        there++;
                        continue;
                    }
                    byte[] key = record.key();
                    if (key == null) {
                        throw new IllegalStateException("a mirrored record without a key");
                    }
                    to.addMirrored(
                            record.recordSize() + VARYING_BYTES,
                            key,
                            record.value(),
                            record.timestamp(),
                            record.headers(),
                            record.offset(),
                            batch.timestampType(),
                            batch.partitionLeaderEpoch());
                }
            }
        } catch (CorruptBatchException e) {
            throw new IllegalStateException("mirrored records are not well-formed", e);
        }
        return there;
    }
}
