package dev.lastword.metrics;

import dev.lastword.cleaner.CleanerEvent;
import dev.lastword.cleaner.PassResult;
import org.jboss.logging.Logger;

/// One line in the service's log for each event of the cleaner.
final class CleanerLines {
    private static final Logger LOG = Logger.getLogger("dev.lastword.cleaner");

    private CleanerLines() {}

    static void write(CleanerEvent event) {
        switch (event) {
            case CleanerEvent.Cleaned c -> {
                PassResult r = c.result();
                LOG.infof(
                        "%s-%d is cleaned up to %d in %d ms: %d -> %d bytes; %d read, %d written;"
                                + " %d of %d records kept, %d tombstones dropped",
                        c.topic(),
                        c.partition(),
                        r.upTo(),
                        c.tookMs(),
                        r.bytesBefore(),
                        r.bytesAfter(),
                        r.bytesRead(),
                        r.bytesWritten(),
                        r.recordsKept(),
                        r.recordsRead(),
                        r.tombstonesDropped());
            }
            case CleanerEvent.Failed f ->
                    LOG.errorf(
                            "%s-%d: cleaning failed (%d in a row, again in %d ms): %s",
                            f.topic(), f.partition(), f.failures(), f.retryInMs(), f.reason());
            case CleanerEvent.Cancelled c ->
                    LOG.infof("%s-%d: cleaning was stopped on request", c.topic(), c.partition());
            case CleanerEvent.Retired r ->
                    LOG.infof(
                            "%s-%d: %d old segments deleted (%d bytes): %s",
                            r.topic(), r.partition(), r.segments(), r.bytes(), r.reason());
        }
    }
}
