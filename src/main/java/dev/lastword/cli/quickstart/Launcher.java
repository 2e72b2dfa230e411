package dev.lastword.cli.quickstart;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How this very program is started again: the same Java with the same jar, or the same binary.
///
/// @param before what comes before the settings
/// @param after what comes after them
record Launcher(List<String> before, List<String> after) {

    /// @throws QuickstartException where it does not run from a package, as in an IDE
    static Launcher ofThis() throws QuickstartException {
        if (System.getProperty("org.graalvm.nativeimage.imagecode") != null) {
            String binary =
                    ProcessHandle.current()
                            .info()
                            .command()
                            .orElseThrow(() ->
                                    new QuickstartException(
                                            "The system does not tell which program this"
                                                    + " is, so that it cannot be started"
                                                    + " again."));
            return new Launcher(List.of(binary), List.of());
        }
        Path jar = Path.of(System.getProperty("java.class.path", ""));
        if (!jar.toString().endsWith(".jar") || !Files.isRegularFile(jar)) {
            throw new QuickstartException(
                    "quickstart starts the packaged service; run deploy/quickstart, or java -jar"
                            + " target/quarkus-app/quarkus-run.jar quickstart.");
        }
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new Launcher(
                List.of(java.toString()), List.of("-jar", jar.toAbsolutePath().toString()));
    }

    List<String> command(List<String> settings) {
        List<String> command = new ArrayList<>(before);
        command.addAll(settings);
        command.addAll(after);
        return command;
    }
}
