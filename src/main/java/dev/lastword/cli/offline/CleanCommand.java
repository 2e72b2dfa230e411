package dev.lastword.cli.offline;

import dev.lastword.cleaner.offline.OfflineCleaner;
import dev.lastword.cleaner.offline.OfflineOptions;
import dev.lastword.cleaner.offline.OfflineProgress;
import dev.lastword.cleaner.offline.OfflineResult;
import dev.lastword.cleaner.offline.RefusedException;
import dev.lastword.cleaner.offline.RefusedException.Reason;
import dev.lastword.cli.Progress;
import dev.lastword.io.Disk;
import dev.lastword.io.RealDisk;
import dev.lastword.log.ClosedStore;
import dev.lastword.log.LogException;
import dev.lastword.log.LogFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Chooses the partitions that are to be cleaned, has them cleaned one after another, and tells
/// what came of it.
@Command(
        name = "clean",
        description = {
            "Clean a closed log directory: keep the last record of each key.",
            "",
            "DIR is the folder of one partition (topic-0), a log directory of a Kafka broker"
                    + " (an entry of log.dirs), or a data directory of Lastword. A directory that a"
                    + " broker or a service runs on, or did not close in order, is refused. What"
                    + " the broker keeps beside the segments stays right, so that it starts on the"
                    + " directory again.",
            "",
            "The rules are those of the running cleaner: everything before the active segment is"
                    + " cleaned, a tombstone stays for delete.retention.ms after it was first met."
                    + " Each group of segments is replaced at once: stopped in the middle (Ctrl-C,"
                    + " kill, power failure) the directory holds the old records or the new, and"
                    + " the same call finishes the work.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all that was chosen is clean",
            "1:something was refused or failed",
            "2:wrong arguments"
        })
public final class CleanCommand extends OfflineCommand {
    /// A broker's log of its cluster, which has no keys.
    private static final String CLUSTER_METADATA = "__cluster_metadata";

    @Parameters(paramLabel = "DIR", description = "The directory to clean.")
    private Path directory = Path.of(".");

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            description =
                    "Clean only this topic; may be given several times. Needed for a broker's log"
                            + " directory: which of its topics are compacted is not to be known"
                            + " from it.")
    private List<String> topics = new ArrayList<>();

    @Option(names = "--dry-run", description = "Read and count, change nothing.")
    private boolean dryRun;

    @Option(
            names = "--config",
            arity = "1..*",
            paramLabel = "NAME=VALUE",
            description =
                    "Topic settings under Kafka's names: min.compaction.lag.ms (0),"
                            + " delete.retention.ms (86400000), segment.bytes (1073741824),"
                            + " segment.index.bytes (10485760), producer.id.expiration.ms"
                            + " (86400000), cleanup.policy. A topic of Lastword keeps its own"
                            + " where none is given.")
    private Map<String, String> config = new LinkedHashMap<>();

    private final Disk disk = new RealDisk();

    public CleanCommand() {
        this(Streams.standard());
    }

    CleanCommand(Streams streams) {
        super(streams);
    }

    @Override
    String name() {
        return "clean";
    }

    @Override
    int run() throws IOException {
        CleanSettings settings = new CleanSettings(config, System.currentTimeMillis(), dryRun);
        if (!Files.isDirectory(directory)) {
            throw new UsageException(directory + " is not a directory.");
        }
        LogFolders folders = LogFolders.of(disk, directory);
        List<Path> partitions = choose(folders);
        CleanSummary total = new CleanSummary(dryRun);
        boolean ok = true;
        try (StopSignal stop = new StopSignal()) {
            for (Path partition : partitions) {
                ok &= clean(folders, partition, settings, total, stop);
            }
        } catch (StopSignal.StoppedException e) {
            error(
                    "stopped; the directory is as it was or partly clean. The same call finishes it.");
            return FAILED;
        }
        if (total.partitions() > 1) {
            tell(total, Texts.count(total.partitions(), "partition"));
        }
        return ok ? OK : FAILED;
    }

    private List<Path> choose(LogFolders folders) {
        if (folders.kind() == LogFolders.Kind.NOTHING) {
            throw new UsageException(directory + " has no segments, nor folders of partitions.");
        }
        for (Path other : folders.others()) {
            streams.err().println("skipped " + other.getFileName() + ": no partition's folder");
        }
        Map<String, List<Path>> byTopic = new TreeMap<>();
        for (Path partition : folders.partitions()) {
            LogFolders.Name name = LogFolders.Name.of(partition);
            String topic = name == null ? String.valueOf(partition.getFileName()) : name.topic();
            byTopic.computeIfAbsent(topic, t -> new ArrayList<>()).add(partition);
        }
        if (topics.isEmpty() && folders.whole() && folders.kind() == LogFolders.Kind.BROKER) {
            byTopic.remove(CLUSTER_METADATA);
            throw new UsageException(
                    directory
                            + " does not tell which topics are compacted, and cleaning would take"
                            + " records from those that are not. Name the topics to clean with"
                            + " --topic; there are "
                            + String.join(", ", byTopic.keySet())
                            + ".");
        }
        List<Path> chosen = new ArrayList<>();
        for (String topic : topics.isEmpty() ? byTopic.keySet() : topics) {
            List<Path> of = byTopic.get(topic);
            if (of == null) {
                throw new UsageException("There is no topic " + topic + " in " + directory + ".");
            }
            if (topic.equals(CLUSTER_METADATA)) {
                throw new UsageException(topic + " is the broker's own log and has no keys.");
            }
            chosen.addAll(of);
        }
        return chosen;
    }

    /// Whether the partition is clean, or need not be.
    private boolean clean(
            LogFolders folders,
            Path partition,
            CleanSettings settings,
            CleanSummary total,
            StopSignal stop)
            throws IOException {
        String name = String.valueOf(partition.getFileName());
        try {
            Map<String, String> topic = topicConfig(folders, partition);
            if (!settings.compacts(topic)) {
                streams.err()
                        .println(
                                "skipped "
                                        + name
                                        + ": its cleanup.policy is "
                                        + topic.getOrDefault("cleanup.policy", "delete")
                                        + "; to clean it all the same: --config"
                                        + " cleanup.policy=compact");
                return true;
            }
            OfflineResult result = clean(partition, settings.options(topic), stop);
            total.add(result);
            tell(new CleanSummary(dryRun).add(result), name);
            return true;
        } catch (RefusedException e) {
            boolean ofAll = e.reason() == Reason.IN_USE || e.reason() == Reason.NOT_CLOSED_CLEANLY;
            if (ofAll) {
                throw e;
            }
            error(String.valueOf(e.getMessage()));
            return false;
        } catch (LogException.UnknownTopic e) {
            error(name + " belongs to no topic of the data directory; it is left as it is.");
            return false;
        }
    }

    /// What is known of the partition's topic: all of a topic of ours, nothing of a broker's.
    private Map<String, String> topicConfig(LogFolders folders, Path partition) throws IOException {
        LogFolders.Name name = LogFolders.Name.of(partition);
        if (folders.kind() != LogFolders.Kind.LASTWORD || name == null) {
            return Map.of();
        }
        try (ClosedStore store =
                ClosedStore.open(disk, folders.root(), name.topic(), name.partition())) {
            return store.topicConfig();
        }
    }

    private OfflineResult clean(Path partition, OfflineOptions options, StopSignal stop)
            throws IOException {
        Progress progress = new Progress(streams.err(), streams.terminal());
        String name = String.valueOf(partition.getFileName());
        try {
            return OfflineCleaner.clean(
                    disk,
                    partition,
                    options,
                    (phase, done, total) -> {
                        stop.check();
                        String verb =
                                phase == OfflineProgress.Phase.DECIDE ? " reading" : " writing";
                        progress.tell(name + verb, done, total);
                    });
        } finally {
            progress.clear();
        }
    }

    private void tell(CleanSummary summary, String name) throws IOException {
        for (String line : summary.lines(name)) {
            streams.line(line);
        }
        streams.flush();
    }
}
