package dev.lastword.cleaner.offline;

import dev.lastword.log.AbortedTransaction;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the batches of a log, taken in order, say of its producers: where each wrote last, which
/// transactions are open, and which were aborted. A broker that starts on the log finds the same.
///
/// Not thread-safe.
final class ProducerLedger {
    private static final class Producer {
        short epoch = -1;
        long lastDataOffset = -1;
        long lastTimestamp = -1;
        long openSince = -1;
    }

    private final Map<Long, Producer> producers = new HashMap<>();
    private final List<AbortedTransaction> aborted = new ArrayList<>();

    /// Takes the next batch in. Its cursor may be used.
    void read(RecordBatch batch) throws IOException {
        if (batch.producerId() < 0) {
            return;
        }
        if (batch.isControl()) {
            readMarker(batch);
            return;
        }
        Producer p = producer(batch);
        p.lastDataOffset = batch.lastOffset();
        p.lastTimestamp = batch.maxTimestamp();
        if (batch.isTransactional() && p.openSince < 0) {
            p.openSince = batch.baseOffset();
        }
    }

    private void readMarker(RecordBatch batch) throws IOException {
        ControlType type = ControlType.of(batch);
        if (type == ControlType.OTHER) {
            return;
        }
        Producer p = producer(batch);
        if (type == ControlType.NONE) {
            p.lastTimestamp = batch.maxTimestamp(); // was kept for the epoch
            return;
        }
        p.lastTimestamp = timestampOfFirst(batch);
        if (p.openSince >= 0) {
            long first = p.openSince;
            p.openSince = -1;
            if (type == ControlType.ABORT) {
                long marker = batch.lastOffset();
                aborted.add(
                        new AbortedTransaction(
                                batch.producerId(),
                                first,
                                marker,
                                Math.min(marker + 1, firstOpenOffset())));
            }
        }
    }

    private static long timestampOfFirst(RecordBatch batch) throws IOException {
        RecordCursor cursor = batch.cursor();
        return cursor.next() ? cursor.timestamp() : batch.maxTimestamp();
    }

    /// The producer of a batch; a new epoch of it begins with nothing written.
    private Producer producer(RecordBatch batch) {
        Producer p = producers.computeIfAbsent(batch.producerId(), id -> new Producer());
        if (p.epoch != batch.producerEpoch()) {
            p.epoch = batch.producerEpoch();
            p.lastDataOffset = -1;
        }
        return p;
    }

    /// Whether no batch had a producer.
    boolean isEmpty() {
        return producers.isEmpty();
    }

    /// The first offset of a transaction that is still open, or `Long.MAX_VALUE`.
    long firstOpenOffset() {
        long first = Long.MAX_VALUE;
        for (Producer p : producers.values()) {
            if (p.openSince >= 0) {
                first = Math.min(first, p.openSince);
            }
        }
        return first;
    }

    /// The transactions that were aborted, in the order of their markers.
    List<AbortedTransaction> aborted() {
        return aborted;
    }

    /// Whether the batch must stay, if need be without records, because it shows what its producer
    /// did last: it holds the producer's last data, or, if there is none of its epoch, it is a
    /// marker of that epoch. A producer that wrote nothing for long is forgotten.
    ///
    /// @param expiredBefore a producer whose last timestamp is not later is forgotten
    boolean isLastOfProducer(RecordBatch batch, long expiredBefore) {
        @Nullable Producer p = producers.get(batch.producerId());
        if (p == null || (p.openSince < 0 && p.lastTimestamp <= expiredBefore)) {
            return false;
        }
        return p.lastDataOffset >= 0
                ? batch.lastOffset() == p.lastDataOffset
                : batch.isControl() && batch.producerEpoch() == p.epoch;
    }
}
