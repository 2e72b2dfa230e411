package dev.lastword.cli.quickstart;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Lines to paste into a shell, to look at what the quickstart leaves.
final class Hint {
    private static final URI DEFAULT_SERVICE = URI.create("http://127.0.0.1:8080");

    private Hint() {}

    /// To start the service again, and to call it.
    ///
    /// @param example a file there is
    static List<String> stopped(Launcher launcher, Path dataDir, @Nullable String example) {
        List<String> command =
                launcher.command(
                        List.of(
                                "-Dlastword.data-dir=" + dataDir,
                                "-Dquarkus.http.port=" + DEFAULT_SERVICE.getPort()));
        String start = command.stream().map(Hint::quoted).collect(Collectors.joining(" "));
        return Stream.concat(
                        Stream.of(
                                "The data stays in " + dataDir + ". To look around, start it:",
                                "  " + start,
                                "and call it from another shell:"),
                        calls(DEFAULT_SERVICE, example))
                .toList();
    }

    /// To call the service that still runs.
    static List<String> running(URI service, Path dataDir, @Nullable String example) {
        return Stream.concat(
                        Stream.of(
                                "The service runs on "
                                        + service
                                        + " until Ctrl-C; its data stays in "
                                        + dataDir
                                        + ". Call it from another shell:"),
                        calls(service, example))
                .toList();
    }

    private static Stream<String> calls(URI service, @Nullable String example) {
        String topic = service + "/topics/" + Quickstart.TOPIC;
        Stream<String> file =
                example == null
                        ? Stream.of()
                        : Stream.of("  curl " + quoted(topic + "/keys/" + encoded(example)));
        return Stream.of(
                        Stream.of("  curl " + quoted(topic)),
                        file,
                        Stream.of("  curl " + quoted(topic + "/snapshot")))
                .flatMap(call -> call);
    }

    private static String encoded(String path) {
        return URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    /// As a POSIX shell takes it for one word.
    private static String quoted(String word) {
        return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
