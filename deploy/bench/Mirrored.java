import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Watches a topic being mirrored: `Mirrored PORT TOPIC RECORDS PARTITIONS`; tells how fast that was.
/// Then has its partitions reset, and watches it being mirrored once more by the service that is warm now.
public final class Mirrored {
    private static final Pattern FLUSHED = Pattern.compile("\"flushedOffset\":(\\d+)");
    private static final long POLL_MS = 100;

    private final HttpClient http;
    private final URI topic;
    private final long records;

    private Mirrored(HttpClient http, URI topic, long records) {
        this.http = http;
        this.topic = topic;
        this.records = records;
    }

    public static void main(String[] args) throws Exception {
        URI topic = URI.create("http://127.0.0.1:" + args[0] + "/topics/" + args[1]);
        try (HttpClient http = HttpClient.newHttpClient()) {
            Mirrored mirrored = new Mirrored(http, topic, Long.parseLong(args[2]));
            mirrored.watch("from its start");
            for (int partition = 0; partition < Integer.parseInt(args[3]); partition++) {
                mirrored.reset(partition);
            }
            mirrored.watch("warm, after a reset");
        }
    }

    private void watch(String what) throws InterruptedException {
        long begin = 0;
        long first = 0;
        while (true) {
            long there = flushed();
            long now = System.nanoTime();
            if (begin == 0 && there > 0) {
                begin = now;
                first = there;
            }
            if (there >= records) {
                double seconds = (now - begin) / 1e9;
                System.out.printf(
                        Locale.ROOT,
                        "%10.0f records/s %s (%d in %.2f s)%n",
                        (there - first) / seconds,
                        what,
                        there - first,
                        seconds);
                return;
            }
            Thread.sleep(POLL_MS);
        }
    }

    /// How many records are durable and in the key index, of all partitions.
    private long flushed() throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(topic).build();
        long there = 0;
        try {
            Matcher m = FLUSHED.matcher(http.send(request, BodyHandlers.ofString()).body());
            while (m.find()) {
                there += Long.parseLong(m.group(1));
            }
            return there;
        } catch (IOException e) {
            return 0; // it does not listen yet
        }
    }

    /// Has a partition mirrored anew.
    private void reset(int partition) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(topic + "/partitions/" + partition + "/reset"))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(answer.statusCode() + " " + answer.body());
        }
    }
}
