package dev.lastword.security;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/// Takes what is logged, at any level that is on, until it is closed.
final class LogLines extends Handler implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("");
    private static final Formatter FORM = new PatternFormatter("%c %s%e");

    private final List<String> lines = new CopyOnWriteArrayList<>();

    private LogLines() {}

    static LogLines take() {
        LogLines taken = new LogLines();
        ROOT.addHandler(taken);
        return taken;
    }

    List<String> all() {
        return List.copyOf(lines);
    }

    List<String> audit() {
        return lines.stream().filter(line -> line.startsWith("dev.lastword.audit ")).toList();
    }

    @Override
    public void publish(LogRecord taken) {
        lines.add(FORM.format(taken));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        ROOT.removeHandler(this);
    }
}
