package dev.lastword.cli.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import dev.lastword.cli.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Locale;
import java.util.Map;

/// One run against one service: makes the topic, sends the history, compacts, compares, and says
/// what it sees on the way.
final class Quickstart {
    static final String TOPIC = "files";
    private static final int PARTITIONS = 2;

    /// Small, so that there are segments to compact in a small history too.
    private static final String SEGMENT_BYTES = "1048576";

    private final GitRepository repository;
    private final ServiceClient client;
    private final PrintStream out;
    private final boolean terminal;

    Quickstart(GitRepository repository, ServiceClient client, PrintStream out, boolean terminal) {
        this.repository = repository;
        this.client = client;
        this.out = out;
        this.terminal = terminal;
    }

    /// @param replace whether a topic of this name may be deleted first
    /// @return whether the snapshot is what git has
    Comparison run(boolean replace) throws QuickstartException {
        makeTopic(replace);
        send();
        compact();
        return compare();
    }

    private void makeTopic(boolean replace) throws QuickstartException {
        if (client.exists(TOPIC)) {
            if (!replace) {
                throw new QuickstartException(
                        "The data directory has a topic "
                                + TOPIC
                                + " already; add --replace to delete it and make it anew, or give"
                                + " another --data-dir.");
            }
            client.delete(TOPIC);
            say("topic        %s was there; it is deleted and made anew", TOPIC);
        }
        ObjectNode topic = ServiceClient.JSON.createObjectNode();
        topic.put("name", TOPIC).put("partitions", PARTITIONS);
        topic.putObject("config").put("segment.bytes", SEGMENT_BYTES);
        client.create(topic);
    }

    private void send() throws QuickstartException {
        say("sending      every change of %s, oldest first", repository.path());
        Progress progress = new Progress(out, terminal);
        long startedNanos = System.nanoTime();
        try (InputStream history = repository.history();
                ChangeStream changes = new ChangeStream(history, progress)) {
            JsonNode answer = write(changes, progress);
            double seconds = secondsSince(startedNanos);
            if (answer.path("count").asLong() != changes.records()) {
                throw new QuickstartException(
                        "The service took "
                                + answer.path("count")
                                + " records of "
                                + changes.records());
            }
            say(
                    "records in   %,d from %,d commits, %,d bytes in %.2f s: %,.0f records/s,"
                            + " %.1f MB/s",
                    changes.records(),
                    changes.commits(),
                    changes.bytes(),
                    seconds,
                    changes.records() / seconds,
                    changes.bytes() / 1e6 / seconds);
        } catch (IOException e) {
            throw new QuickstartException("git cannot be read: " + e.getMessage(), e);
        }
    }

    private JsonNode write(ChangeStream changes, Progress progress) throws QuickstartException {
        try {
            return client.write(TOPIC, BodyPublishers.ofInputStream(() -> changes));
        } catch (QuickstartException e) {
            IOException failure = changes.failure();
            if (failure != null) {
                throw new QuickstartException("git cannot be read: " + failure.getMessage(), e);
            }
            throw e;
        } finally {
            progress.end();
        }
    }

    private void compact() throws QuickstartException {
        long before = sizeBytes();
        long startedNanos = System.nanoTime();
        JsonNode report = client.compact(TOPIC);
        double seconds = secondsSince(startedNanos);
        if (!report.path("state").asText().equals("done")) {
            throw new QuickstartException("The compaction did not come to its end: " + report);
        }
        long after = sizeBytes();
        say(
                "log          %,d bytes before, %,d after compaction (%.0f %% less), %.2f s",
                before, after, before == 0 ? 0 : 100.0 * (before - after) / before, seconds);
    }

    private long sizeBytes() throws QuickstartException {
        long bytes = 0;
        for (JsonNode partition : client.describe(TOPIC).path("partitions")) {
            bytes += partition.path("sizeBytes").asLong();
        }
        return bytes;
    }

    private Comparison compare() throws QuickstartException {
        Map<FilePath, GitTree.Entry> tree;
        try (InputStream files = repository.tree()) {
            tree = GitTree.read(files);
        } catch (IOException e) {
            throw new QuickstartException("git cannot be read: " + e.getMessage(), e);
        }
        long startedNanos = System.nanoTime();
        try (InputStream snapshot = client.snapshot(TOPIC)) {
            Comparison comparison = Comparison.of(tree, snapshot);
            say(
                    "snapshot     compared with git ls-tree -r %.12s: %,d files, %.2f s",
                    repository.head(), comparison.files(), secondsSince(startedNanos));
            return comparison;
        } catch (IOException e) {
            throw new QuickstartException("The snapshot cannot be read: " + e.getMessage(), e);
        }
    }

    private static double secondsSince(long startedNanos) {
        return Math.max(System.nanoTime() - startedNanos, 1) / 1e9;
    }

    @FormatMethod
    private void say(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }
}
