import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/// What clients cost that follow a topic's changes while nothing changes: memory and CPU of the
/// service; and how long it takes until a change has reached all of them.
///
/// `deploy/bench/subscribers [SUBSCRIBERS [SECONDS]]`: 10,000 for 30 s by default.
final class Subscribers implements AutoCloseable {
    private static final int CHANGES = 5;
    private static final int CONNECTING_MAX = 200;

    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    private final SocketChannel[] channels;

    /// How many answers have begun, and how many changes were seen by all together.
    private int begun;

    private int seen;

    private Subscribers(int count) throws IOException {
        channels = new SocketChannel[count];
    }

    public static void main(String[] args) throws Exception {
        int count = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 30;
        try (Service service = Service.start(args[0], "-Xmx512m", "-Dlastword.http.max-subscribers=" + count);
                Subscribers subscribers = new Subscribers(count)) {
            service.createTopic("t", 1, "{}");
            put(service, 0);
            service.call(200, "GET", "/topics/t", BodyPublishers.noBody());
            long residentBefore = service.residentBytes("VmRSS");
            long connecting = System.nanoTime();
            subscribers.connect(service.target("/topics/t/changes"));
            System.out.printf(
                    Locale.ROOT,
                    "%,d subscribers in %.1f s%n",
                    count,
                    (System.nanoTime() - connecting) / 1e9);
            double cpuBefore = cpuSeconds(service.pid());
            subscribers.listen(System.nanoTime() + seconds * 1_000_000_000L, Integer.MAX_VALUE);
            double cpu = cpuSeconds(service.pid()) - cpuBefore;
            long resident = service.residentBytes("VmRSS");
            System.out.printf(
                    Locale.ROOT,
                    "idle for %d s: %.1f %% of a CPU; RSS %,d MB, %,d MB before, %.1f KB each%n",
                    seconds,
                    100 * cpu / seconds,
                    resident / 1_000_000,
                    residentBefore / 1_000_000,
                    (resident - residentBefore) / 1e3 / count);
            double[] millis = new double[CHANGES];
            for (int i = 0; i < CHANGES; i++) {
                subscribers.seen = 0;
                long start = System.nanoTime();
                put(service, i + 1);
                subscribers.listen(start + 60_000_000_000L, count);
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
            Arrays.sort(millis);
            System.out.printf(
                    Locale.ROOT,
                    "a change is with all of them after %.0f ms (median of %d, at most %.0f)%n",
                    millis[CHANGES / 2],
                    CHANGES,
                    millis[CHANGES - 1]);
        }
    }

    private static void put(Service service, int value) throws Exception {
        service.call(
                value == 0 ? 201 : 200,
                "PUT",
                "/topics/t/keys/k",
                BodyPublishers.ofString(Integer.toString(value)));
    }

    /// A few at a time, as many as are taken.
    private void connect(URI target) throws IOException {
        byte[] request =
                ("GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
                        .formatted(target.getPath())
                        .getBytes(StandardCharsets.US_ASCII);
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", target.getPort());
        for (int i = 0; i < channels.length; i++) {
            SocketChannel channel = SocketChannel.open(address);
            channels[i] = channel;
            channel.write(ByteBuffer.wrap(request));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, false);
            while (i - begun >= CONNECTING_MAX) {
                read(1000);
            }
        }
        while (begun < channels.length) {
            read(1000);
        }
    }

    /// Until then, or until so many changes were seen.
    private void listen(long deadlineNanos, int changes) throws IOException {
        for (long now = System.nanoTime(); now < deadlineNanos && seen < changes; now = System.nanoTime()) {
            read(Math.max(1, (deadlineNanos - now) / 1_000_000));
        }
        if (changes != Integer.MAX_VALUE && seen < changes) {
            throw new IOException("only " + seen + " of " + changes + " have seen the change");
        }
    }

    private void read(long millis) throws IOException {
        selector.select(
                key -> {
                    try {
                        take(key);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                millis);
    }

    private void take(SelectionKey key) throws IOException {
        buffer.clear();
        if (((SocketChannel) key.channel()).read(buffer) < 0) {
            throw new IOException("the service ended a subscription");
        }
        byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (!(boolean) key.attachment()) {
            if (!text.startsWith("HTTP/1.1 200")) {
                throw new IOException("refused: " + text);
            }
            key.attach(true);
            begun++;
        }
        if (text.contains("\"key\":\"k\"")) {
            seen++;
        }
    }

    /// User and system time so far.
    private static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : channels) {
            if (channel != null) {
                channel.close();
            }
        }
        selector.close();
    }
}
