package dev.lastword.interop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Kafka's own code on a class path of its own (`src/test/kafka`), built by Maven when it is asked
/// for first.
final class KafkaJars {
    private static final Path PROJECT = Path.of("src/test/kafka/pom.xml");
    private static final Path LIBRARIES = Path.of("target/kafka/lib");

    private static boolean built;

    private KafkaJars() {}

    /// A child JVM that will run a class of it.
    ///
    /// @param heap as in `-Xmx`
    static synchronized ProcessBuilder java(String heap, String mainClass, List<String> arguments)
            throws IOException, InterruptedException {
        if (!built) {
            build();
            built = true;
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(LIBRARIES + "/*");
        command.add(mainClass);
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }

    private static void build() throws IOException, InterruptedException {
        Process maven =
                new ProcessBuilder("./mvnw", "-B", "-q", "-f", PROJECT.toString(), "package")
                        .inheritIO()
                        .start();
        if (!maven.waitFor(10, TimeUnit.MINUTES) || maven.exitValue() != 0) {
            maven.destroy();
            throw new IOException("building " + PROJECT + " failed");
        }
    }
}
