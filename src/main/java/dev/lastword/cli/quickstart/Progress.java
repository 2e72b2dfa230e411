package dev.lastword.cli.quickstart;

import java.io.PrintStream;
import java.util.Locale;

/// How far the sending is: one line that is written over on a terminal, else a line now and then.
/// For one thread.
final class Progress {
    private static final long TERMINAL_EVERY_NANOS = 200_000_000;
    private static final long PLAIN_EVERY_NANOS = 5_000_000_000L;

    /// The clock is not asked for every record.
    private static final int RECORDS_BETWEEN = 256;

    private final PrintStream out;
    private final boolean terminal;
    private final long startedNanos = System.nanoTime();
    private long toldNanos = startedNanos;
    private boolean told;

    Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    void tell(long records, long bytes) {
        if (records % RECORDS_BETWEEN != 0) {
            return;
        }
        long now = System.nanoTime();
        if (now - toldNanos >= (terminal ? TERMINAL_EVERY_NANOS : PLAIN_EVERY_NANOS)) {
            toldNanos = now;
            show(records, bytes, now);
        }
    }

    private void show(long records, long bytes, long now) {
        String line =
                String.format(
                        Locale.ROOT,
                        "  %,d records, %,d bytes, %.1f s",
                        records,
                        bytes,
                        (now - startedNanos) / 1e9);
        if (terminal) {
            out.print("\r" + line + "   ");
            out.flush();
        } else {
            out.println(line);
        }
        told = true;
    }

    /// Leaves the line to whatever comes next.
    void end() {
        if (terminal && told) {
            out.println();
        }
    }
}
