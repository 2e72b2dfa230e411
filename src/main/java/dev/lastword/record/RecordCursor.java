package dev.lastword.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Steps through the records of one batch and shows where the parts of each lie in [#buffer()],
/// without copying or allocating.
///
/// What a position or length here names lies inside the batch, whatever the bytes are: every length
/// is checked before it is used, a record must end exactly where its length says, offsets must
/// ascend within those of the batch, and the records must end where the batch does. Anything else
/// is a [CorruptBatchException]; `next` then keeps throwing it.
///
/// The accessors speak of the record that the last `next` stepped on and mean nothing before the
/// first or after the last. Not thread-safe.
public final class RecordCursor {
    /// Bytes of the smallest record: a length, attributes, two deltas, two lengths and a count.
    static final int RECORD_BYTES_MIN = 7;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int batchEnd;
    private int nextPosition;
    private int remaining;
    private long baseOffset;
    private int lastOffsetDelta;
    private long baseTimestamp;

    /// All ones where each record has its own timestamp, else 0: saves a branch per record.
    private long ownTimestampMask;

    private int recordPosition;
    private int recordEnd;
    private int offsetDelta;
    private long timestamp;
    private int keyFieldPosition;
    private int keyPosition;
    private int keyLength;
    private int valuePosition;
    private int valueLength;
    private int headersPosition;
    private int headerCount;

    /// The read position within the record that is being parsed.
    private int at;

    /// What [#skipAll] gave; kept, for a new one for each batch costs more than to step over it.
    private int[] bounds = new int[0];

    RecordCursor() {}

    void reset(RecordBatch batch, ByteBuffer records, int start, int end) {
        buffer = records;
        nextPosition = start;
        batchEnd = end;
        remaining = batch.count();
        baseOffset = batch.baseOffset();
        lastOffsetDelta = batch.lastOffsetDelta();
        boolean ownTimestamps = batch.timestampType() == TimestampType.CREATE_TIME;
        ownTimestampMask = ownTimestamps ? -1 : 0;
        baseTimestamp = ownTimestamps ? batch.baseTimestamp() : batch.maxTimestamp();
        offsetDelta = -1;
    }

    /// Steps on the next record.
    ///
    /// @return false when there is none left
    /// @throws CorruptBatchException if the records are not well-formed
    public boolean next() throws CorruptBatchException {
        if (remaining == 0) {
            if (nextPosition != batchEnd) {
                throw corrupt("%d bytes behind the last record".formatted(batchEnd - nextPosition));
            }
            return false;
        }
        int delta = offsetDelta;
        recordPosition = nextPosition;
        at = nextPosition;
        recordEnd = batchEnd;
        int bodyBytes = readInt();
        if (bodyBytes < RECORD_BYTES_MIN - 1 || bodyBytes > batchEnd - at) {
            throw corrupt("impossible record length " + bodyBytes);
        }
        recordEnd = at + bodyBytes;
        at++; // attributes of the record: none is defined
        timestamp = baseTimestamp + (readLong() & ownTimestampMask);
        int newDelta = readInt();
        if (newDelta <= delta || newDelta > lastOffsetDelta) {
            throw corrupt("record offset delta %d after %d".formatted(newDelta, delta));
        }
        keyFieldPosition = at;
        keyLength = readLength("key");
        keyPosition = at;
        at += Math.max(keyLength, 0);
        valueLength = readLength("value");
        valuePosition = at;
        at += Math.max(valueLength, 0);
        headerCount = readInt();
        headersPosition = at;
        skipHeaders();
        if (at != recordEnd) {
            throw corrupt("%d bytes left in the record".formatted(recordEnd - at));
        }
        offsetDelta = newDelta;
        nextPosition = recordEnd;
        remaining--;
        return true;
    }

    /// Steps over all records by their lengths, without a look at what is in them, instead of the
    /// first `next`; the accessors mean nothing afterwards.
    ///
    /// @return where each record begins, and behind those where the last one ends; the next call
    ///   changes it
    /// @throws CorruptBatchException if the records do not end where the batch does
    int[] skipAll() throws CorruptBatchException {
        int count = remaining;
        if (bounds.length <= count) {
            bounds = new int[Math.max(count + 1, 2 * bounds.length)];
        }
        int position = nextPosition;
        recordEnd = batchEnd;
        for (int i = 0; i < count; i++) {
            bounds[i] = position;
            int bodyAt = position + 2;
            int bodyBytes = -1;
            if (bodyAt <= batchEnd) { // nearly every length has two bytes
                int low = buffer.get(position);
                int high = buffer.get(position + 1);
                bodyBytes = low < 0 && high >= 0 ? unzigzag((low & 0x7f) | (high << 7)) : -1;
            }
            if (bodyBytes < 0) {
                at = position;
                recordPosition = position;
                bodyBytes = readInt();
                bodyAt = at;
            }
            if (bodyBytes < RECORD_BYTES_MIN - 1 || bodyBytes > batchEnd - bodyAt) {
                recordPosition = position;
                throw corrupt("impossible record length " + bodyBytes);
            }
            position = bodyAt + bodyBytes;
        }
        if (position != batchEnd) {
            throw corrupt("%d bytes behind the last record".formatted(batchEnd - position));
        }
        bounds[count] = position;
        nextPosition = position;
        remaining = 0;
        return bounds;
    }

    /// The timestamp of the record that begins at a position, as [#skipAll] told it.
    ///
    /// @throws CorruptBatchException if it has none
    long timestampAt(int position) throws CorruptBatchException {
        int deltaAt = Varints.endOfInt(buffer, position, batchEnd) + 1; // behind the attributes
        if (Varints.endOfLong(buffer, deltaAt, batchEnd) == Varints.MALFORMED) {
            recordPosition = position;
            throw corrupt("malformed number");
        }
        return baseTimestamp + (Varints.longAt(buffer, deltaAt) & ownTimestampMask);
    }

    private void skipHeaders() throws CorruptBatchException {
        if (headerCount < 0 || headerCount > recordEnd - at) {
            throw corrupt("impossible header count " + headerCount);
        }
        for (int i = 0; i < headerCount; i++) {
            int nameLength = readLength("header name");
            if (nameLength < 0) {
                throw corrupt("header without a name");
            }
            at += nameLength;
            int length = readLength("header value");
            at += Math.max(length, 0);
        }
    }

    /// A length of bytes that do lie in the record, or -1.
    private int readLength(String what) throws CorruptBatchException {
        int length = readInt();
        if (length < -1 || length > recordEnd - at) {
            throw corrupt("impossible %s length %d".formatted(what, length));
        }
        return length;
    }

    private int readInt() throws CorruptBatchException {
        int p = at;
        if (p < recordEnd) { // nearly every number has one byte or two
            int first = buffer.get(p);
            if (first >= 0) {
                at = p + 1;
                return unzigzag(first);
            }
            if (p + 1 < recordEnd) {
                int second = buffer.get(p + 1);
                if (second >= 0) {
                    at = p + 2;
                    return unzigzag((first & 0x7f) | (second << 7));
                }
            }
        }
        int end = Varints.endOfInt(buffer, p, recordEnd);
        if (end == Varints.MALFORMED) {
            throw corrupt("malformed number");
        }
        at = end;
        return Varints.intAt(buffer, p);
    }

    private long readLong() throws CorruptBatchException {
        int p = at;
        if (p < recordEnd) {
            int first = buffer.get(p);
            if (first >= 0) {
                at = p + 1;
                return unzigzag(first);
            }
        }
        int end = Varints.endOfLong(buffer, p, recordEnd);
        if (end == Varints.MALFORMED) {
            throw corrupt("malformed number");
        }
        at = end;
        return Varints.longAt(buffer, p);
    }

    private static int unzigzag(int zigzag) {
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    private CorruptBatchException corrupt(String what) {
        return new CorruptBatchException(
                baseOffset, "%s (record at byte %d)".formatted(what, recordPosition));
    }

    /// The buffer that positions refer to: big-endian, not to be written to, and its own position
    /// and limit not to be moved.
    public ByteBuffer buffer() {
        return buffer;
    }

    /// The record's offset.
    public long offset() {
        return baseOffset + offsetDelta;
    }

    /// The record's timestamp in milliseconds since 1970, or -1: the batch's under
    /// [TimestampType#LOG_APPEND_TIME].
    public long timestamp() {
        return timestamp;
    }

    /// Where the record begins, with its length.
    public int recordPosition() {
        return recordPosition;
    }

    /// The record's bytes, its length field included.
    public int recordSize() {
        return recordEnd - recordPosition;
    }

    /// Where the key's bytes begin.
    public int keyPosition() {
        return keyPosition;
    }

    /// The key's bytes, -1 if the key is null.
    public int keyLength() {
        return keyLength;
    }

    /// Where the value's bytes begin.
    public int valuePosition() {
        return valuePosition;
    }

    /// The value's bytes, -1 if the value is null.
    public int valueLength() {
        return valueLength;
    }

    /// Where the first header begins, or the record ends if there is none.
    public int headersPosition() {
        return headersPosition;
    }

    /// The number of headers.
    public int headerCount() {
        return headerCount;
    }

    /// Whether the value is null.
    public boolean isTombstone() {
        return valueLength < 0;
    }

    /// Where the length of the key stands: from there to the record's end all is independent of the
    /// batch.
    int keyFieldPosition() {
        return keyFieldPosition;
    }

    /// The record's attribute byte.
    byte recordAttributes() {
        return buffer.get(Varints.endOfInt(buffer, recordPosition, recordEnd));
    }

    /// A copy of the key.
    public byte @Nullable [] key() {
        return bytes(keyPosition, keyLength);
    }

    /// A copy of the value.
    public byte @Nullable [] value() {
        return bytes(valuePosition, valueLength);
    }

    /// A copy of the whole record.
    public LogRecord toRecord() {
        return new LogRecord(offset(), timestamp, key(), value(), headers());
    }

    /// A copy of the value of the last header of this name, in UTF-8; null where there is none or
    /// it has none. Looks at the names only.
    public byte @Nullable [] header(byte[] name) {
        byte[] value = null;
        int p = headersPosition;
        for (int i = 0; i < headerCount; i++) {
            int nameLength = Varints.intAt(buffer, p);
            p = Varints.endOfInt(buffer, p, recordEnd);
            boolean named = nameLength == name.length && hasAt(p, name);
            p += nameLength;
            int length = Varints.intAt(buffer, p);
            p = Varints.endOfInt(buffer, p, recordEnd);
            if (named) {
                value = bytes(p, length);
            }
            p += Math.max(length, 0);
        }
        return value;
    }

    private boolean hasAt(int position, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (buffer.get(position + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /// A copy of the headers.
    public List<Header> headers() {
        if (headerCount == 0) {
            return List.of();
        }
        List<Header> headers = new ArrayList<>(Math.min(headerCount, 16));
        int p = headersPosition;
        for (int i = 0; i < headerCount; i++) {
            int nameLength = Varints.intAt(buffer, p);
            p = Varints.endOfInt(buffer, p, recordEnd);
            byte[] name = new byte[nameLength];
            buffer.get(p, name);
            p += nameLength;
            int length = Varints.intAt(buffer, p);
            p = Varints.endOfInt(buffer, p, recordEnd);
            headers.add(new Header(new String(name, StandardCharsets.UTF_8), bytes(p, length)));
            p += Math.max(length, 0);
        }
        return headers;
    }

    private byte @Nullable [] bytes(int position, int length) {
        if (length < 0) {
            return null;
        }
        byte[] copy = new byte[length];
        buffer.get(position, copy);
        return copy;
    }
}
