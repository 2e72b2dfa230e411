package dev.lastword.record;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Writes batches into buffers of the caller: [#begin], [#append] as often as there are records,
/// [#end]; then the next.
///
/// The buffer's position stays where it was until `end` moves it behind the batch, so a batch that
/// is given up leaves no trace. A record that does not fit between position and limit raises
/// [BufferOverflowException] and leaves the batch as it was: it can be ended and the record put
/// into the next.
///
/// Not thread-safe; reusable.
public final class BatchWriter {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final long NO_TIMESTAMP = -1;

    private final CRC32C crc32c = new CRC32C();

    /// The caller's buffer, and a big-endian duplicate with its limit at capacity.
    private ByteBuffer out = NOTHING;

    private ByteBuffer view = NOTHING;
    private int start;
    private int at;
    private long baseOffset;
    private int lastOffsetDelta;
    private long baseTimestamp;
    private long maxTimestamp;
    private int count;
    private Compression compression = Compression.NONE;
    private TimestampType timestampType = TimestampType.CREATE_TIME;
    private int leaderEpoch;

    /// Begins a batch at the position of `out`: create time, no producer, leader epoch 0.
    ///
    /// @param out where to write; must not be touched until [#end]
    /// @param baseOffset the offset that the batch begins with, at least 0
    /// @param compression how [#end] packs the records; where that would not make the batch smaller
    ///   they stay as they are
    /// @throws BufferOverflowException if there is not even room for a header
    public void begin(ByteBuffer out, long baseOffset, Compression compression) {
        if (baseOffset < 0) {
            throw new IllegalArgumentException("negative base offset " + baseOffset);
        }
        if (out.remaining() < RecordBatch.HEADER_BYTES) {
            throw new BufferOverflowException();
        }
        aim(out);
        this.baseOffset = baseOffset;
        this.compression = compression;
        timestampType = TimestampType.CREATE_TIME;
        leaderEpoch = 0;
        at = start + RecordBatch.HEADER_BYTES;
        lastOffsetDelta = -1;
        baseTimestamp = NO_TIMESTAMP;
        maxTimestamp = NO_TIMESTAMP;
        count = 0;
    }

    /// Says of the batch just begun where it comes from, for one that is mirrored. Under
    /// [TimestampType#LOG_APPEND_TIME] all its records must have the same timestamp.
    public void origin(TimestampType type, int epoch) {
        timestampType = type;
        leaderEpoch = epoch;
    }

    @SuppressWarnings("ReferenceEquality") // the same buffer, not equal bytes
    private void aim(ByteBuffer out) {
        if (this.out != out) {
            this.out = out;
            view = out.duplicate().clear();
        }
        start = out.position();
    }

    /// Adds a record.
    ///
    /// @param offset greater than that of the record before, and less than 2^31 above the base
    ///   offset
    /// @param timestamp milliseconds since 1970, or -1 when unknown
    /// @throws BufferOverflowException if it does not fit; the batch is as before
    public void append(
            long offset,
            long timestamp,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<Header> headers) {
        int offsetDelta = checkedOffsetDelta(offset);
        if (timestamp < NO_TIMESTAMP) {
            throw new IllegalArgumentException("negative timestamp " + timestamp);
        }
        long timestampDelta = timestamp - baseTimestampWith(timestamp);
        int bodyBytes =
                RecordCodec.bodyBytes(
                        timestampDelta, offsetDelta, RecordCodec.tailBytes(key, value, headers));
        ensureRoom(Varints.sizeOfInt(bodyBytes) + bodyBytes);
        at = RecordCodec.putStart(view, at, bodyBytes, (byte) 0, timestampDelta, offsetDelta);
        at = RecordCodec.putTail(view, at, key, value, headers);
        added(offsetDelta, timestamp);
    }

    /// Adds the record that `record` stands on, with its offset and timestamp; key, value and
    /// headers are copied as they are.
    ///
    /// @throws BufferOverflowException if it does not fit; the batch is as before
    public void append(RecordCursor record) {
        int offsetDelta = checkedOffsetDelta(record.offset());
        long timestamp = record.timestamp();
        appendCopy(record, timestamp - baseTimestampWith(timestamp), offsetDelta);
        added(offsetDelta, timestamp);
    }

    private void appendCopy(RecordCursor record, long timestampDelta, int offsetDelta) {
        int tailBytes = record.recordPosition() + record.recordSize() - record.keyFieldPosition();
        int bodyBytes = RecordCodec.bodyBytes(timestampDelta, offsetDelta, tailBytes);
        ensureRoom(Varints.sizeOfInt(bodyBytes) + bodyBytes);
        at =
                RecordCodec.putStart(
                        view,
                        at,
                        bodyBytes,
                        record.recordAttributes(),
                        timestampDelta,
                        offsetDelta);
        copy(record.buffer(), record.keyFieldPosition(), tailBytes);
    }

    private int checkedOffsetDelta(long offset) {
        long delta = offset - baseOffset;
        if (delta <= lastOffsetDelta || delta > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "offset %d in a batch from %d to %d"
                            .formatted(offset, baseOffset, baseOffset + lastOffsetDelta));
        }
        return (int) delta;
    }

    private long baseTimestampWith(long timestamp) {
        return count == 0 ? timestamp : baseTimestamp;
    }

    private void ensureRoom(int bytes) {
        if (bytes > out.limit() - at) {
            throw new BufferOverflowException();
        }
    }

    private void copy(ByteBuffer from, int position, int bytes) {
        view.put(at, from, position, bytes);
        at += bytes;
    }

    private void added(int offsetDelta, long timestamp) {
        baseTimestamp = baseTimestampWith(timestamp);
        maxTimestamp = Math.max(maxTimestamp, timestamp);
        lastOffsetDelta = offsetDelta;
        count++;
    }

    /// The batch's size in bytes if it were ended now, not compressed.
    public int sizeSoFar() {
        return at - start;
    }

    /// The records added since [#begin].
    public int count() {
        return count;
    }

    /// Completes header and CRC and moves the buffer's position behind the batch.
    ///
    /// @return the batch's size in bytes
    /// @throws IllegalStateException if no record was added
    public int end() {
        if (count == 0) {
            throw new IllegalStateException("a batch without records");
        }
        view.putLong(start, baseOffset);
        view.putInt(start + RecordBatch.LEADER_EPOCH_AT, leaderEpoch);
        view.put(start + RecordBatch.MAGIC_AT, RecordBatch.MAGIC);
        view.putInt(start + RecordBatch.LAST_OFFSET_DELTA_AT, lastOffsetDelta);
        putNoProducer();
        return seal(
                timestampType == TimestampType.LOG_APPEND_TIME
                        ? RecordBatch.LOG_APPEND_TIME_BIT
                        : 0);
    }

    /// Writes the fields that depend on what was kept, and the CRC.
    private int seal(int attributes) {
        int codec = pack();
        int size = at - start;
        view.putInt(start + RecordBatch.LENGTH_AT, size - RecordBatch.LENGTH_PREFIX_BYTES);
        view.putShort(
                start + RecordBatch.ATTRIBUTES_AT,
                (short) ((attributes & ~RecordBatch.COMPRESSION_MASK) | codec));
        view.putLong(start + RecordBatch.BASE_TIMESTAMP_AT, baseTimestamp);
        view.putLong(start + RecordBatch.MAX_TIMESTAMP_AT, maxTimestamp);
        view.putInt(start + RecordBatch.COUNT_AT, count);
        view.putInt(start + RecordBatch.CRC_AT, RecordBatch.crcOf(crc32c, view, start, size));
        count = 0;
        out.position(at);
        return size;
    }

    /// Packs the records if that pays; returns the id of the codec they have then.
    private int pack() {
        if (compression == Compression.NONE || count == 0) {
            return Compression.NONE.id();
        }
        int end = BatchCodec.pack(compression, view, start + RecordBatch.HEADER_BYTES, at);
        if (end < 0) {
            return Compression.NONE.id();
        }
        at = end;
        return compression.id();
    }

    /// Writes what remains of a batch when only some of its records are kept, at the position of
    /// `out`, and moves that behind it. Base and last offset, leader epoch, producer fields and all
    /// attributes but the delete horizon stay as they are; so do the offsets and timestamps of the
    /// records.
    ///
    /// Where nothing changes the batch is copied whole, and where only records go the others are
    /// copied in runs: baseTimestamp stays, even if it was that of a record that goes. A new
    /// horizon takes its place, and every record is encoded anew. maxTimestamp becomes the greatest
    /// that is kept, but stays under [TimestampType#LOG_APPEND_TIME]. With no record left only a
    /// header remains: no horizon, baseTimestamp -1, maxTimestamp as it was. Compressed records are
    /// packed again with the same codec, if that makes them smaller.
    ///
    /// The new CRC vouches for what was read: call [RecordBatch#ensureValid] first.
    ///
    /// @param source the batch; its cursor is used
    /// @param retained bit i says that the i-th record is kept
    /// @param deleteHorizonMs the horizon to set, in milliseconds since 1970, or -1; a batch that
    ///   has one keeps it
    /// @param out not the buffer that holds the source, and with room for [#rewriteBound]
    /// @return bytes written
    /// @throws CorruptBatchException if the records are not well-formed, as far as they are looked
    ///   at: of those that are copied in runs only the lengths and the timestamps are
    /// @throws BufferOverflowException if there was not room
    public int rewrite(RecordBatch source, BitSet retained, long deleteHorizonMs, ByteBuffer out)
            throws CorruptBatchException {
        int kept = retained.cardinality();
        if (retained.length() > source.count()) {
            throw new IllegalArgumentException(
                    "record %d of a batch of %d".formatted(retained.length() - 1, source.count()));
        }
        boolean newHorizon = deleteHorizonMs >= 0 && !source.hasDeleteHorizon();
        if (kept == source.count() && kept > 0 && !newHorizon) {
            source.copyTo(out);
            return source.sizeInBytes();
        }
        beginRewrite(source, out);
        if (kept == 0) {
            baseTimestamp = NO_TIMESTAMP;
            maxTimestamp = source.maxTimestamp();
            return seal(source.attributes() & ~RecordBatch.DELETE_HORIZON_BIT);
        }
        if (newHorizon) {
            baseTimestamp = deleteHorizonMs;
            copyRecordsRebased(source.cursor(), retained);
            return seal(source.attributes() | RecordBatch.DELETE_HORIZON_BIT);
        }
        baseTimestamp = source.baseTimestamp();
        copyRecordRuns(source.cursor(), retained);
        return seal(source.attributes());
    }

    /// Writes an empty batch that stands for the offsets of another and for nothing else: it has
    /// its base and last offset, leader epoch and timestamp type, but no producer and no timestamp.
    /// With one a broker would look for a time where no record of that time is left, and go no
    /// further.
    ///
    /// @param source the batch
    /// @param out not the buffer that holds the source, and with room for a header
    /// @return bytes written
    /// @throws BufferOverflowException if there was not room
    @CanIgnoreReturnValue
    public static int placeholder(RecordBatch source, ByteBuffer out) {
        BatchWriter writer = new BatchWriter();
        writer.beginRewrite(source, out);
        writer.baseTimestamp = NO_TIMESTAMP;
        writer.maxTimestamp = NO_TIMESTAMP;
        writer.putNoProducer();
        return writer.seal(source.attributes() & RecordBatch.LOG_APPEND_TIME_BIT);
    }

    private void putNoProducer() {
        view.putLong(start + RecordBatch.PRODUCER_ID_AT, -1);
        view.putShort(start + RecordBatch.PRODUCER_EPOCH_AT, (short) -1);
        view.putInt(start + RecordBatch.BASE_SEQUENCE_AT, -1);
    }

    private void beginRewrite(RecordBatch source, ByteBuffer out) {
        begin(out, source.baseOffset(), source.compression());
        source.copyHeader(view, start);
        if (source.timestampType() == TimestampType.LOG_APPEND_TIME) {
            maxTimestamp = source.maxTimestamp();
        }
    }

    private void copyRecordsRebased(RecordCursor cursor, BitSet retained)
            throws CorruptBatchException {
        for (int i = 0; cursor.next(); i++) {
            if (retained.get(i)) {
                appendCopy(
                        cursor,
                        cursor.timestamp() - baseTimestamp,
                        (int) (cursor.offset() - baseOffset));
                maxTimestamp = Math.max(maxTimestamp, cursor.timestamp());
                count++;
            }
        }
    }

    private void copyRecordRuns(RecordCursor cursor, BitSet retained) throws CorruptBatchException {
        int[] bounds = cursor.skipAll();
        int first = retained.nextSetBit(0);
        while (first >= 0) {
            int end = retained.nextClearBit(first);
            int length = bounds[end] - bounds[first];
            ensureRoom(length);
            copy(cursor.buffer(), bounds[first], length);
            for (int i = first; i < end; i++) {
                maxTimestamp = Math.max(maxTimestamp, cursor.timestampAt(bounds[i]));
            }
            count += end - first;
            first = retained.nextSetBit(end);
        }
    }

    /// The most bytes that [#rewrite] can make of a batch, with a new delete horizon or without: a
    /// horizon far from the timestamps makes each record longer, and compressed records may have to
    /// lie there unpacked.
    ///
    /// @throws CorruptBatchException if the records cannot be unpacked
    public static int rewriteBound(RecordBatch source) throws CorruptBatchException {
        // A delta grows from 1 byte to 10 at most, and by that the length field by 1.
        long growth = source.count() * 10L;
        long plain = RecordBatch.HEADER_BYTES + (long) source.recordBytes();
        return (int) Math.min(Integer.MAX_VALUE, Math.max(source.sizeInBytes(), plain + growth));
    }

    /// The exact bytes of a record in a batch, its length field included.
    ///
    /// @param timestampDelta its timestamp less the batch's base timestamp
    /// @param offsetDelta its offset less the batch's base offset
    /// @throws IllegalArgumentException if that is more than an int can hold
    public static int sizeOf(
            long timestampDelta,
            int offsetDelta,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<Header> headers) {
        int bodyBytes =
                RecordCodec.bodyBytes(
                        timestampDelta, offsetDelta, RecordCodec.tailBytes(key, value, headers));
        return Varints.sizeOfInt(bodyBytes) + bodyBytes;
    }

    /// The bytes that a record takes at most, whatever its place in a batch; at most 14 too many.
    ///
    /// @throws IllegalArgumentException if that is more than an int can hold
    public static int maxSizeOf(
            byte @Nullable [] key, byte @Nullable [] value, List<Header> headers) {
        return sizeOf(Long.MIN_VALUE, Integer.MIN_VALUE, key, value, headers);
    }
}
