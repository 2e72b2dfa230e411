package dev.lastword.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A real Kafka broker on loopback, a child process that ends with this one. It keeps its address
/// and its directory from one start to the next. Not thread-safe.
public final class KafkaBroker implements AutoCloseable {
    private static final long SECONDS_MAX = 90;

    private final Path dataDir;
    private final List<String> settings;
    private int port;
    private @Nullable Process process;

    private KafkaBroker(Path dataDir, List<String> settings) {
        this.dataDir = dataDir;
        this.settings = settings;
    }

    /// Starts one and waits until it serves.
    ///
    /// @param dataDir is made where it is missing; what the broker tells goes to `<dataDir>.log`
    /// @param settings the broker's, `name=value` each
    public static KafkaBroker start(Path dataDir, String... settings) throws Exception {
        KafkaBroker broker = new KafkaBroker(dataDir, List.of(settings));
        broker.start();
        return broker;
    }

    /// Starts it again after [#stop] or [#kill].
    public void start() throws Exception {
        if (process != null) {
            throw new IllegalStateException("it runs");
        }
        List<String> arguments = new ArrayList<>();
        arguments.add("--until-input-ends");
        arguments.add(dataDir.toString());
        arguments.add(Integer.toString(port));
        arguments.addAll(settings);
        Process started =
                KafkaJars.java("256m", "dev.lastword.broker.Broker", arguments)
                        .redirectError(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                        .start();
        process = started;
        try {
            port = awaitReady(started);
        } catch (Exception e) {
            kill();
            throw e;
        }
    }

    private int awaitReady(Process started) throws Exception {
        CompletableFuture<String> ready = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> passOn(started, ready));
        try {
            String line = ready.get(SECONDS_MAX, TimeUnit.SECONDS);
            return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("no broker:\n" + Files.readString(logFile()), e);
        }
    }

    /// Reads on to the end, or the broker would block on a full pipe.
    private static void passOn(Process started, CompletableFuture<String> ready) {
        try (BufferedReader lines = started.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("READY ")) {
                    ready.complete(line);
                }
            }
            ready.completeExceptionally(new IOException("it ended"));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    /// Stops it in order.
    public void stop() throws Exception {
        Process running = running();
        running.getOutputStream().close(); // it ends with its input
        if (!running.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the broker does not end:\n" + logFile());
        }
        process = null;
    }

    /// `kill -9`.
    public void kill() {
        running().destroyForcibly().onExit().join();
        process = null;
    }

    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /// Where the partitions' logs are.
    public Path dataDir() {
        return dataDir;
    }

    private Path logFile() {
        return dataDir.resolveSibling(dataDir.getFileName() + ".log");
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("it does not run");
        }
        return process;
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
    }
}
