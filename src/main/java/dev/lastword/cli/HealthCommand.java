package dev.lastword.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/// Asks a running service for its health, for container images that have no shell and no curl.
@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        description = {
            "Ask a running service for its health.",
            "",
            "Exits with 0 if it is up, with 1 if it is not or does not answer.",
            ""
        })
public final class HealthCommand implements Callable<Integer> {
    private static final int HTTP_OK = 200;
    private static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(3);

    /// A question of `/q/health/`.
    enum Check {
        LIVE,
        READY,
        WELL
    }

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "Where the service is. By default this machine, on the port that"
                            + " QUARKUS_HTTP_PORT or PORT names, else 8080.")
    private @Nullable URI url;

    @Option(
            names = "--check",
            paramLabel = "CHECK",
            defaultValue = "live",
            description = "live (default), ready or well.")
    private Check check = Check.LIVE;

    @Override
    public Integer call() throws InterruptedException {
        URI service = url == null ? here(System.getenv()) : url;
        URI question = URI.create(service + "/q/health/" + check.name().toLowerCase(Locale.ROOT));
        HttpRequest request = HttpRequest.newBuilder(question).timeout(ANSWER_TIME_MAX).build();
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_TIME_MAX).build()) {
            var answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() == HTTP_OK) {
                return ExitCode.OK;
            }
            System.err.println(question + " answered " + answer.statusCode());
            System.err.println(answer.body());
        } catch (IOException e) {
            System.err.println(question + " does not answer: " + e);
        }
        return ExitCode.SOFTWARE;
    }

    /// The service of this machine, or of this container.
    static URI here(Map<String, String> environment) {
        String port =
                environment.getOrDefault(
                        "QUARKUS_HTTP_PORT", environment.getOrDefault("PORT", "8080"));
        return URI.create("http://127.0.0.1:" + port.strip());
    }
}
