package dev.lastword.kafka;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Records of one partition in order, as they were polled.
///
/// @param next the consumer's position behind them: all that was committed below it and not removed
///   by compaction is here or was in batches before
/// @param bytes of keys and values, with something for each record
record PartitionBatch(List<ConsumerRecord<byte[], byte[]>> records, long next, long bytes) {
    private static final int RECORD_BYTES = 64;

    static PartitionBatch of(List<ConsumerRecord<byte[], byte[]>> records, long next) {
        long bytes = 0;
        for (ConsumerRecord<byte[], byte[]> r : records) {
            bytes +=
                    RECORD_BYTES
                            + Math.max(0, r.serializedKeySize())
                            + Math.max(0, r.serializedValueSize());
        }
        return new PartitionBatch(records, next, bytes);
    }

    /// Batches that follow each other, at least one, as one.
    static PartitionBatch joined(List<PartitionBatch> batches) {
        if (batches.size() == 1) {
            return batches.getFirst();
        }
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long bytes = 0;
        for (PartitionBatch b : batches) {
            records.addAll(b.records);
            bytes += b.bytes;
        }
        return new PartitionBatch(records, batches.getLast().next, bytes);
    }
}
