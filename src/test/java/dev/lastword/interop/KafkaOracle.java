package dev.lastword.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Kafka's own log code in a process with a class path of its own (`src/test/kafka`), which is
/// built by Maven when it is asked for first.
final class KafkaOracle implements AutoCloseable {
    private static final Path PROJECT = Path.of("src/test/kafka/pom.xml");
    private static final Path LIBRARIES = Path.of("target/kafka/lib");

    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    private KafkaOracle(Process process) {
        this.process = process;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static KafkaOracle start() throws Exception {
        build();
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new KafkaOracle(
                new ProcessBuilder(
                                java.toString(),
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                LIBRARIES + "/*",
                                "dev.lastword.oracle.Oracle")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
    }

    private static void build() throws Exception {
        Process maven =
                new ProcessBuilder("./mvnw", "-B", "-q", "-f", PROJECT.toString(), "package")
                        .inheritIO()
                        .start();
        if (!maven.waitFor(10, TimeUnit.MINUTES) || maven.exitValue() != 0) {
            maven.destroy();
            throw new IOException("building " + PROJECT + " failed");
        }
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
