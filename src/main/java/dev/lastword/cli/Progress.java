package dev.lastword.cli;

import java.io.PrintStream;
import java.util.Locale;

/// How far a long work is: one line that is written over on a terminal, with a bar where the end is
/// known, else a line now and then. For one thread.
public final class Progress {
    private static final long TERMINAL_EVERY_NANOS = 200_000_000;
    private static final long PLAIN_EVERY_NANOS = 5_000_000_000L;
    private static final int BAR_CHARS = 30;

    private final PrintStream out;
    private final boolean terminal;
    private final long startedNanos = System.nanoTime();
    private long toldNanos = startedNanos;
    private int shownChars;

    public Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /// So much is done of a work whose end is not known.
    public void tell(long records, long bytes) {
        if (isTime()) {
            show(count(records) + count(bytes, " bytes, ") + seconds());
        }
    }

    /// So much is done of a step whose end is known.
    ///
    /// @param what the step, as a verb
    public void tell(String what, long bytesDone, long bytesTotal) {
        if (isTime()) {
            double share = bytesTotal <= 0 ? 1 : Math.min(1, (double) bytesDone / bytesTotal);
            int filled = (int) (share * BAR_CHARS);
            String bar =
                    terminal
                            ? "[" + "#".repeat(filled) + " ".repeat(BAR_CHARS - filled) + "] "
                            : "";
            show(
                    String.format(
                            Locale.ROOT,
                            "%s %s%3.0f %% of %,d bytes, %s",
                            what,
                            bar,
                            100 * share,
                            bytesTotal,
                            seconds()));
        }
    }

    private boolean isTime() {
        long now = System.nanoTime();
        if (now - toldNanos < (terminal ? TERMINAL_EVERY_NANOS : PLAIN_EVERY_NANOS)) {
            return false;
        }
        toldNanos = now;
        return true;
    }

    private static String count(long records) {
        return count(records, " records, ");
    }

    private static String count(long n, String unit) {
        return String.format(Locale.ROOT, "%,d", n) + unit;
    }

    private String seconds() {
        return String.format(Locale.ROOT, "%.1f s", (toldNanos - startedNanos) / 1e9);
    }

    private void show(String text) {
        String line = "  " + text;
        if (terminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, shownChars - line.length())));
            out.flush();
            shownChars = line.length();
        } else {
            out.println(line);
        }
    }

    /// Leaves the line to whatever comes next; the bar stays.
    public void end() {
        if (terminal && shownChars > 0) {
            out.println();
            shownChars = 0;
        }
    }

    /// Takes the line away, so that something can be printed in its place.
    public void clear() {
        if (terminal && shownChars > 0) {
            out.print("\r" + " ".repeat(shownChars) + "\r");
            out.flush();
            shownChars = 0;
        }
    }
}
