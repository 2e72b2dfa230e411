package dev.lastword.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The program as it is shipped: the native binary where the tests run with `-Dnative`, else the
/// jar, with the Java that runs the tests.
final class Packaged {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    private Packaged() {}

    /// @param settings `-Dname=value` each
    static ProcessBuilder command(List<String> settings, List<String> arguments) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("native") != null) {
            command.add(existing(Path.of(System.getProperty("native.image.path"))));
            command.addAll(settings);
        } else {
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(settings);
            command.add("-jar");
            command.add(existing(JAR));
        }
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    private static String existing(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException(file + " is missing; run ./mvnw package first");
        }
        return file.toAbsolutePath().toString();
    }
}
