package dev.lastword.record;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// A view of one batch in a buffer (heap or direct, never written to), laid over one batch after
/// the other with [#wrap]: nothing is copied, and a walk through a buffer allocates nothing.
///
/// After `wrap` the header is known to be plausible and the whole batch to be there: `0 <=
/// baseOffset <= lastOffset`, `0 <= count <= lastOffset - baseOffset + 1`, a codec that exists, and
/// no more records than have room where they are not compressed. Whether the bytes are those that
/// were written only [#ensureValid] tells; whether the records are well-formed, the cursor.
///
/// The CRC covers all from the attributes on. It does not cover baseOffset and
/// partitionLeaderEpoch, which a broker sets without reading the rest, nor length and magic, which
/// must be right for the CRC to be found. A flipped bit in one of the first two is not found here:
/// the log checks that base offsets ascend.
///
/// Not thread-safe.
public final class RecordBatch {
    /// Bytes of a batch before its first record.
    public static final int HEADER_BYTES = 61;

    /// Bytes that are enough to know a batch's size: baseOffset and length.
    public static final int LENGTH_PREFIX_BYTES = 12;

    static final int LENGTH_AT = 8;
    static final int LEADER_EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_SEQUENCE_AT = 53;
    static final int COUNT_AT = 57;

    static final byte MAGIC = 2;
    static final int COMPRESSION_MASK = 0x07;
    static final int LOG_APPEND_TIME_BIT = 0x08;
    static final int TRANSACTIONAL_BIT = 0x10;
    static final int CONTROL_BIT = 0x20;
    static final int DELETE_HORIZON_BIT = 0x40;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final CRC32C crc32c = new CRC32C();
    private final RecordCursor cursor = new RecordCursor();

    /// The buffer last given to [#wrap]; `view` is its big-endian duplicate, limit at capacity.
    private ByteBuffer wrapped = NOTHING;

    private ByteBuffer view = NOTHING;
    private int position;
    private int sizeInBytes;

    /// The records of the wrapped batch, unpacked, where they are compressed and were looked at.
    private ByteBuffer unpacked = NOTHING;

    private boolean isUnpacked;

    /// The whole size in bytes, prefix included, that the batch at `position` of a big-endian
    /// buffer declares, at least [#HEADER_BYTES]; or -1 when fewer than [#LENGTH_PREFIX_BYTES] lie
    /// between `position` and the limit. The batch need not be there in full.
    ///
    /// @throws CorruptBatchException if no batch can have that size, or if the magic byte is within
    ///   the limit and is not 2
    public static int declaredSize(ByteBuffer buffer, int position) throws CorruptBatchException {
        return declaredSize(buffer, position, buffer.limit());
    }

    private static int declaredSize(ByteBuffer buffer, int position, int limit)
            throws CorruptBatchException {
        if (limit - position < LENGTH_PREFIX_BYTES) {
            return -1;
        }
        int length = buffer.getInt(position + LENGTH_AT);
        boolean magicKnown = limit - position > MAGIC_AT;
        if (magicKnown && buffer.get(position + MAGIC_AT) != MAGIC) {
            throw wrongMagic(buffer.getLong(position), buffer.get(position + MAGIC_AT));
        }
        if (length < HEADER_BYTES - LENGTH_PREFIX_BYTES
                || length > Integer.MAX_VALUE - LENGTH_PREFIX_BYTES) {
            throw new CorruptBatchException(
                    buffer.getLong(position), "implausible length " + length);
        }
        return LENGTH_PREFIX_BYTES + length;
    }

    /// Whether the batch at `position` is there in full, by the size it declares; false where so
    /// little is there that this cannot be told.
    public static boolean isComplete(ByteBuffer buffer, int position) {
        int rest = buffer.limit() - position;
        return rest >= HEADER_BYTES
                && (long) LENGTH_PREFIX_BYTES + buffer.getInt(position + LENGTH_AT) <= rest;
    }

    private static CorruptBatchException wrongMagic(long baseOffset, byte magic) {
        return new CorruptBatchException(
                baseOffset,
                magic == 0 || magic == 1
                        ? "format v%d (before Kafka 0.11) is not supported, only v2"
                                .formatted(magic)
                        : "unknown magic %d, expected 2".formatted(magic));
    }

    /// Lays this view over the batch at `position` and forgets the one before, whose cursor is void
    /// from now on. The CRC is not checked.
    ///
    /// @param buffer holds the batch between `position` and its limit; its position does not matter
    /// @return this
    /// @throws CorruptBatchException if the batch is not there in full, is not in format v2, or its
    ///   header contradicts itself
    @CanIgnoreReturnValue
    @SuppressWarnings("ReferenceEquality") // the same buffer, not equal bytes
    public RecordBatch wrap(ByteBuffer buffer, int position) throws CorruptBatchException {
        if (wrapped != buffer) {
            view = buffer.duplicate().clear();
            wrapped = buffer;
        }
        int available = buffer.limit() - position;
        int size = declaredSize(view, position, buffer.limit());
        if (size < 0) {
            throw new CorruptBatchException(
                    -1, "%d bytes are too few for a batch".formatted(available));
        }
        if (size > available) {
            throw new CorruptBatchException(
                    view.getLong(position),
                    "declares %d bytes, only %d are there".formatted(size, available));
        }
        this.position = position;
        this.sizeInBytes = size;
        this.isUnpacked = false;
        ensurePlausible();
        return this;
    }

    private void ensurePlausible() throws CorruptBatchException {
        long baseOffset = baseOffset();
        int lastOffsetDelta = lastOffsetDelta();
        if (baseOffset < 0) {
            throw corrupt("negative base offset");
        }
        if (lastOffsetDelta < 0 || baseOffset >= Long.MAX_VALUE - lastOffsetDelta) {
            throw corrupt("impossible last offset delta " + lastOffsetDelta);
        }
        int count = count();
        if (count < 0 || count > lastOffsetDelta + 1L) {
            throw corrupt("impossible record count " + count);
        }
        if ((attributes() & COMPRESSION_MASK) >= Compression.COUNT) {
            throw corrupt("unknown codec " + (attributes() & COMPRESSION_MASK));
        }
        if (compression() == Compression.NONE) {
            ensureRoomForAll(sizeInBytes - HEADER_BYTES);
        }
    }

    /// Nobody takes memory for records that cannot be there.
    private void ensureRoomForAll(int bytes) throws CorruptBatchException {
        if (count() > bytes / RecordCursor.RECORD_BYTES_MIN) {
            throw corrupt("%d records in %d bytes".formatted(count(), bytes));
        }
    }

    /// Checks the CRC, reading the whole batch once.
    ///
    /// @throws CorruptBatchException if the bytes are not those that were written
    public void ensureValid() throws CorruptBatchException {
        int computed = computeCrc();
        int stored = view.getInt(position + CRC_AT);
        if (computed != stored) {
            throw corrupt("CRC is %08x, but the bytes give %08x".formatted(stored, computed));
        }
    }

    /// Whether the CRC fits the bytes; reads the whole batch once.
    public boolean isCrcValid() {
        return computeCrc() == view.getInt(position + CRC_AT);
    }

    private int computeCrc() {
        return crcOf(crc32c, view, position, sizeInBytes);
    }

    /// The CRC that belongs into the batch at `[position, position + size)`; moves the position and
    /// the limit of `view` on the way.
    static int crcOf(CRC32C crc32c, ByteBuffer view, int position, int size) {
        crc32c.reset();
        view.limit(position + size).position(position + ATTRIBUTES_AT);
        crc32c.update(view);
        view.clear();
        return (int) crc32c.getValue();
    }

    private CorruptBatchException corrupt(String what) {
        return new CorruptBatchException(baseOffset(), what);
    }

    /// Where the batch begins in the wrapped buffer.
    public int position() {
        return position;
    }

    /// The size of the whole batch in bytes: the next one begins at `position() + sizeInBytes()`.
    public int sizeInBytes() {
        return sizeInBytes;
    }

    /// The offset that the offsets of the records are counted from. After cleaning no record need
    /// have it.
    public long baseOffset() {
        return view.getLong(position);
    }

    /// The last offset that belongs to this batch, at least [#baseOffset()]. After cleaning no
    /// record need have it.
    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    /// The first offset after this batch.
    public long nextOffset() {
        return lastOffset() + 1;
    }

    int lastOffsetDelta() {
        return view.getInt(position + LAST_OFFSET_DELTA_AT);
    }

    /// What the timestamps of the records are counted from, in milliseconds: usually that of the
    /// first record, the delete horizon where there is one, -1 in an emptied batch.
    public long baseTimestamp() {
        return view.getLong(position + BASE_TIMESTAMP_AT);
    }

    /// The greatest timestamp of the records in milliseconds, or -1 when unknown; of an emptied
    /// batch the greatest that was there.
    public long maxTimestamp() {
        return view.getLong(position + MAX_TIMESTAMP_AT);
    }

    /// All attribute bits.
    public int attributes() {
        return view.getShort(position + ATTRIBUTES_AT);
    }

    /// The number of records, 0 in an emptied batch.
    public int count() {
        return view.getInt(position + COUNT_AT);
    }

    /// The CRC-32C that the batch carries, as an unsigned number.
    public long crc() {
        return Integer.toUnsignedLong(view.getInt(position + CRC_AT));
    }

    /// The epoch of the partition leader that appended the batch, or -1.
    public int partitionLeaderEpoch() {
        return view.getInt(position + LEADER_EPOCH_AT);
    }

    /// The idempotent producer that wrote the batch, or -1.
    public long producerId() {
        return view.getLong(position + PRODUCER_ID_AT);
    }

    /// The epoch of that producer, or -1.
    public short producerEpoch() {
        return view.getShort(position + PRODUCER_EPOCH_AT);
    }

    /// The producer's sequence number of the base offset, or -1.
    public int baseSequence() {
        return view.getInt(position + BASE_SEQUENCE_AT);
    }

    /// Whether the records are markers of a broker (transaction ends), not data.
    public boolean isControl() {
        return (attributes() & CONTROL_BIT) != 0;
    }

    /// Whether the batch is part of a transaction.
    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_BIT) != 0;
    }

    /// Who set the timestamps.
    public TimestampType timestampType() {
        return (attributes() & LOG_APPEND_TIME_BIT) == 0
                ? TimestampType.CREATE_TIME
                : TimestampType.LOG_APPEND_TIME;
    }

    /// How the records are compressed.
    public Compression compression() {
        return Compression.ofId(attributes() & COMPRESSION_MASK);
    }

    /// Whether the cleaner has set a time from which tombstones of this batch may go (KIP-534).
    public boolean hasDeleteHorizon() {
        return (attributes() & DELETE_HORIZON_BIT) != 0;
    }

    /// That time in milliseconds since 1970, or -1 without.
    public long deleteHorizonMs() {
        return hasDeleteHorizon() ? baseTimestamp() : -1;
    }

    /// The cursor of this view, set before the first record; there is only one, valid until the
    /// next `wrap` or `cursor`. Compressed records are unpacked into a buffer of this view, once.
    ///
    /// @throws CorruptBatchException if the records are compressed and cannot be unpacked; check
    ///   [#ensureValid] before
    public RecordCursor cursor() throws CorruptBatchException {
        if (compression() == Compression.NONE) {
            cursor.reset(this, view, position + HEADER_BYTES, position + sizeInBytes);
        } else {
            unpack();
            cursor.reset(this, unpacked, 0, unpacked.limit());
        }
        return cursor;
    }

    /// The bytes of all records, unpacked.
    ///
    /// @throws CorruptBatchException as [#cursor]
    public int recordBytes() throws CorruptBatchException {
        if (compression() == Compression.NONE) {
            return sizeInBytes - HEADER_BYTES;
        }
        unpack();
        return unpacked.limit();
    }

    /// Bytes of the buffer that this view has for unpacked records.
    public int unpackedCapacity() {
        return unpacked.capacity();
    }

    /// What a record of this batch takes of the file: its size, or where the batch is compressed
    /// its share. At least 1.
    ///
    /// @param recordSize as [RecordCursor#recordSize] says
    /// @throws CorruptBatchException as [#cursor]
    public int storedBytes(int recordSize) throws CorruptBatchException {
        return compression() == Compression.NONE
                ? recordSize
                : share(recordSize, sizeInBytes - HEADER_BYTES, recordBytes());
    }

    /// A record's share of the stored bytes of a batch's records.
    ///
    /// @param plainBytes of all records before they were packed
    public static int share(int recordSize, int storedBytes, int plainBytes) {
        return (int) Math.max(1, (long) recordSize * storedBytes / Math.max(1, plainBytes));
    }

    private void unpack() throws CorruptBatchException {
        if (isUnpacked) {
            return;
        }
        int at = position + HEADER_BYTES;
        int bytes = sizeInBytes - HEADER_BYTES;
        try {
            if (bytes == 0) {
                unpacked = NOTHING; // an emptied batch may keep its codec
            } else {
                unpacked = BatchCodec.unpack(compression(), view, at, bytes, unpacked);
            }
        } catch (IOException e) {
            throw corrupt(
                    "packed with %s, does not unpack: %s".formatted(compression(), e.getMessage()));
        }
        ensureRoomForAll(unpacked.limit());
        isUnpacked = true;
    }

    /// Copies the whole batch, whatever its codec, to the position of `out` and moves that behind
    /// it.
    ///
    /// @throws BufferOverflowException if there is not room; nothing is written then
    public void copyTo(ByteBuffer out) {
        if (out.remaining() < sizeInBytes) {
            throw new BufferOverflowException();
        }
        out.put(out.position(), view, position, sizeInBytes);
        out.position(out.position() + sizeInBytes);
    }

    /// The buffer that positions refer to.
    public ByteBuffer buffer() {
        return view;
    }

    /// Copies the header alone.
    void copyHeader(ByteBuffer to, int toPosition) {
        to.put(toPosition, view, position, HEADER_BYTES);
    }

    @Override
    public String toString() {
        return sizeInBytes == 0
                ? "RecordBatch[unwrapped]"
                : "RecordBatch[offsets %d to %d, %d records, %d bytes at %d]"
                        .formatted(baseOffset(), lastOffset(), count(), sizeInBytes, position);
    }
}
