package dev.lastword.ingest;

import dev.lastword.index.KeyHash;
import dev.lastword.log.Acks;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.AppendResult;
import dev.lastword.log.Condition;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Topic;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The way in for records, whatever the transport. Thread-safe.
public final class Ingest {
    /// Where a single write went and how it ended.
    public record Written(String topic, String epoch, int partition, AppendResult result) {}

    /// Writes one record. Never blocks.
    ///
    /// @param acks when it is acknowledged; null: as the topic says
    /// @return completes on the appender's thread, exceptionally with a [LogException]
    /// @throws LogException if it cannot even be queued: too large, queue full, read-only, closed
    public CompletableFuture<Written> write(
            Topic topic, NewRecord record, Condition condition, @Nullable Acks acks) {
        PartitionLog partition = topic.partitionFor(record.key());
        AppendRequest request = new AppendRequest(List.of(record), condition, null, acks);
        partition.append(request);
        return request.result()
                .thenApply(r -> new Written(topic.name(), topic.epoch(), partition.partition(), r));
    }

    /// Begins a stream of records in order.
    ///
    /// @param request under which name its records are stored once, however often it is sent; null
    ///   for none
    /// @param acks when they are acknowledged; null: as the topic says
    public IngestStream open(Topic topic, @Nullable KeyHash request, @Nullable Acks acks) {
        return new IngestStream(topic, request, acks);
    }
}
