package dev.lastword.metrics;

import dev.lastword.log.LogEvent;
import org.jboss.logging.Logger;

/// One line in the service's log for each event of the logs. What happens at every write is traced
/// only.
final class LogLines {
    private static final Logger LOG = Logger.getLogger("dev.lastword.log");

    private LogLines() {}

    static void write(LogEvent event) {
        switch (event) {
            case LogEvent.GroupAppended g -> {
                if (LOG.isTraceEnabled()) {
                    LOG.tracef(
                            "%s-%d: %d records of %d requests, %d bytes, flushed in %d us",
                            g.topic(),
                            g.partition(),
                            g.records(),
                            g.requests(),
                            g.bytes(),
                            g.flushNanos() / 1000);
                }
            }
            case LogEvent.TopicCreated c ->
                    LOG.infof("Topic %s is created with %d partitions", c.topic(), c.partitions());
            case LogEvent.PartitionsAdded a ->
                    LOG.infof("Topic %s has %d partitions now", a.topic(), a.now());
            case LogEvent.TopicDeleted d -> LOG.infof("Topic %s is deleted", d.topic());
            case LogEvent.PartitionOpened o ->
                    LOG.logf(
                            o.clean() || o.endOffset() == 0
                                    ? Logger.Level.DEBUG
                                    : Logger.Level.INFO,
                            "%s-%d is open: ends at %d, %d keys, %s, %d ms",
                            o.topic(),
                            o.partition(),
                            o.endOffset(),
                            o.keys(),
                            o.clean() ? "closed in order" : "recovered",
                            o.tookMs());
            case LogEvent.CheckpointWritten c ->
                    LOG.debugf(
                            "%s-%d: checkpoint at %d, %d bytes, %d ms",
                            c.topic(), c.partition(), c.offset(), c.bytes(), c.tookMs());
            case LogEvent.AppendFailed f ->
                    LOG.errorf(
                            "%s-%d: %d writes failed: %s",
                            f.topic(), f.partition(), f.requests(), f.reason());
            case LogEvent.Expired e ->
                    LOG.debugf("%s-%d: %d keys expired", e.topic(), e.partition(), e.keys());
            case LogEvent.SegmentRolled r ->
                    LOG.debugf(
                            "%s-%d: new segment at %d",
                            r.topic(), r.partition(), r.newBaseOffset());
            case LogEvent.TurnedReadOnly r ->
                    LOG.errorf("%s-%d is read-only: %s", r.topic(), r.partition(), r.reason());
            case LogEvent.TailCut t ->
                    LOG.warnf(
                            "%s-%d: an incomplete last write was cut off at %d (%d bytes); it had"
                                    + " not been acknowledged",
                            t.topic(), t.partition(), t.offset(), t.bytes());
            case LogEvent.Quarantined q ->
                    LOG.errorf(
                            "%s-%d is quarantined, nothing of it is cleaned or deleted: %s",
                            q.topic(), q.partition(), q.reason());
            case LogEvent.Reopened r -> {
                LOG.infof(
                        "%s-%d is back in service, it ends at %d",
                        r.topic(), r.partition(), r.endOffset());
                r.moved()
                        .forEach(m ->
                                LOG.warnf(
                                        "%s-%d: %s; its %d bytes are now in %s",
                                        r.topic(), r.partition(), m.damage(), m.bytes(), m.to()));
            }
            case LogEvent.NotReopened n ->
                    LOG.warnf("%s-%d stays as it is: %s", n.topic(), n.partition(), n.reason());
            case LogEvent.UpkeepFailed f ->
                    LOG.warnf("%s-%d: %s", f.topic(), f.partition(), f.reason());
        }
    }
}
