package dev.lastword.metrics;

import dev.lastword.cleaner.CleanerEvent;
import dev.lastword.log.LogEvent;
import dev.lastword.log.LogStore;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Takes the events of the log and of the cleaner: each becomes a line in the log of the service
/// and a change of its metrics. Never throws, for it is called from threads that have data in hand.
@Singleton
public class Happenings {
    private static final Logger LOG = Logger.getLogger(Happenings.class);

    private final LogMetrics logMetrics;
    private final CleanerMetrics cleanerMetrics;
    private final PartitionGauges gauges;

    Happenings(LogMetrics logMetrics, CleanerMetrics cleanerMetrics, PartitionGauges gauges) {
        this.logMetrics = logMetrics;
        this.cleanerMetrics = cleanerMetrics;
        this.gauges = gauges;
    }

    /// Gives the gauges something to look at.
    public void watch(LogStore store) {
        gauges.watch(store);
    }

    public void log(LogEvent event) {
        try {
            LogLines.write(event);
            gauges.on(event);
            logMetrics.on(event);
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s could not be counted", event);
        }
    }

    public void cleaner(CleanerEvent event) {
        try {
            CleanerLines.write(event);
            cleanerMetrics.on(event);
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s could not be counted", event);
        }
    }
}
