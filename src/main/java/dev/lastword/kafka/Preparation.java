package dev.lastword.kafka;

import dev.lastword.config.KafkaSettings.OnGap;
import dev.lastword.kafka.SourceAdmin.Range;
import dev.lastword.kafka.SourceAdmin.SourceTopic;
import dev.lastword.log.LogException;
import dev.lastword.log.LogStore;
import dev.lastword.log.MirrorSource;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Topic;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Finds out where the mirroring of a partition goes on, and makes the log ready for it. Waits for
/// source and disk. Thread-safe.
final class Preparation {
    private static final Logger LOG = Logger.getLogger("dev.lastword.kafka");

    private final LogStore store;
    private final SourceAdmin source;
    private final OnGap onGap;
    private final MirrorMeters meters;
    private final InstantSource clock;

    Preparation(
            LogStore store,
            SourceAdmin source,
            OnGap onGap,
            MirrorMeters meters,
            InstantSource clock) {
        this.store = store;
        this.source = source;
        this.onGap = onGap;
        this.meters = meters;
        this.clock = clock;
    }

    /// What came out.
    sealed interface Outcome {}

    /// It goes on.
    ///
    /// @param log what is written to
    /// @param position the offset to read next
    /// @param leaderEpoch of the record before it, by which the source tells whether it still has
    ///   that one
    record Ready(String topicId, PartitionLog log, long position, Optional<Integer> leaderEpoch)
            implements Outcome {}

    /// It cannot go on before somebody decides.
    record Stop(String why) implements Outcome {}

    /// @param anew empty the partition first, whatever it holds
    /// @throws KafkaException if the source does not answer
    /// @throws LogException if the disk is in the way
    Outcome run(TopicPartition tp, boolean anew) throws IOException {
        SourceTopic there = source.topic(tp.topic());
        if (there == null || tp.partition() >= there.partitions()) {
            return new Stop("The source has no partition " + tp + " any more.");
        }
        Topic topic = store.find(tp.topic());
        if (topic == null) {
            topic = create(tp.topic(), there);
        }
        MirrorSource mirrored = topic.source();
        if (mirrored == null) {
            return new Stop(
                    "There is a topic of this name that is written over HTTP: delete it, or take"
                            + " the name out of lastword.kafka.topics.");
        }
        if (topic.partitions().size() < there.partitions()) {
            store.grow(tp.topic(), there.partitions(), there.id());
        }
        if (anew) {
            store.reset(tp.topic(), tp.partition(), there.id());
        }
        return compare(topic, tp, there.id());
    }

    private Topic create(String name, SourceTopic there) {
        try {
            return store.createMirrored(name, there.partitions(), there.id());
        } catch (LogException.TopicExists e) {
            return store.topic(name); // another partition's preparation was quicker
        }
    }

    private Outcome compare(Topic topic, TopicPartition tp, String topicId) throws IOException {
        PartitionLog log = topic.partition(tp.partition());
        Range range = source.range(tp);
        MirrorSource mirrored = topic.source();
        String ours = mirrored == null ? "" : mirrored.topicIds().get(tp.partition());
        if (!ours.equals(topicId)) {
            if (!isEmpty(log)) {
                return new Stop(
                        "The source topic was made anew: its id is "
                                + topicId
                                + ", what is mirrored is of "
                                + ours
                                + ". POST /topics/"
                                + tp.topic()
                                + "/partitions/"
                                + tp.partition()
                                + "/reset mirrors the new one.");
            }
            return anew(tp, topicId, range);
        }
        if (isEmpty(log) && (log.caughtUpMs() < 0 || log.endOffset() < range.start())) {
            return begin(log, topicId, range);
        }
        if (log.endOffset() > range.end()) {
            return new Stop(
                    "The source ends at offset "
                            + range.end()
                            + ", what is mirrored at "
                            + log.endOffset()
                            + ": the source has lost records. POST /topics/"
                            + tp.topic()
                            + "/partitions/"
                            + tp.partition()
                            + "/reset mirrors what it has now.");
        }
        String missed = missed(log, tp, range);
        if (missed == null) {
            return ready(log, topicId, log.endOffset());
        }
        meters.of(tp.topic()).gaps().increment();
        if (onGap == OnGap.REBUILD) {
            LOG.warnf("%s is mirrored from the start again: %s", tp, missed);
            return anew(tp, topicId, range);
        }
        LOG.warnf("%s goes on behind a gap: %s", tp, missed);
        return ready(log, topicId, Math.max(log.endOffset(), range.start()));
    }

    private static boolean isEmpty(PartitionLog log) {
        return log.endOffset() == log.startOffset();
    }

    /// Why records or deletions may have been missed, or null.
    private @Nullable String missed(PartitionLog log, TopicPartition tp, Range range) {
        if (log.endOffset() < range.start()) {
            return "the source begins at offset "
                    + range.start()
                    + ", what is mirrored ends at "
                    + log.endOffset();
        }
        OptionalLong deleteRetentionMs = source.deleteRetentionMs(tp.topic());
        long awayMs = clock.millis() - log.caughtUpMs();
        if (deleteRetentionMs.isPresent()
                && log.endOffset() < range.end()
                && log.caughtUpMs() >= 0
                && awayMs > deleteRetentionMs.getAsLong()) {
            return "it was not up to date for "
                    + awayMs
                    + " ms, and the source keeps deletions for "
                    + deleteRetentionMs.getAsLong()
                    + " ms (delete.retention.ms)";
        }
        return null;
    }

    private Outcome anew(TopicPartition tp, String topicId, Range range) throws IOException {
        store.reset(tp.topic(), tp.partition(), topicId);
        return begin(store.topic(tp.topic()).partition(tp.partition()), topicId, range);
    }

    private Outcome begin(PartitionLog log, String topicId, Range range) throws IOException {
        log.startAt(range.start()).join();
        log.noteCaughtUp(clock.millis()); // nothing older is here that could be out of date
        return ready(log, topicId, range.start());
    }

    private static Outcome ready(PartitionLog log, String topicId, long position)
            throws IOException {
        int epoch = log.lastLeaderEpoch();
        return new Ready(topicId, log, position, epoch < 0 ? Optional.empty() : Optional.of(epoch));
    }
}
