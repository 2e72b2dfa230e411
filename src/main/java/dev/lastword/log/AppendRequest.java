package dev.lastword.log;

import dev.lastword.record.BatchWriter;
import dev.lastword.record.TimestampType;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One write for one partition: stored as a whole or not at all, its records next to each other. */
public final class AppendRequest {
    /**
     * The offsets of one mirrored write span less than this, so that any segment that begins at its
     * first one can hold it.
     */
    public static final long SPAN_MAX = 1 << 30;

    /**
     * What mirrored records bring with them.
     *
     * @param offsets of each record: ascending, gaps allowed
     * @param leaderEpoch of the source partition
     */
    public record Mirrored(long[] offsets, TimestampType timestampType, int leaderEpoch) {}

    private final List<NewRecord> records;
    private final @Nullable Mirrored mirrored;
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

    private AppendRequest(List<NewRecord> records, Mirrored mirrored, StreamFence fence) {
        this.records = List.copyOf(records);
        this.mirrored = mirrored;
        this.condition = Condition.NONE;
        this.fence = fence;
        this.acks = null;
        this.bytes = Math.toIntExact(bytesOf(records));
    }

    /**
     * Records of another log that keep their offsets and timestamps. Those below the log's end are
     * there already: they are skipped and counted.
     */
    public static AppendRequest mirrored(
            List<NewRecord> records, Mirrored mirrored, StreamFence fence) {
        long[] offsets = mirrored.offsets();
        if (records.isEmpty() || offsets.length != records.size()) {
            throw new IllegalArgumentException(
                    records.size() + " records with " + offsets.length + " offsets");
        }
        for (int i = 1; i < offsets.length; i++) {
            if (offsets[i] <= offsets[i - 1]) {
                throw new IllegalArgumentException("offset " + offsets[i] + " does not ascend");
            }
        }
        if (offsets[offsets.length - 1] - offsets[0] >= SPAN_MAX) {
            throw new IllegalArgumentException("the offsets of one write span too much");
        }
        return new AppendRequest(records, mirrored, fence);
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

    /** Set for mirrored records. */
    public @Nullable Mirrored mirrored() {
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
