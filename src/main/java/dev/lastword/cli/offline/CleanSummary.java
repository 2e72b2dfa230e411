package dev.lastword.cli.offline;

import dev.lastword.cleaner.offline.OfflineResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What cleanings came to, in lines for a person; also the sum of several.
final class CleanSummary {
    private final boolean dryRun;
    private long partitions;
    private long segmentsBefore;
    private long segmentsAfter;
    private long bytesBefore;
    private long bytesAfter;
    private long recordsRead;
    private long recordsKept;
    private long superseded;
    private long tombstones;
    private long aborted;
    private long withoutKey;
    private long tombstonesKept;
    private long nanos;

    CleanSummary(boolean dryRun) {
        this.dryRun = dryRun;
    }

    CleanSummary add(OfflineResult r) {
        partitions++;
        segmentsBefore += r.segmentsBefore();
        segmentsAfter += r.segmentsAfter();
        bytesBefore += r.bytesBefore();
        bytesAfter += r.bytesAfter();
        recordsRead += r.recordsRead();
        recordsKept += r.recordsKept();
        superseded += r.droppedSuperseded();
        tombstones += r.droppedTombstones();
        aborted += r.droppedAborted();
        withoutKey += r.droppedWithoutKey();
        tombstonesKept += r.tombstonesKept();
        nanos += r.decideNanos() + r.copyNanos();
        return this;
    }

    /// How many were added.
    long partitions() {
        return partitions;
    }

    List<String> lines(String name) {
        if (segmentsBefore == 0) {
            return List.of(name + ": nothing to clean: no segment before the active one is due");
        }
        List<String> lines = new ArrayList<>();
        double seconds = nanos / 1e9;
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%s: %,d -> %,d bytes (%.0f %% less), %,d -> %,d records, %,d -> %,d"
                                + " segments%s",
                        name,
                        bytesBefore,
                        bytesAfter,
                        bytesBefore == 0 ? 0 : 100.0 * (bytesBefore - bytesAfter) / bytesBefore,
                        recordsRead,
                        recordsKept,
                        segmentsBefore,
                        segmentsAfter,
                        dryRun ? ", if it were done" : ""));
        List<String> dropped = new ArrayList<>();
        part(dropped, superseded, "superseded");
        part(dropped, tombstones, "tombstones past their horizon");
        part(dropped, aborted, "of aborted transactions");
        part(dropped, withoutKey, "without key");
        lines.add(
                String.format(
                        Locale.ROOT,
                        "  dropped: %s; tombstones that stay: %,d; %.2f s, %,.0f records/s,"
                                + " %,.1f MB/s",
                        dropped.isEmpty() ? "nothing" : String.join(", ", dropped),
                        tombstonesKept,
                        seconds,
                        recordsRead / Math.max(seconds, 1e-9),
                        bytesBefore / 1e6 / Math.max(seconds, 1e-9)));
        return lines;
    }

    private static void part(List<String> parts, long n, String what) {
        if (n > 0) {
            parts.add(String.format(Locale.ROOT, "%,d %s", n, what));
        }
    }
}
