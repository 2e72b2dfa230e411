package dev.lastword.cli.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The service as a child process on a port of its own. When this process is told to stop, it is
/// stopped too, and its data cleared away as at any other end. Thread-safe.
final class ChildService implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://\\S+:\\d+)");
    private static final int LINES_KEPT = 20;
    private static final long START_SECONDS_MAX = 60;

    /// The service takes up to 20 s for the requests in flight.
    private static final long STOP_SECONDS_MAX = 25;

    private final Process process;
    private final CompletableFuture<URI> listening = new CompletableFuture<>();
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final Thread reader;
    private final Thread hook;
    private volatile boolean shown;

    private ChildService(Process process, DataFolder data, PrintStream out) {
        this.process = process;
        this.hook = new Thread(() -> stopWith(data), "lastword-stop-child");
        this.reader = Thread.ofVirtual().name("lastword-child-output").unstarted(() -> read(out));
    }

    /// @param out where its log goes once it is asked for
    static ChildService start(Launcher launcher, DataFolder data, PrintStream out)
            throws QuickstartException {
        List<String> command =
                launcher.command(
                        List.of(
                                "-Dquarkus.http.host=127.0.0.1",
                                "-Dquarkus.http.port=0",
                                "-Dquarkus.log.category.\"io.quarkus\".level=INFO",
                                "-Dlastword.data-dir=" + data.path()));
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            ChildService child = new ChildService(builder.start(), data, out);
            Runtime.getRuntime().addShutdownHook(child.hook);
            child.reader.start();
            return child;
        } catch (IOException e) {
            throw new QuickstartException("The service cannot be started: " + e.getMessage(), e);
        }
    }

    /// Where it listens, once it does.
    URI awaitListening() throws QuickstartException {
        try {
            return listening.get(START_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new QuickstartException("The service did not start:\n" + lastLines(), e);
        } catch (TimeoutException e) {
            throw new QuickstartException(
                    "The service did not start within " + START_SECONDS_MAX + " s:\n" + lastLines(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QuickstartException("stopped while the service started", e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// The end of what it wrote, for when it fails.
    String lastLines() {
        synchronized (lastLines) {
            return String.join("\n", lastLines);
        }
    }

    /// Shows its log from now on, until it ends.
    void awaitEnd() throws InterruptedException {
        shown = true;
        process.waitFor();
    }

    private void read(PrintStream out) {
        try (BufferedReader lines = process.inputReader(Charset.defaultCharset())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(line);
                if (shown) {
                    out.println(line);
                }
            }
        } catch (IOException e) {
            take("(its output cannot be read: " + e.getMessage() + ")");
        }
        listening.completeExceptionally(new IOException("the service ended"));
    }

    private void take(String line) {
        synchronized (lastLines) {
            lastLines.addLast(line);
            if (lastLines.size() > LINES_KEPT) {
                lastLines.removeFirst();
            }
        }
        Matcher m = LISTENING.matcher(line);
        if (m.find()) {
            listening.complete(URI.create(m.group(1)));
        }
    }

    private void stopWith(DataFolder data) {
        stop();
        data.close();
    }

    /// Asks it to stop; kills it where it does not.
    private void stop() {
        process.toHandle().destroy(); // the process would close our end of its output
        try {
            if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // this process is stopping: the hook runs already
        }
    }
}
