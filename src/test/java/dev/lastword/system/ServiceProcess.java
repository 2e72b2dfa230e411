package dev.lastword.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The packaged service in a process of its own, on a free port. Closing kills it, if it still
/// runs. Thread-safe.
final class ServiceProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://\\S+:\\d+)");
    private static final long START_SECONDS_MAX = 60;
    private static final long END_SECONDS_MAX = 40;

    private final Process process;
    private final List<String> output = new ArrayList<>();
    private final CompletableFuture<URI> listening = new CompletableFuture<>();
    private final Thread reader = Thread.ofVirtual().unstarted(this::read);

    private ServiceProcess(Process process) {
        this.process = process;
    }

    /// Starts it and waits until it is ready.
    ///
    /// @param settings `-Dname=value` each
    static ServiceProcess start(Path dataDir, String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("-Dquarkus.http.host=127.0.0.1");
        all.add("-Dquarkus.http.port=0");
        all.add("-Dlastword.data-dir=" + dataDir);
        ServiceProcess service = new ServiceProcess(Packaged.command(all, List.of()).start());
        try {
            service.reader.start();
            service.listening.get(START_SECONDS_MAX, TimeUnit.SECONDS);
            new Api(service.uri()).awaitReady();
            return service;
        } catch (Exception e) {
            service.close();
            throw new IllegalStateException("no service:\n" + service.output(), e);
        }
    }

    URI uri() {
        return listening.join();
    }

    long pid() {
        return process.pid();
    }

    /// What it wrote up to now. All of it, once it has ended.
    String output() {
        synchronized (output) {
            return String.join("\n", output);
        }
    }

    /// `kill -9`; does not wait.
    void killNow() {
        process.destroyForcibly();
    }

    /// SIGTERM; does not wait. By the handle, for the process would close our end of its output.
    void askToStop() {
        process.toHandle().destroy();
    }

    /// @return the exit code
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the service does not end:\n" + output());
        }
        reader.join();
        return process.exitValue();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (output) {
                    output.add(line);
                }
                Matcher m = LISTENING.matcher(line);
                if (m.find()) {
                    listening.complete(URI.create(m.group(1)));
                }
            }
        } catch (IOException e) {
            listening.completeExceptionally(e);
        }
        listening.completeExceptionally(new TimeoutException("it ended"));
    }

    @Override
    public void close() {
        killNow();
    }
}
