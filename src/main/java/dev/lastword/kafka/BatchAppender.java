package dev.lastword.kafka;

import dev.lastword.config.KafkaSettings.OnUnusable;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.AppendResult;
import dev.lastword.log.LogException;
import dev.lastword.log.LogStore;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.StreamFence;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.Header;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.TimestampType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// Appends batches of the source to the logs, each record at its own offset. Thread-safe; a batch
/// is to be appended when the one before it of its partition is stored.
final class BatchAppender {
    private static final int REQUEST_BYTES_MAX = 512 << 10;

    private final LogStore store;
    private final OnUnusable onUnusable;
    private final DeadLetters deadLetters;
    private final MirrorMeters meters;

    BatchAppender(
            LogStore store, OnUnusable onUnusable, DeadLetters deadLetters, MirrorMeters meters) {
        this.store = store;
        this.onUnusable = onUnusable;
        this.deadLetters = deadLetters;
        this.meters = meters;
    }

    /// Returns when all of it is stored.
    ///
    /// @throws LogException if it is not, or only in part; it may be appended again as a whole
    /// @throws UnusableRecordException at a record that is to stop the partition; what is before it
    ///   is stored
    void append(PartitionBatch batch) throws UnusableRecordException {
        PartitionLog log = store.topic(batch.topic()).partition(batch.partition());
        MirrorMeters.Topic counters = meters.of(batch.topic());
        Writes writes = new Writes(log);
        UnusableRecordException stop = null;
        for (ConsumerRecord<byte[], byte[]> r : batch.records()) {
            if (r.offset() < log.endOffset()) {
                counters.duplicates().increment();
                continue;
            }
            NewRecord record = keyed(r);
            String why = record == null ? "has no key" : tooLarge(record, log);
            if (record != null && why == null) {
                writes.add(r, record);
            } else if (onUnusable == OnUnusable.FAIL) {
                stop = new UnusableRecordException(r.offset(), String.valueOf(why));
                break;
            } else {
                if (onUnusable == OnUnusable.DEAD_LETTER) {
                    deadLetters.send(r, String.valueOf(why));
                }
                (record == null ? counters.unkeyed() : counters.tooLarge()).increment();
            }
        }
        writes.await(counters);
        if (stop != null) {
            throw stop;
        }
    }

    private static @Nullable String tooLarge(NewRecord r, PartitionLog log) {
        int bytesMax = log.config().maxMessageBytes();
        long bytes =
                RecordBatch.HEADER_BYTES
                        + (long) BatchWriter.sizeOf(0, 0, r.key(), r.value(), r.headers());
        return bytes > bytesMax
                ? "takes " + bytes + " bytes, the topic allows " + bytesMax + " (max.message.bytes)"
                : null;
    }

    private static @Nullable NewRecord keyed(ConsumerRecord<byte[], byte[]> r) {
        return r.key() == null || r.key().length == 0
                ? null
                : new NewRecord(r.key(), r.value(), r.timestamp(), headers(r));
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

    /// The writes that a batch becomes: a new one wherever what a write has in common changes, or
    /// it has grown enough.
    private static final class Writes {
        private final PartitionLog log;
        private final StreamFence fence = new StreamFence();
        private final List<AppendRequest> sent = new ArrayList<>();
        private final List<NewRecord> open = new ArrayList<>();
        private LongStream.Builder offsets = LongStream.builder();
        private long firstOffset;
        private TimestampType type = TimestampType.CREATE_TIME;
        private int epoch;
        private long openBytes;
        private long allBytes;

        Writes(PartitionLog log) {
            this.log = log;
        }

        void add(ConsumerRecord<byte[], byte[]> r, NewRecord record) {
            TimestampType itsType =
                    r.timestampType()
                                    == org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME
                            ? TimestampType.LOG_APPEND_TIME
                            : TimestampType.CREATE_TIME;
            int itsEpoch = r.leaderEpoch().orElse(-1);
            if (!open.isEmpty()
                    && (itsType != type
                            || itsEpoch != epoch
                            || openBytes > REQUEST_BYTES_MAX
                            || r.offset() - firstOffset >= AppendRequest.SPAN_MAX)) {
                send();
            }
            type = itsType;
            epoch = itsEpoch;
            if (open.isEmpty()) {
                firstOffset = r.offset();
            }
            open.add(record);
            offsets.add(r.offset());
            long bytes = (long) r.serializedKeySize() + Math.max(0, r.serializedValueSize());
            openBytes += bytes;
            allBytes += bytes;
        }

        private void send() {
            long[] at = offsets.build().toArray();
            AppendRequest request =
                    AppendRequest.mirrored(
                            open, new AppendRequest.Mirrored(at, type, epoch), fence);
            log.appendWaiting(request);
            sent.add(request);
            open.clear();
            offsets = LongStream.builder();
            openBytes = 0;
        }

        void await(MirrorMeters.Topic counters) {
            if (!open.isEmpty()) {
                send();
            }
            for (AppendRequest request : sent) {
                try {
                    if (request.result().join() instanceof AppendResult.Mirrored m) {
                        counters.records().increment(m.stored());
                        counters.duplicates().increment(m.duplicates());
                    }
                } catch (CompletionException e) {
                    throw e.getCause() instanceof LogException l ? l : e;
                }
            }
            counters.bytes().increment((double) allBytes);
        }
    }
}
