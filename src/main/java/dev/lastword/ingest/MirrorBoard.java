package dev.lastword.ingest;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What is known of the mirroring of each partition: its one writer is the mirror, its readers are
/// whoever tells people about it. Thread-safe.
public final class MirrorBoard {
    private final ConcurrentHashMap<Key, Status> partitions = new ConcurrentHashMap<>();
    private volatile @Nullable String sourceError;

    private record Key(String topic, int partition) {}

    /// How far the mirroring of a partition is.
    public enum State {
        /// It was just assigned; where to go on is being found out.
        PREPARING,
        /// Records are taken as they come.
        RUNNING,
        /// Something is in the way; it is tried again and again.
        STALLED,
        /// It does not go on without somebody's decision.
        STOPPED,
        /// Another member of the group has it, or none; what was mirrored is still served.
        UNASSIGNED
    }

    /// A partition at one moment.
    ///
    /// @param lag records that the source has and we do not, at most: offsets, among which there
    ///   may be gaps; -1 where it is not known
    /// @param reason why it stalls or is stopped, else empty
    public record Status(String topic, int partition, State state, long lag, String reason) {
        /// Whether somebody should look after it.
        public boolean isUnwell() {
            return state == State.STALLED || state == State.STOPPED;
        }
    }

    public void post(Status status) {
        partitions.put(new Key(status.topic, status.partition), status);
    }

    /// The source as a whole cannot be used, or can again.
    public void postSourceError(@Nullable String error) {
        sourceError = error;
    }

    /// Why the source cannot be used, or null.
    public @Nullable String sourceError() {
        return sourceError;
    }

    public @Nullable Status find(String topic, int partition) {
        return partitions.get(new Key(topic, partition));
    }

    public List<Status> all() {
        return partitions.values().stream()
                .sorted(Comparator.comparing(Status::topic).thenComparingInt(Status::partition))
                .toList();
    }
}
