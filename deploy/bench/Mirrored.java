import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Watches a topic being mirrored: `Mirrored PORT TOPIC RECORDS`; tells how fast that was.
public final class Mirrored {
    private static final Pattern FLUSHED = Pattern.compile("\"flushedOffset\":(\\d+)");

    private Mirrored() {}

    public static void main(String[] args) throws Exception {
        URI topic = URI.create("http://127.0.0.1:" + args[0] + "/topics/" + args[1]);
        long records = Long.parseLong(args[2]);
        HttpRequest request = HttpRequest.newBuilder(topic).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            long begin = 0;
            long first = 0;
            while (true) {
                long there = 0;
                try {
                    Matcher m = FLUSHED.matcher(http.send(request, BodyHandlers.ofString()).body());
                    while (m.find()) {
                        there += Long.parseLong(m.group(1));
                    }
                } catch (IOException e) {
                    there = 0; // it does not listen yet
                }
                long now = System.nanoTime();
                if (begin == 0 && there > 0) {
                    begin = now;
                    first = there;
                }
                if (there >= records) {
                    double seconds = (now - begin) / 1e9;
                    System.out.printf(
                            Locale.ROOT,
                            "%10.0f records/s (%d in %.2f s)%n",
                            (there - first) / seconds,
                            there - first,
                            seconds);
                    return;
                }
                Thread.sleep(50);
            }
        }
    }
}
