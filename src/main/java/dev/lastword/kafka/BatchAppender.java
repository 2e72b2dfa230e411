package dev.lastword.kafka;

import dev.lastword.config.KafkaSettings.OnUnusable;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.AppendResult;
import dev.lastword.log.LogException;
import java.util.Iterator;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// Appends batches of the source to the logs. Thread-safe; a batch is to be appended when the one
/// before it of its partition is queued.
final class BatchAppender {
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
    /// @throws LogException if it is not; it may be appended again
    /// @throws UnusableRecordException at a record that is to stop the partition; what is before it
    ///   is stored
    void append(MirrorWrite write) throws UnusableRecordException {
        PartitionBatch batch = write.batch();
        MirrorMeters.Topic counters = meters.of(write.log().topic());
        if (!batch.stops()) {
            leaveOut(batch, counters);
        }
        AppendRequest request = null;
        if (!batch.records().isEmpty()) {
            request = AppendRequest.mirrored(batch.records(), write.fence());
            write.log().appendWaiting(request);
        }
        if (batch.stops()) {
            await(request, batch, counters);
            PartitionBatch.Unusable unusable = batch.unusable().getFirst();
            throw new UnusableRecordException(unusable.record().offset(), unusable.why());
        }
        write.queued().complete(null);
        await(request, batch, counters);
    }

    private void leaveOut(PartitionBatch batch, MirrorMeters.Topic counters) {
        Iterator<PartitionBatch.Unusable> all = batch.unusable().iterator();
        while (all.hasNext()) {
            PartitionBatch.Unusable u = all.next();
            if (onUnusable == OnUnusable.DEAD_LETTER) {
                deadLetters.send(u.record(), u.why());
            }
            counters.leftOut(u.reason());
            all.remove();
        }
    }

    private static void await(
            @Nullable AppendRequest request, PartitionBatch batch, MirrorMeters.Topic counters) {
        if (request == null) {
            return;
        }
        try {
            if (request.result().join() instanceof AppendResult.Mirrored m) {
                counters.records().increment(m.stored());
                counters.duplicates().increment(m.duplicates());
                counters.bytes().increment((double) batch.plainBytes());
            }
        } catch (CompletionException e) {
            throw e.getCause() instanceof LogException l ? l : e;
        }
    }
}
