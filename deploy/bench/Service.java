import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The built service in a process and a temporary folder of its own, for as long as a measurement
/// takes.
final class Service implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://\\S+:\\d+)");

    private final Path data;
    private final Process process;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final CompletableFuture<URI> listening = new CompletableFuture<>();
    private final List<String> output = new ArrayList<>();

    private Service(Path data, Process process) {
        this.data = data;
        this.process = process;
    }

    /// @param program a jar, or a native binary
    static Service start(String program, String... options) throws Exception {
        boolean isJar = program.endsWith(".jar");
        Path data = Files.createTempDirectory("lastword-bench-");
        List<String> command = new ArrayList<>();
        command.add(
                isJar
                        ? Path.of(System.getProperty("java.home"), "bin", "java").toString()
                        : program);
        command.addAll(List.of(options));
        command.add("-Dlastword.data-dir=" + data);
        command.add("-Dquarkus.http.host=127.0.0.1");
        command.add("-Dquarkus.http.port=0");
        if (isJar) {
            command.addAll(List.of("-jar", program));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Service service = new Service(data, process);
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        Thread.ofVirtual().start(service::read);
        service.awaitReady();
        return service;
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
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
            // it ended
        }
        listening.completeExceptionally(new IOException("the service ended:\n" + output()));
    }

    String output() {
        synchronized (output) {
            return String.join("\n", output);
        }
    }

    private void awaitReady() throws Exception {
        listening.get(60, TimeUnit.SECONDS);
        for (int i = 0; i < 600; i++) {
            HttpRequest ready = HttpRequest.newBuilder(target("/q/health/ready")).build();
            if (http.send(ready, BodyHandlers.discarding()).statusCode() == 200) {
                return;
            }
            Thread.sleep(100);
        }
        throw new IOException("the service is not ready:\n" + output());
    }

    URI target(String path) {
        return listening.join().resolve(path);
    }

    long pid() {
        return process.pid();
    }

    /// Fails where the answer is another than this.
    String call(int expected, String method, String path, HttpRequest.BodyPublisher body)
            throws Exception {
        String type = path.endsWith("/records") ? "application/x-ndjson" : "application/json";
        HttpRequest request =
                HttpRequest.newBuilder(target(path))
                        .header("Content-Type", type)
                        .method(method, body)
                        .build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() != expected) {
            throw new IOException(
                    method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    void createTopic(String name, int partitions, String config) throws Exception {
        String topic =
                "{\"name\":\"%s\",\"partitions\":%d,\"config\":%s}"
                        .formatted(name, partitions, config);
        call(201, "POST", "/topics", BodyPublishers.ofString(topic));
    }

    HttpResponse<java.io.InputStream> stream(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(target(path)).build(), BodyHandlers.ofInputStream());
    }

    /// The number in a JSON text that follows this name first.
    static long number(String json, String name) {
        Matcher m = Pattern.compile("\"" + name + "\":(-?\\d+)").matcher(json);
        if (!m.find()) {
            throw new IllegalArgumentException("no " + name + " in " + json);
        }
        return Long.parseLong(m.group(1));
    }

    /// Resident bytes of the service, now (`VmRSS`) or at most (`VmHWM`); -1 where the system does
    /// not tell.
    long residentBytes(String field) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid()), "status");
        if (!Files.isReadable(status)) {
            return -1;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(kib -> Long.parseLong(kib) << 10)
                    .findFirst()
                    .orElse(-1);
        }
    }

    /// Lets `VmHWM` begin anew.
    void forgetPeak() {
        try {
            Files.writeString(Path.of("/proc", Long.toString(pid()), "clear_refs"), "5");
        } catch (IOException e) {
            System.out.println("(the peak of before cannot be forgotten: " + e + ")");
        }
    }

    @Override
    public synchronized void close() {
        process.destroyForcibly();
        try (Stream<Path> files = Files.exists(data) ? Files.walk(data) : Stream.empty()) {
            process.waitFor();
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | InterruptedException e) {
            System.err.println(data + " cannot be deleted: " + e);
        }
    }
}
