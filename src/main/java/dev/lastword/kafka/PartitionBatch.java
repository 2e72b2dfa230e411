package dev.lastword.kafka;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Records of one partition in order, as they were polled.
///
/// @param next the consumer's position behind them: all that was committed below it and not removed
///   by compaction is here or was in batches before
/// @param bytes of keys and values, with something for each record
/// @param stored completes when they are stored, durable as the topic's `acks` asks
record PartitionBatch(
        String topic,
        int partition,
        List<ConsumerRecord<byte[], byte[]>> records,
        long next,
        long bytes,
        CompletableFuture<Void> stored) {
    private static final int RECORD_BYTES = 64;

    static PartitionBatch of(
            String topic, int partition, List<ConsumerRecord<byte[], byte[]>> records, long next) {
        long bytes = 0;
        for (ConsumerRecord<byte[], byte[]> r : records) {
            bytes +=
                    RECORD_BYTES
                            + Math.max(0, r.serializedKeySize())
                            + Math.max(0, r.serializedValueSize());
        }
        return new PartitionBatch(
                topic, partition, records, next, bytes, new CompletableFuture<>());
    }

    /// Batches that follow each other, at least one, as one.
    static PartitionBatch joined(Deque<PartitionBatch> batches) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long bytes = 0;
        for (PartitionBatch b : batches) {
            records.addAll(b.records);
            bytes += b.bytes;
        }
        PartitionBatch last = batches.getLast();
        return new PartitionBatch(
                last.topic, last.partition, records, last.next, bytes, new CompletableFuture<>());
    }

    /// The same records, to be tried once more.
    PartitionBatch again() {
        return new PartitionBatch(
                topic, partition, records, next, bytes, new CompletableFuture<>());
    }
}
