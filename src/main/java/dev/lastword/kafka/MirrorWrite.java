package dev.lastword.kafka;

import dev.lastword.log.PartitionLog;
import dev.lastword.log.StreamFence;
import java.util.concurrent.CompletableFuture;

/// A batch on its way into a log.
///
/// @param log the very one that the source was compared with: one that took its place since, empty
///   or with another end, gets nothing of this
/// @param fence shared with the writes before it: where one of them fails, this one does
/// @param queued completes when all of it waits in line at the log, and so the next may follow
/// @param stored completes when it is stored, durable as the topic's `acks` asks
record MirrorWrite(
        PartitionLog log,
        PartitionBatch batch,
        StreamFence fence,
        CompletableFuture<Void> queued,
        CompletableFuture<Void> stored) {
    static MirrorWrite of(PartitionLog log, PartitionBatch batch, StreamFence fence) {
        return new MirrorWrite(
                log, batch, fence, new CompletableFuture<>(), new CompletableFuture<>());
    }
}
