package dev.lastword.log;

import dev.lastword.record.BatchWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One write for one partition: stored as a whole or not at all, its records next to each other. */
public final class AppendRequest {
    private final List<NewRecord> records;
    private final @Nullable MirroredRecords mirrored;
    private final Condition condition;
    private final @Nullable StreamFence fence;
    private final @Nullable Acks acks;
    private final int bytes;
    private final CompletableFuture<AppendResult> result = new CompletableFuture<>();

    /**
     * A conditional write has exactly one record.
     *
     * @param fence the stream it belongs to, if any
     */
    public AppendRequest(
            List<NewRecord> records, Condition condition, @Nullable StreamFence fence) {
        this(records, condition, fence, null);
    }

    /**
     * A conditional write has exactly one record.
     *
     * @param fence the stream it belongs to, if any
     * @param acks when it is acknowledged; null: as its topic says
     */
    public AppendRequest(
            List<NewRecord> records,
            Condition condition,
            @Nullable StreamFence fence,
            @Nullable Acks acks) {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("a write has at least one record");
        }
        if (records.size() > 1 && !(condition instanceof Condition.None)) {
            throw new IllegalArgumentException("a conditional write has one record");
        }
        this.records = List.copyOf(records);
        this.mirrored = null;
        this.condition = condition;
        this.fence = fence;
        this.acks = acks;
        this.bytes = Math.toIntExact(bytesOf(records));
    }

    private AppendRequest(MirroredRecords mirrored, StreamFence fence) {
        this.records = List.of();
        this.mirrored = mirrored;
        this.condition = Condition.NONE;
        this.fence = fence;
        this.acks = null;
        this.bytes = mirrored.bytes();
    }

    /**
     * Records of another log, at least one. Those below the log's end are there already: they are
     * skipped and counted.
     */
    public static AppendRequest mirrored(MirroredRecords records, StreamFence fence) {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("a write has at least one record");
        }
        return new AppendRequest(records, fence);
    }

    private static long bytesOf(List<NewRecord> records) {
        long bytes = 0;
        for (NewRecord r : records) {
            bytes += BatchWriter.maxSizeOf(r.key(), r.value(), r.headers()) + r.addedBytesMax();
        }
        return bytes;
    }

    /** Empty where they are mirrored. */
    public List<NewRecord> records() {
        return records;
    }

    /** Set for mirrored records. */
    @Nullable MirroredRecords mirrored() {
        return mirrored;
    }

    public Condition condition() {
        return condition;
    }

    public @Nullable StreamFence fence() {
        return fence;
    }

    /** When it is acknowledged. */
    Acks acks(TopicConfig config) {
        return acks == null ? config.acks() : acks;
    }

    /** An upper bound of the records' size on disk; batch headers aside, but for mirrored ones. */
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
