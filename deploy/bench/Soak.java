import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/// A service with a small heap under a mixed load, good and bad, over a set of keys that does not
/// grow: what it holds must not grow either. Every few seconds it is made to collect its garbage,
/// and asked; at the end the median of the last fifth of the samples is compared with that of the
/// second (the first is warming up). When the load is over nothing of it may be left.
///
/// The heap is touched at the start, so that the resident memory tells of what is not heap.
///
/// `deploy/bench/soak [SECONDS]`
final class Soak {
    private static final int KEYS = 20_000;
    private static final int FOLLOWERS = 30;
    private static final int LINES = 2_000;
    private static final Duration REQUEST_MAX = Duration.ofMinutes(1);

    private static final String CONFIG =
            "{\"segment.bytes\":\"1000000\",\"min.cleanable.dirty.ratio\":\"0.3\","
                    + "\"delete.retention.ms\":\"1000\",\"file.delete.delay.ms\":\"1000\"}";

    /// What is looked at, and how far its median may grow.
    private enum Quantity {
        RSS("RSS, MB", 0.05, 16),
        HEAP("heap live, MB", 0.10, 4),
        DIRECT("direct, MB", 0.10, 4),
        FILES("files", 0.10, 20),
        THREADS("threads", 0.10, 4),
        CONNECTIONS("connections", 0.10, 10);

        private final String title;
        private final double share;
        private final double more;

        Quantity(String title, double share, double more) {
            this.title = title;
            this.share = share;
            this.more = more;
        }

        double max(double before) {
            return before * (1 + share) + more;
        }
    }

    private final Service service;
    private final Load load;

    private Soak(Service service) {
        this.service = service;
        this.load = new Load(service);
    }

    public static void main(String[] args) throws Exception {
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 600;
        boolean flat;
        try (Service service =
                Service.start(
                        args[0],
                        "-Xms256m",
                        "-Xmx256m",
                        "-XX:+AlwaysPreTouch",
                        "-Dlastword.cleaner.backoff=500ms",
                        "-Dlastword.http.heartbeat=1s",
                        "-Dlastword.http.head-timeout=2s")) {
            service.createTopic("t", 2, CONFIG);
            flat = new Soak(service).run(seconds);
        }
        System.exit(flat ? 0 : 1);
    }

    private boolean run(int seconds) throws Exception {
        int every = Math.max(2, seconds / 60);
        List<double[]> samples = new ArrayList<>();
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            load.start(workers);
            try {
                System.out.print("   time");
                for (Quantity q : Quantity.values()) {
                    System.out.printf("%15s", q.title);
                }
                System.out.println();
                long start = System.nanoTime();
                for (int at = every; at <= seconds; at += every) {
                    TimeUnit.NANOSECONDS.sleep(start + at * 1_000_000_000L - System.nanoTime());
                    double[] sample = sample();
                    samples.add(sample);
                    System.out.printf("%5d s", at);
                    for (double value : sample) {
                        System.out.printf(Locale.ROOT, "%15.1f", value);
                    }
                    System.out.println();
                }
            } finally {
                load.stop();
            }
        }
        load.report();
        System.out.printf(
                "%,.0f records removed by cleaning%n",
                sum(metrics(), "lastword_cleaner_records_removed_total"));
        return isFlat(samples) & isOver() & load.isAsExpected();
    }

    private double[] sample() throws Exception {
        new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(service.pid()),
                        "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        String metrics = metrics();
        double[] sample = new double[Quantity.values().length];
        sample[Quantity.RSS.ordinal()] = service.residentBytes("VmRSS") / 1e6;
        sample[Quantity.HEAP.ordinal()] = sum(metrics, "jvm_gc_live_data_size_bytes") / 1e6;
        sample[Quantity.DIRECT.ordinal()] =
                sum(metrics, "jvm_buffer_memory_used_bytes{id=\"direct\"") / 1e6;
        sample[Quantity.FILES.ordinal()] = openFiles();
        sample[Quantity.THREADS.ordinal()] = sum(metrics, "jvm_threads_live_threads");
        sample[Quantity.CONNECTIONS.ordinal()] = sum(metrics, "http_server_active_connections");
        return sample;
    }

    private String metrics() throws Exception {
        return service.call(200, "GET", "/q/metrics", BodyPublishers.noBody());
    }

    private static double sum(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private double openFiles() throws IOException {
        Path folder = Path.of("/proc", Long.toString(service.pid()), "fd");
        if (!Files.isReadable(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    private static boolean isFlat(List<double[]> samples) {
        boolean all = true;
        int fifth = samples.size() / 5;
        for (Quantity q : Quantity.values()) {
            double before = median(samples.subList(fifth, 2 * fifth), q);
            double after = median(samples.subList(samples.size() - fifth, samples.size()), q);
            boolean flat = after <= q.max(before);
            all &= flat;
            System.out.printf(
                    Locale.ROOT,
                    "%-13s %8.1f, then %8.1f; may be %8.1f (%.0f %% and %.0f more): %s%n",
                    q.title,
                    before,
                    after,
                    q.max(before),
                    100 * q.share,
                    q.more,
                    flat ? "flat" : "IT GROWS");
        }
        return all;
    }

    private static double median(List<double[]> samples, Quantity quantity) {
        double[] sorted = samples.stream().mapToDouble(s -> s[quantity.ordinal()]).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /// Whether what the load held is let go of; a connection of our own is left, and those that
    /// clients of this program keep.
    private boolean isOver() throws Exception {
        Map<String, Double> left = new TreeMap<>();
        for (int i = 0; i < 300; i++) {
            String metrics = metrics();
            for (String name :
                    List.of(
                            "lastword_subscribers",
                            "lastword_http_streams",
                            "lastword_http_body_bytes",
                            "lastword_queue_bytes")) {
                left.put(name, sum(metrics, name));
            }
            left.put("connections", Math.max(0, sum(metrics, "http_server_active_connections") - 1));
            if (left.values().stream().allMatch(n -> n == 0)) {
                System.out.println("when the load is over nothing of it is left");
                return true;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        System.out.println("when the load is over there is LEFT: " + left);
        return false;
    }

    /// What clients do, each over and over.
    private static final class Load {
        private final Service service;
        private final HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final HttpClient http2 =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        private final Map<String, LongAdder> done = new ConcurrentHashMap<>();
        private final Map<String, LongAdder> wrong = new ConcurrentHashMap<>();
        private int seeds;
        private volatile boolean ended;

        Load(Service service) {
            this.service = service;
        }

        private interface Deed {
            void run(SplittableRandom random) throws Exception;
        }

        void start(ExecutorService workers) {
            for (int i = 0; i < 4; i++) {
                repeat(workers, "PUTs", 5, this::put);
            }
            for (int i = 0; i < 2; i++) {
                repeat(workers, "GETs", 5, this::get);
            }
            repeat(workers, "DELETEs", 20, this::delete);
            repeat(workers, "bulk writes", 500, this::ingest);
            repeat(workers, "snapshots", 500, this::snapshot);
            repeat(workers, "snapshots left", 500, this::leaveSnapshot);
            repeat(workers, "topics made and deleted", 1000, this::passingTopic);
            for (int i = 0; i < FOLLOWERS; i++) {
                repeat(workers, "followers", 100, this::follow);
            }
            for (int i = 0; i < 4; i++) {
                repeat(workers, "broken requests", 20, this::breakSomething);
            }
        }

        void stop() {
            ended = true;
        }

        private void repeat(ExecutorService workers, String name, int pauseMs, Deed deed) {
            LongAdder count = done.computeIfAbsent(name, n -> new LongAdder());
            long seed = name.hashCode() + seeds++;
            workers.execute(
                    () -> {
                        SplittableRandom random = new SplittableRandom(seed);
                        while (!ended) {
                            try {
                                deed.run(random);
                                count.increment();
                                TimeUnit.MILLISECONDS.sleep(random.nextInt(2 * pauseMs));
                            } catch (Exception e) {
                                count(name + ": " + e);
                            }
                        }
                    });
        }

        private void count(String what) {
            wrong.computeIfAbsent(what, w -> new LongAdder()).increment();
        }

        void report() {
            http.close();
            http2.close();
            System.out.println(new TreeMap<>(done));
        }

        boolean isAsExpected() {
            if (wrong.isEmpty()) {
                return true;
            }
            System.out.println("WRONG: " + new TreeMap<>(wrong));
            System.out.println(service.output());
            return false;
        }

        private static String key(SplittableRandom random) {
            return "/topics/t/keys/key-" + random.nextInt(KEYS);
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(service.target(path)).timeout(REQUEST_MAX);
        }

        private void put(SplittableRandom random) throws Exception {
            HttpRequest put =
                    request(key(random))
                            .header("Content-Type", "text/plain")
                            .PUT(BodyPublishers.ofString("v".repeat(random.nextInt(400))))
                            .build();
            expect(http.send(put, BodyHandlers.discarding()), 200, 201);
        }

        private void get(SplittableRandom random) throws Exception {
            HttpRequest get = request(key(random)).header("Accept-Encoding", "gzip").build();
            HttpClient client = random.nextBoolean() ? http : http2;
            expect(client.send(get, BodyHandlers.discarding()), 200, 404);
        }

        private void delete(SplittableRandom random) throws Exception {
            HttpRequest delete = request(key(random)).DELETE().build();
            expect(http.send(delete, BodyHandlers.discarding()), 200, 404);
        }

        private void ingest(SplittableRandom random) throws Exception {
            String value = "v".repeat(random.nextInt(400));
            Lines lines =
                    new Lines(
                            LINES,
                            n -> {
                                int key = random.nextInt(KEYS);
                                return "{\"key\":\"key-%d\",\"value\":\"%s\"}".formatted(key, value);
                            },
                            bytes -> {});
            HttpRequest post =
                    request("/topics/t/records")
                            .header("Content-Type", "application/x-ndjson")
                            .POST(BodyPublishers.ofInputStream(() -> lines))
                            .build();
            expect(http.send(post, BodyHandlers.discarding()), 200);
        }

        private HttpResponse<InputStream> openSnapshot(SplittableRandom random) throws Exception {
            HttpRequest get =
                    request("/topics/t/snapshot")
                            .header("Accept-Encoding", random.nextBoolean() ? "gzip" : "identity")
                            .build();
            HttpClient client = random.nextBoolean() ? http : http2;
            HttpResponse<InputStream> answer = client.send(get, BodyHandlers.ofInputStream());
            expect(answer, 200);
            return answer;
        }

        private void snapshot(SplittableRandom random) throws Exception {
            try (InputStream body = openSnapshot(random).body()) {
                body.transferTo(java.io.OutputStream.nullOutputStream());
            }
        }

        private void leaveSnapshot(SplittableRandom random) throws Exception {
            try (InputStream body = openSnapshot(random).body()) {
                body.readNBytes(random.nextInt(100_000));
            }
        }

        private void passingTopic(SplittableRandom random) throws Exception {
            String topic = "/topics/passing-" + random.nextInt(1_000_000_000);
            HttpRequest put = request(topic + "/keys/k").PUT(BodyPublishers.ofString("1")).build();
            expect(http.send(put, BodyHandlers.discarding()), 201);
            HttpRequest delete = request(topic).DELETE().build();
            expect(http.send(delete, BodyHandlers.discarding()), 204);
        }

        private void expect(HttpResponse<?> answer, int... statuses) {
            for (int status : statuses) {
                if (answer.statusCode() == status) {
                    return;
                }
            }
            count(answer.request().method() + " " + answer.statusCode());
        }

        /// For some seconds; then it leaves, as one that is closed or as one that is killed. It may
        /// be told to begin anew, for tombstones are kept for a second only.
        private void follow(SplittableRandom random) throws IOException {
            try (Socket socket = connect()) {
                send(
                        socket,
                        "GET /topics/t/changes HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                + "Accept: text/event-stream\r\n\r\n");
                long end = System.nanoTime() + random.nextLong(5_000_000_000L);
                byte[] buffer = new byte[8192];
                int taken = 0;
                while (!ended && taken >= 0 && System.nanoTime() < end) {
                    taken = socket.getInputStream().read(buffer);
                }
                if (random.nextBoolean()) {
                    socket.setSoLinger(true, 0);
                }
            }
        }

        /// Requests that are wrong, do not end, or whose client leaves.
        private void breakSomething(SplittableRandom random) throws IOException {
            String head =
                    "POST /topics/t/records HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n";
            String request =
                    switch (random.nextInt(9)) {
                        case 0 -> "GET /topics/t/keys/a HTTP/1.1\r\nHost: ";
                        case 1 -> "\u0016\u0003\u0001nonsense\r\n\r\n";
                        case 2 -> head + "Content-Length: 5\r\n\r\n{{{{{";
                        case 3 -> head + "Content-Length: 1000\r\n\r\n{\"key\":\"key-1\",";
                        case 4 -> head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n";
                        case 5 -> head + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone";
                        case 6 -> "PUT /topics/t/keys/key-1 HTTP/1.1\r\nHost: a\r\n"
                                + "Content-Length: 99999999\r\n\r\n";
                        case 7 -> "PUT /topics/t/keys/key-1 HTTP/1.1\r\nHost: a\r\n"
                                + "Content-Length: 900000\r\n\r\n" + "x".repeat(random.nextInt(900_000));
                        default -> "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense".substring(random.nextInt(30));
                    };
            try (Socket socket = connect()) {
                send(socket, request);
                if (random.nextBoolean()) {
                    socket.setSoTimeout(1 + random.nextInt(500));
                    byte[] answer = socket.getInputStream().readNBytes(12);
                    String status = new String(answer, StandardCharsets.ISO_8859_1);
                    if (status.startsWith("HTTP/1.1 5")) {
                        count("broken request: " + status);
                    }
                }
                if (random.nextBoolean()) {
                    socket.setSoLinger(true, 0);
                }
            } catch (java.net.SocketTimeoutException | java.net.SocketException e) {
                // it waits for the rest, or has closed the connection
            }
        }

        private Socket connect() throws IOException {
            URI target = service.target("/");
            Socket socket = new Socket();
            socket.setSoTimeout((int) REQUEST_MAX.toMillis());
            socket.connect(new InetSocketAddress("127.0.0.1", target.getPort()));
            return socket;
        }

        private static void send(Socket socket, String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }
}
