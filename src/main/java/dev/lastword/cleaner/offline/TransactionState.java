package dev.lastword.cleaner.offline;

import dev.lastword.log.AbortedTransaction;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The transactions that a walk through a log is in the middle of: which data is aborted, and which
/// markers still have data before them. It is carried from segment to segment and from group to
/// group of a pass, or a marker could go before its data.
///
/// Not thread-safe.
final class TransactionState {
    private static final class Aborted {
        final AbortedTransaction transaction;
        boolean hasData;

        Aborted(AbortedTransaction transaction) {
            this.transaction = transaction;
        }
    }

    private final PriorityQueue<AbortedTransaction> ahead =
            new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));
    private final Map<Long, Aborted> openAborted = new HashMap<>();
    private final Set<Long> openCommitted = new HashSet<>();
    private @Nullable AbortedTransaction ended;

    /// @param aborted every aborted transaction that has data in what is to be read
    TransactionState(List<AbortedTransaction> aborted) {
        ahead.addAll(aborted);
    }

    /// Takes the next data batch in; true if its records count for nothing.
    boolean isAborted(RecordBatch batch) {
        if (!batch.isTransactional()) {
            return false;
        }
        open(batch.lastOffset());
        Aborted of = openAborted.get(batch.producerId());
        if (of == null) {
            openCommitted.add(batch.producerId());
            return false;
        }
        of.hasData = true;
        return true;
    }

    /// Takes the next control batch in; true if nothing is left of what it speaks of, so that it
    /// may go once its own horizon has passed.
    boolean isIdle(RecordBatch marker) throws IOException {
        ended = null;
        open(marker.lastOffset());
        return switch (ControlType.of(marker)) {
            case ABORT -> {
                Aborted of = openAborted.remove(marker.producerId());
                if (of != null && of.hasData) {
                    ended = of.transaction;
                    yield false;
                }
                yield true;
            }
            case COMMIT -> !openCommitted.remove(marker.producerId());
            case OTHER -> false;
            case NONE -> true;
        };
    }

    /// The aborted transaction that the last control batch ended, if it has data left and so
    /// belongs into the index; else null.
    @Nullable AbortedTransaction ended() {
        return ended;
    }

    private void open(long upTo) {
        for (AbortedTransaction t = ahead.peek();
                t != null && t.firstOffset() <= upTo;
                t = ahead.peek()) {
            ahead.remove();
            openAborted.putIfAbsent(t.producerId(), new Aborted(t));
        }
    }
}
