package dev.lastword.log;

import dev.lastword.record.BatchWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One write for one partition: stored as a whole or not at all, its records next to each other. */
public final class AppendRequest {
    private final List<NewRecord> records;
    private final Condition condition;
    private final @Nullable StreamFence fence;
    private final int bytes;
    private final CompletableFuture<AppendResult> result = new CompletableFuture<>();

    /**
     * A conditional write has exactly one record.
     *
     * @param fence the stream it belongs to, if any
     */
    public AppendRequest(
            List<NewRecord> records, Condition condition, @Nullable StreamFence fence) {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("a write has at least one record");
        }
        if (records.size() > 1 && !(condition instanceof Condition.None)) {
            throw new IllegalArgumentException("a conditional write has one record");
        }
        this.records = List.copyOf(records);
        this.condition = condition;
        this.fence = fence;
        this.bytes = Math.toIntExact(bytesOf(records));
    }

    private static long bytesOf(List<NewRecord> records) {
        long bytes = 0;
        for (NewRecord r : records) {
            bytes += BatchWriter.maxSizeOf(r.key(), r.value(), r.headers()) + r.addedBytesMax();
        }
        return bytes;
    }

    public List<NewRecord> records() {
        return records;
    }

    public Condition condition() {
        return condition;
    }

    public @Nullable StreamFence fence() {
        return fence;
    }

    /** An upper bound of the records' size on disk, batch headers aside. */
    public int bytes() {
        return bytes;
    }

    /**
     * Completes on the appender's thread, so what depends on it must be short and must not block;
     * exceptionally with a {@link LogException}.
     */
    public CompletableFuture<AppendResult> result() {
        return result;
    }
}
