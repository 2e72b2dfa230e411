package dev.lastword.ingest;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lastword.index.KeyHash;
import dev.lastword.ingest.StreamResult.PartitionRange;
import dev.lastword.log.Acks;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.AppendResult;
import dev.lastword.log.Condition;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import dev.lastword.log.Once;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.StreamFence;
import dev.lastword.log.Topic;
import dev.lastword.record.BatchWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// A stream of records on its way into a topic: gathered into chunks, each chunk split among the
/// partitions, a few chunks under way at once, so that one is made while others are flushed.
/// Whoever adds waits while the window is full, which is how a slow disk slows a sender.
///
/// Per partition the order is kept. After the first failure nothing of later chunks is stored in
/// that partition, and [StreamFailedException#accepted] tells the durable prefix.
///
/// For one (virtual) thread.
public final class IngestStream {
    /// Records of this size together make a chunk.
    private static final int CHUNK_BYTES = 256 * 1024;

    /// Chunks under way at once.
    private static final int WINDOW_CHUNKS = 8;

    private final Topic topic;
    private final StreamFence fence = new StreamFence();
    private final ArrayDeque<Chunk> underWay = new ArrayDeque<>();
    private final @Nullable KeyHash request;
    private final @Nullable Acks acks;
    private final @Nullable PartitionRange[] ranges;

    /// By partition, where the stream has a name: the last line that went there, and the
    /// fingerprint of all that did.
    private final long[] lines;

    private final long[] fingerprints;
    private long line;
    private Chunk filling;
    private long accepted;
    private @Nullable LogException failure;

    /// @param request under which name each record is stored once; null for none
    /// @param acks when it is acknowledged; null: as the topic says
    IngestStream(Topic topic, @Nullable KeyHash request, @Nullable Acks acks) {
        this.topic = topic;
        this.request = request;
        this.acks = acks;
        int partitions = topic.partitions().size();
        this.ranges = new PartitionRange[partitions];
        this.lines = new long[request == null ? 0 : partitions];
        this.fingerprints = new long[lines.length];
        this.filling = new Chunk();
    }

    /// Consecutive records of the stream, by partition.
    private static final class Chunk {
        final Map<Integer, List<NewRecord>> records = new TreeMap<>();
        final Map<Integer, AppendRequest> requests = new TreeMap<>();
        int[] partitionOf = new int[64];
        int count;
        long bytes;

        void add(int partition, NewRecord record) {
            records.computeIfAbsent(partition, p -> new ArrayList<>()).add(record);
            if (count == partitionOf.length) {
                partitionOf = Arrays.copyOf(partitionOf, 2 * count);
            }
            partitionOf[count++] = partition;
            bytes += BatchWriter.maxSizeOf(record.key(), record.value(), record.headers());
        }
    }

    /// Adds the next record; waits while too much is under way.
    ///
    /// @throws LogException.RecordTooLarge if the topic does not take a record of this size; it is
    ///   not added, and the stream can go on
    /// @throws LogException.InvalidVersion likewise, if the topic's strategy finds no version in it
    /// @throws StreamFailedException if the stream cannot go on
    public void add(NewRecord given) throws StreamFailedException {
        PartitionLog partition = topic.partitionFor(given.key());
        NewRecord record =
                request == null ? given : given.storedOnce(once(request, partition, given));
        checkSize(record);
        topic.config().compactionStrategy().check(record);
        filling.add(partition.partition(), record);
        if (filling.bytes >= CHUNK_BYTES) {
            send();
            while (underWay.size() > WINDOW_CHUNKS) {
                settleOldest();
            }
        }
    }

    /// The next line of the request.
    private Once once(KeyHash name, PartitionLog partition, NewRecord record) {
        int p = partition.partition();
        long lineBefore = lines[p];
        long before = fingerprints[p];
        lines[p] = ++line;
        fingerprints[p] = Once.fingerprint(before, record, partition.hasher());
        return new Once(name.hi, name.lo, line, fingerprints[p], lineBefore, before);
    }

    private void checkSize(NewRecord record) {
        long size = record.sizeInBatch();
        int max = topic.config().maxMessageBytes();
        if (size > max) {
            throw new LogException.RecordTooLarge(size, max);
        }
    }

    private void send() throws StreamFailedException {
        Chunk chunk = filling;
        filling = new Chunk();
        if (chunk.count == 0) {
            return;
        }
        underWay.add(chunk);
        for (Map.Entry<Integer, List<NewRecord>> part : chunk.records.entrySet()) {
            AppendRequest request = new AppendRequest(part.getValue(), Condition.NONE, fence, acks);
            chunk.requests.put(part.getKey(), request);
            try {
                PartitionLog partition = topic.partition(part.getKey());
                partition.appendWaiting(request);
            } catch (LogException e) {
                fence.breakStream(e);
                request.result().completeExceptionally(e);
            }
        }
        chunk.records.clear();
    }

    /// Waits for the oldest chunk under way.
    private void settleOldest() throws StreamFailedException {
        Chunk chunk = underWay.removeFirst();
        boolean[] stored = new boolean[ranges.length];
        for (Map.Entry<Integer, AppendRequest> part : chunk.requests.entrySet()) {
            int p = part.getKey();
            try {
                if (part.getValue().result().join() instanceof AppendResult.Appended a) {
                    stored[p] = true;
                    extend(p, a, part.getValue().records().size());
                }
            } catch (CompletionException e) {
                LogException reason =
                        e.getCause() instanceof LogException log
                                ? log
                                : new LogException.OutcomeUnknown(topic.name() + "-" + p, e);
                if (failure == null) {
                    failure = reason;
                }
            }
        }
        if (failure == null) {
            accepted += chunk.count;
            return;
        }
        for (int i = 0; i < chunk.count && stored[chunk.partitionOf[i]]; i++) {
            accepted++;
        }
        abandon();
        throw new StreamFailedException(accepted, failure);
    }

    private void extend(int p, AppendResult.Appended a, long count) {
        PartitionRange range = ranges[p];
        ranges[p] =
                range == null
                        ? new PartitionRange(p, a.firstOffset(), a.lastOffset(), count)
                        : new PartitionRange(
                                p, range.firstOffset(), a.lastOffset(), range.count() + count);
    }

    /// Waits until everything added so far is durable.
    ///
    /// @return how many records that are
    @CanIgnoreReturnValue
    public long flush() throws StreamFailedException {
        send();
        while (!underWay.isEmpty()) {
            settleOldest();
        }
        return accepted;
    }

    /// Ends the stream: waits until all of it is durable.
    public StreamResult finish() throws StreamFailedException {
        flush();
        List<PartitionRange> list = new ArrayList<>();
        for (PartitionRange r : ranges) {
            if (r != null) {
                list.add(r);
            }
        }
        return new StreamResult(accepted, list);
    }

    /// Gives the stream up: what is not yet on its way is not stored. What is under way is waited
    /// for by nobody.
    public void abandon() {
        fence.breakStream(new LogException.Closed("The stream"));
        underWay.clear();
        filling = new Chunk();
    }
}
