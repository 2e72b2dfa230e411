package dev.lastword.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Kafka's own log code in a child process.
final class KafkaOracle implements AutoCloseable {
    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    private KafkaOracle(Process process) {
        this.process = process;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static KafkaOracle start() throws Exception {
        return new KafkaOracle(
                KafkaJars.java("512m", "dev.lastword.oracle.Oracle", List.of())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
    }

    /// Runs a command and returns the lines of its answer.
    List<String> run(Object... words) throws IOException {
        commands.println(String.join(" ", List.of(words).stream().map(Object::toString).toList()));
        List<String> lines = new ArrayList<>();
        String line;
        while ((line = answers.readLine()) != null) {
            if (line.equals("ok")) {
                return lines;
            }
            lines.add(line);
        }
        throw new IOException("Kafka failed at " + List.of(words));
    }

    @Override
    public void close() {
        commands.close(); // it ends with its input
        process.onExit().join();
    }
}
