import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// How long it takes from the start of a process until it has answered a GET, again and again on the
/// same data directory, with an orderly stop in between; and what is resident then, and some time
/// later without another request.
///
/// `Start PORT PATH ROUNDS COMMAND...`: the command must serve the port on loopback.
final class Start {
    /// Rare enough to leave the processors to the service.
    private static final long POLL_MS = 5;

    private static final long IDLE_MS = 15_000;

    private Start() {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        URI uri = URI.create("http://127.0.0.1:" + port + args[1]);
        int rounds = Integer.parseInt(args[2]);
        List<String> command = Arrays.asList(args).subList(3, args.length);
        long[] millis = new long[rounds];
        long resident = 0;
        long idle = 0;
        get(uri); // so that this side is warm
        for (int i = 0; i < rounds; i++) {
            long start = System.nanoTime();
            File output = File.createTempFile("start", ".log");
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output)
                            .start();
            while (!get(uri)) {
                if (!process.isAlive()) {
                    throw new IOException("it ended:\n" + Files.readString(output.toPath()));
                }
                Thread.sleep(POLL_MS);
            }
            millis[i] = (System.nanoTime() - start) / 1_000_000;
            if (i == rounds - 1) {
                resident = residentKib(process.pid());
                Thread.sleep(IDLE_MS);
                idle = residentKib(process.pid());
            }
            process.destroy();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException("it does not end");
            }
            Files.delete(output.toPath());
        }
        Arrays.sort(millis);
        System.out.printf(
                Locale.ROOT,
                "%d ms (of %d: %d to %d), RSS then %d MB, after %d idle seconds %d MB%n",
                millis[rounds / 2],
                rounds,
                millis[0],
                millis[rounds - 1],
                resident / 1024,
                IDLE_MS / 1000,
                idle / 1024);
    }

    /// Whether it was answered as it should be.
    private static boolean get(URI uri) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestProperty("Connection", "close");
        try {
            if (connection.getResponseCode() != 200) {
                return false;
            }
            try (InputStream body = connection.getInputStream()) {
                return body.readAllBytes().length > 0;
            }
        } catch (java.net.ConnectException e) {
            return false;
        } finally {
            connection.disconnect();
        }
    }

    private static long residentKib(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(-1);
        }
    }
}
