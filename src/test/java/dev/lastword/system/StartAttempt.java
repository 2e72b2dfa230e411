package dev.lastword.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A start of the packaged service that may fail, or be live long before it is ready; a
/// [ServiceProcess] is one that went well.
final class StartAttempt implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("Listening on: http://[^:]+:(\\d+)");

    private final Process process;
    private final StringBuilder output = new StringBuilder();

    private StartAttempt(Process process) {
        this.process = process;
    }

    /// How a process ended.
    record Ended(int exitCode, String stdout, String stderr) {}

    /// @param settings such as `lastword.cleaner.threads=2`
    static StartAttempt start(Path dataDir, String... settings) throws IOException {
        List<String> all = new ArrayList<>();
        all.add("-Xmx256m");
        all.add("-Dquarkus.http.port=0");
        all.add("-Dlastword.data-dir=" + dataDir);
        for (String s : settings) {
            all.add("-D" + s);
        }
        return new StartAttempt(
                Packaged.command(all, List.of()).redirectErrorStream(false).start());
    }

    /// Waits until it serves, and returns the port.
    int port() throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            output.append(line).append('\n');
            Matcher m = LISTENING.matcher(line);
            if (m.find()) {
                return Integer.parseInt(m.group(1));
            }
        }
        throw new IOException("it ended: " + output + ended().stderr());
    }

    /// As an orchestrator does it: SIGTERM.
    void terminate() {
        process.toHandle().destroy(); // unlike process.destroy(), leaves the output readable
    }

    /// Waits for its end.
    Ended ended() throws IOException {
        String stderr = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        process.inputReader(StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> output.append(line).append('\n'));
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException("it does not end");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return new Ended(process.exitValue(), output.toString(), stderr);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
