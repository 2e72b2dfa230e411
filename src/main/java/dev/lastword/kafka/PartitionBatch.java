package dev.lastword.kafka;

import dev.lastword.log.LogException;
import dev.lastword.log.MirroredRecords;
import dev.lastword.record.Header;
import dev.lastword.record.TimestampType;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Records of one partition in order, as they were polled: encoded for the log, but those that it
/// cannot hold. Filled and joined by the consumer's thread; while a write of it is under way nobody
/// changes it.
final class PartitionBatch {
    /// What a record takes beside its bytes, about.
    private static final int RECORD_BYTES = 64;

    /// Why a record cannot be stored.
    enum Reason {
        NO_KEY,
        TOO_LARGE,
        BAD_TIMESTAMP
    }

    /// A record that cannot be stored.
    record Unusable(ConsumerRecord<byte[], byte[]> record, Reason reason, String why) {}

    private final MirroredRecords records;
    private final boolean stopsAtUnusable;
    private final List<Unusable> unusable = new ArrayList<>(0);
    private long next;
    private long bytes;
    private long plainBytes;

    /// @param records none yet
    /// @param stopsAtUnusable whether nothing behind a record that cannot be stored is stored
    PartitionBatch(MirroredRecords records, boolean stopsAtUnusable) {
        this.records = records;
        this.stopsAtUnusable = stopsAtUnusable;
    }

    /// Adds a record as stored or as unusable; false where it belongs into another batch.
    boolean add(ConsumerRecord<byte[], byte[]> r) {
        if (stops()) {
            return true; // it will be polled again, once somebody has decided
        }
        List<Header> headers = headers(r);
        long plain =
                (long) Math.max(0, r.serializedKeySize()) + Math.max(0, r.serializedValueSize());
        try {
            if (r.key() == null || r.key().length == 0) {
                unusable.add(new Unusable(r, Reason.NO_KEY, "has no key"));
            } else if (r.timestamp() < ConsumerRecord.NO_TIMESTAMP) {
                String why = "has the timestamp " + r.timestamp();
                unusable.add(new Unusable(r, Reason.BAD_TIMESTAMP, why));
            } else if (!records.add(
                    r.offset(),
                    type(r),
                    r.leaderEpoch().orElse(-1),
                    r.timestamp(),
                    r.key(),
                    r.value(),
                    headers)) {
                return false;
            } else {
                plainBytes += plain;
            }
        } catch (LogException.RecordTooLarge e) {
            String why =
                    "takes %d bytes, the topic allows %d (max.message.bytes)"
                            .formatted(e.bytes(), e.bytesMax());
            unusable.add(new Unusable(r, Reason.TOO_LARGE, why));
        }
        bytes += RECORD_BYTES + plain + bytesOf(headers);
        next = r.offset() + 1;
        return true;
    }

    private static TimestampType type(ConsumerRecord<byte[], byte[]> r) {
        return r.timestampType() == org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME
                ? TimestampType.LOG_APPEND_TIME
                : TimestampType.CREATE_TIME;
    }

    private static List<Header> headers(ConsumerRecord<byte[], byte[]> r) {
        org.apache.kafka.common.header.Header[] all = r.headers().toArray();
        if (all.length == 0) {
            return List.of();
        }
        List<Header> headers = new ArrayList<>(all.length);
        for (org.apache.kafka.common.header.Header h : all) {
            headers.add(new Header(h.key(), h.value()));
        }
        return headers;
    }

    private static long bytesOf(List<Header> headers) {
        long bytes = 0;
        for (Header h : headers) {
            byte[] value = h.value();
            bytes += h.name().length() + (value == null ? 0 : value.length);
        }
        return bytes;
    }

    /// Adds all of the batch behind it, where both together have at most so many bytes and one
    /// write can hold them; else nothing.
    boolean join(PartitionBatch behind, long bytesMax) {
        if (bytes + behind.bytes > bytesMax || stops() || !records.addAll(behind.records)) {
            return false;
        }
        unusable.addAll(behind.unusable);
        next = behind.next;
        bytes += behind.bytes;
        plainBytes += behind.plainBytes;
        return true;
    }

    MirroredRecords records() {
        return records;
    }

    /// Those that cannot be stored; whoever has dealt with one takes it out.
    List<Unusable> unusable() {
        return unusable;
    }

    /// Whether it ends at a record that stops the partition.
    boolean stops() {
        return stopsAtUnusable && !unusable.isEmpty();
    }

    /// The consumer's position behind it: all that was committed below it and not removed by
    /// compaction is here or was in batches before.
    long next() {
        return next;
    }

    /// The consumer has come further than the last record.
    void next(long position) {
        next = position;
    }

    /// How much memory it takes, about.
    long bytes() {
        return bytes;
    }

    /// Of keys and values that can be stored.
    long plainBytes() {
        return plainBytes;
    }
}
