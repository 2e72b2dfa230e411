package dev.lastword.metrics;

import dev.lastword.cleaner.CleanerEvent;
import dev.lastword.cleaner.PassResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/// Counts what the cleaner does, over all topics; `GET /cleaner` tells about each.
@Singleton
class CleanerMetrics {
    private final Timer runs;
    private final Counter bytesConsidered;
    private final Counter bytesReclaimed;
    private final Counter bytesRead;
    private final Counter bytesWritten;
    private final Counter recordsRead;
    private final Counter recordsRemoved;
    private final Counter tombstonesDropped;
    private final Counter failures;
    private final Counter cancelled;
    private final Counter segmentsRetired;
    private final Counter bytesRetired;

    CleanerMetrics(MeterRegistry registry) {
        runs =
                Timer.builder("lastword.cleaner.runs")
                        .description("Passes over a partition that went through")
                        .register(registry);
        bytesConsidered = counter(registry, "bytes.considered", "Size of the segments looked at");
        bytesReclaimed = counter(registry, "bytes.reclaimed", "Bytes won by cleaning");
        bytesRead = counter(registry, "bytes.read", "Bytes of segments that were rewritten");
        bytesWritten = counter(registry, "bytes.written", "Bytes written in their place");
        recordsRead = counter(registry, "records.read", "Records in segments that were rewritten");
        recordsRemoved = counter(registry, "records.removed", "Records removed by cleaning");
        tombstonesDropped =
                counter(registry, "tombstones.dropped", "Tombstones past their delete horizon");
        failures = counter(registry, "failures", "Passes that failed and will be tried again");
        cancelled = counter(registry, "cancelled", "Passes given up on request");
        segmentsRetired = counter(registry, "segments.retired", "Segments gone by age or size");
        bytesRetired = counter(registry, "bytes.retired", "Their bytes");
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder("lastword.cleaner." + name)
                .description(description)
                .register(registry);
    }

    void on(CleanerEvent event) {
        switch (event) {
            case CleanerEvent.Cleaned c -> count(c);
            case CleanerEvent.Failed f -> failures.increment();
            case CleanerEvent.Cancelled c -> cancelled.increment();
            case CleanerEvent.Retired r -> {
                add(segmentsRetired, r.segments());
                add(bytesRetired, r.bytes());
            }
        }
    }

    private void count(CleanerEvent.Cleaned cleaned) {
        PassResult result = cleaned.result();
        runs.record(cleaned.tookMs(), TimeUnit.MILLISECONDS);
        add(bytesConsidered, result.bytesBefore());
        add(bytesReclaimed, Math.max(0, result.bytesBefore() - result.bytesAfter()));
        add(bytesRead, result.bytesRead());
        add(bytesWritten, result.bytesWritten());
        add(recordsRead, result.recordsRead());
        add(recordsRemoved, result.recordsRead() - result.recordsKept());
        add(tombstonesDropped, result.tombstonesDropped());
    }

    private static void add(Counter counter, long n) {
        counter.increment((double) n);
    }
}
