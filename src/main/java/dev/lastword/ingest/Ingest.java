package dev.lastword.ingest;

import dev.lastword.index.KeyHash;
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
    /// @return completes on the appender's thread, exceptionally with a [LogException]
    /// @throws LogException if it cannot even be queued: too large, queue full, read-only, closed
    public CompletableFuture<Written> write(Topic topic, NewRecord record, Condition condition) {
        PartitionLog partition = topic.partitionFor(record.key());
        AppendRequest request = new AppendRequest(List.of(record), condition, null);
        partition.append(request);
        return request.result()
                .thenApply(r -> new Written(topic.name(), topic.epoch(), partition.partition(), r));
    }

    /// Begins a stream of records in order.
    public IngestStream open(Topic topic) {
        return new IngestStream(topic, null);
    }

    /// Begins a stream whose records are stored once, however often it is sent.
    ///
    /// @param request names it
    public IngestStream open(Topic topic, @Nullable KeyHash request) {
        return new IngestStream(topic, request);
    }
}
