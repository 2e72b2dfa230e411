package dev.lastword.kafka;

import dev.lastword.config.KafkaSettings.OnUnusable;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.AppendResult;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.StreamFence;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.Header;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.TimestampType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// Appends batches of the source to the logs, each record at its own offset. Thread-safe; a batch
/// is to be appended when the one before it of its partition is queued.
final class BatchAppender {
    private static final int REQUEST_BYTES_MAX = 512 << 10;

    private final OnUnusable onUnusable;
    private final DeadLetters deadLetters;
    private final MirrorMeters meters;

    BatchAppender(OnUnusable onUnusable, DeadLetters deadLetters, MirrorMeters meters) {
        this.onUnusable = onUnusable;
        this.deadLetters = deadLetters;
        this.meters = meters;
    }

    /// Returns when all of it is stored.
    ///
    /// @throws LogException if it is not, or only in part; it may be appended again as a whole
    /// @throws UnusableRecordException at a record that is to stop the partition; what is before it
    ///   is stored
    void append(MirrorWrite write) throws UnusableRecordException {
        PartitionLog log = write.log();
        MirrorMeters.Topic counters = meters.of(log.topic());
        Writes writes = new Writes(log, write.fence());
        UnusableRecordException stop = null;
        long logEnd = log.endOffset();
        int bytesMax = log.config().maxMessageBytes();
        for (ConsumerRecord<byte[], byte[]> r : write.batch().records()) {
            if (r.offset() < logEnd) {
                counters.duplicates().increment();
                continue;
            }
            NewRecord record = keyed(r);
            String why = record == null ? "has no key" : tooLarge(record, bytesMax);
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
        writes.finish();
        if (stop == null) {
            write.queued().complete(null);
        }
        writes.await(counters);
        if (stop != null) {
            throw stop;
        }
    }

    private static @Nullable String tooLarge(NewRecord r, int bytesMax) {
        long room = (long) bytesMax - RecordBatch.HEADER_BYTES;
        if (BatchWriter.maxSizeOf(r.key(), r.value(), r.headers()) <= room) {
            return null;
        }
        long bytes = BatchWriter.sizeOf(0, 0, r.key(), r.value(), r.headers());
        return bytes <= room
                ? null
                : "takes "
                        + (RecordBatch.HEADER_BYTES + bytes)
                        + " bytes, the topic allows "
                        + bytesMax
                        + " (max.message.bytes)";
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
        private final StreamFence fence;
        private final List<AppendRequest> sent = new ArrayList<>();
        private final List<NewRecord> open = new ArrayList<>();
        private long[] offsets = new long[256];
        private long firstOffset;
        private TimestampType type = TimestampType.CREATE_TIME;
        private int epoch;
        private long openBytes;
        private long allBytes;

        Writes(PartitionLog log, StreamFence fence) {
            this.log = log;
            this.fence = fence;
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
            if (open.size() == offsets.length) {
                offsets = Arrays.copyOf(offsets, 2 * offsets.length);
            }
            offsets[open.size()] = r.offset();
            open.add(record);
            long bytes = (long) r.serializedKeySize() + Math.max(0, r.serializedValueSize());
            openBytes += bytes;
            allBytes += bytes;
        }

        private void send() {
            long[] at = Arrays.copyOf(offsets, open.size());
            AppendRequest request =
                    AppendRequest.mirrored(
                            open, new AppendRequest.Mirrored(at, type, epoch), fence);
            log.appendWaiting(request);
            sent.add(request);
            open.clear();
            openBytes = 0;
        }

        void finish() {
            if (!open.isEmpty()) {
                send();
            }
        }

        void await(MirrorMeters.Topic counters) {
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
