package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Checks a closed data directory of ours: the files that [DataDirectory] describes can be read and
/// agree with the logs. The recovery point and the cleaned offset lie within the log; an orderly
/// stop left it where it ends; and the checkpoint it left names the latest record of every key and
/// no other.
///
/// Why not "one record a key below the cleaned offset": a cleaning considers every segment, but
/// rewrites only those worth it.
///
/// Not thread-safe.
final class StoreVerifier {
    private final Disk disk;
    private final VerifyCounts counts;
    private final Path root;
    private final Path own;
    private final Map<String, Path> topicFiles = new HashMap<>();
    private Map<String, String> ends = Map.of();

    StoreVerifier(Disk disk, VerifyCounts counts, Path root) {
        this.disk = disk;
        this.counts = counts;
        this.root = root;
        this.own = root.resolve("lastword");
    }

    /// Checks the partitions in `folders`, and all else if they are all there are.
    void run(List<Path> folders, boolean all) throws IOException {
        KeyHasher hasher = hasher();
        Path shutdown = own.resolve("clean-shutdown");
        ends = read(shutdown);
        if (!disk.exists(shutdown)) {
            counts.tell(
                    Finding.note(
                            root,
                            "was not closed in an orderly way; the next start reads the logs"));
        }
        Set<Path> unclaimed = new HashSet<>(folders);
        for (Path file : disk.list(own.resolve("topics"))) {
            topic(file, unclaimed, all, hasher);
        }
        for (Path folder : folders) {
            if (unclaimed.contains(folder)) {
                counts.tell(Finding.problem(folder, "belongs to no topic"));
                new PartitionVerifier(disk, counts, folder, null).run();
            }
        }
    }

    private @Nullable KeyHasher hasher() throws IOException {
        Path file = own.resolve("store");
        Map<String, String> values = read(file);
        if (values.isEmpty()) {
            return null;
        }
        if (!"1".equals(values.get("format"))) {
            counts.tell(Finding.problem(file, "has format " + values.get("format") + ", not 1"));
            return null;
        }
        Long first = number(file, values, "secret.0", null);
        Long second = number(file, values, "secret.1", null);
        return first == null || second == null ? null : KeyHasher.keyed(first, second);
    }

    private void topic(Path file, Set<Path> unclaimed, boolean all, @Nullable KeyHasher hasher)
            throws IOException {
        String epoch = String.valueOf(file.getFileName());
        if (epoch.endsWith(".tmp")) {
            counts.tell(Finding.note(file, "is waste of an unfinished write"));
            return;
        }
        Map<String, String> values = read(file);
        if (values.isEmpty()) {
            return;
        }
        String name = values.getOrDefault("name", "");
        Long partitions = number(file, values, "partitions", null);
        TopicConfig config = config(file, values);
        if (partitions == null || config == null) {
            return;
        }
        boolean deleting = epoch.endsWith(".deleting");
        if (deleting) {
            counts.tell(
                    Finding.note(file, "topic " + name + " is deleted; the next start ends that"));
        } else if (topicFiles.put(name, file) != null) {
            counts.tell(Finding.problem(file, "there are two topics of the name " + name));
        }
        for (int p = 0; p < partitions; p++) {
            Path folder = root.resolve("logs").resolve(name + "-" + p);
            if (deleting) {
                unclaimed.remove(folder);
            } else if (unclaimed.remove(folder)) {
                partition(folder, epoch + "-" + p, config, hasher);
            } else if (all) {
                missing(folder, epoch + "-" + p);
            }
        }
    }

    private @Nullable TopicConfig config(Path file, Map<String, String> values) {
        Map<String, String> settings = new HashMap<>();
        values.forEach((k, v) -> {
            if (k.startsWith("config.")) {
                settings.put(k.substring("config.".length()), v);
            }
        });
        try {
            TopicNames.check(values.getOrDefault("name", ""));
            return TopicConfig.parse(settings);
        } catch (LogException e) {
            counts.tell(Finding.problem(file, String.valueOf(e.getMessage())));
            return null;
        }
    }

    private void missing(Path folder, String id) throws IOException {
        Path file = own.resolve("partitions").resolve(id + ".recovery");
        Long point = number(file, read(file), PartitionLog.RECOVERY_POINT, 0L);
        if (point != null && point > 0) {
            counts.tell(
                    Finding.problem(
                            folder, "is missing, though it was flushed up to offset " + point));
        } else {
            counts.tell(Finding.note(folder, "is missing; the next start makes it, empty"));
        }
    }

    private void partition(Path folder, String id, TopicConfig config, @Nullable KeyHasher hasher)
            throws IOException {
        Path recovery = own.resolve("partitions").resolve(id + ".recovery");
        Map<String, String> noted = read(recovery);
        Long point = number(recovery, noted, PartitionLog.RECOVERY_POINT, 0L);
        Long active = number(recovery, noted, PartitionLog.ACTIVE_BASE, -1L);
        Recovery.CleanEnd end = cleanEnd(id);
        if (point == null || active == null || hasher == null) {
            new PartitionVerifier(disk, counts, folder, null).run();
            return;
        }
        PartitionVerifier partition =
                new PartitionVerifier(
                        disk,
                        counts,
                        folder,
                        new PartitionVerifier.Own(hasher, point, active, end, config));
        long problems = counts.result().problems();
        partition.run();
        long logEnd = partition.endOffset();
        if (point > logEnd) {
            counts.tell(
                    Finding.problem(
                            recovery,
                            "says that the log was flushed up to offset "
                                    + point
                                    + ", but it ends at "
                                    + logEnd));
        }
        cleaned(id, logEnd);
        if (end != null) {
            orderly(end, partition);
        }
        KeyHistory keys = partition.keys();
        boolean sound = end != null && counts.result().problems() == problems;
        checkpoint(
                own.resolve("partitions").resolve(id + ".keys"),
                logEnd,
                sound && keys != null ? keys.index() : null);
    }

    private Recovery.@Nullable CleanEnd cleanEnd(String id) {
        String text = ends.get(id);
        if (text == null) {
            return null;
        }
        String[] parts = text.split(":", 2);
        try {
            return new Recovery.CleanEnd(
                    Long.parseLong(parts[0]), Long.parseLong(parts[parts.length - 1]));
        } catch (NumberFormatException e) {
            counts.tell(
                    Finding.problem(
                            own.resolve("clean-shutdown"),
                            "'" + text + "' is no end of a log, for " + id));
            return null;
        }
    }

    private void cleaned(String id, long logEnd) throws IOException {
        Path file = own.resolve("partitions").resolve(id + ".cleaning");
        Map<String, String> values = read(file);
        for (String name : List.of("cleaned.to.offset", "dropped.tombstone.offset")) {
            Long offset = number(file, values, name, -1L);
            boolean unknown = offset != null && offset == Long.MAX_VALUE;
            if (offset != null && !unknown && offset > logEnd) {
                counts.tell(
                        Finding.problem(
                                file, name + " is " + offset + ", but the log ends at " + logEnd));
            }
        }
    }

    private void orderly(Recovery.CleanEnd end, PartitionVerifier partition) {
        if (end.endOffset() != partition.endOffset()
                || end.activeBytes() != partition.activeBytes()) {
            counts.tell(
                    Finding.problem(
                            own.resolve("clean-shutdown"),
                            "says that the log ends at offset "
                                    + end.endOffset()
                                    + " with a file of "
                                    + end.activeBytes()
                                    + " bytes, but it ends at "
                                    + partition.endOffset()
                                    + " with "
                                    + partition.activeBytes()));
        }
    }

    /// @param keys what a checkpoint of the whole log must hold, null where that is not known
    private void checkpoint(Path file, long logEnd, @Nullable KeyIndex keys) throws IOException {
        if (!disk.exists(file)) {
            counts.tell(Finding.note(file, "is missing; the next start reads the log instead"));
            return;
        }
        Checkpoint checkpoint = Checkpoint.open(disk, file);
        if (checkpoint == null) {
            damaged(file);
            return;
        }
        try (checkpoint) {
            KeyIndex told = new KeyIndex(0, checkpoint.cut().versioned());
            CheckpointPages pages = new CheckpointPages(checkpoint, null);
            pages.restore(told);
            told.loadAll();
            if (keys != null && checkpoint.cut().endOffset() == logEnd) {
                compare(file, told, keys);
            }
        } catch (CheckpointPages.DamagedException e) {
            damaged(file);
        }
    }

    private void damaged(Path file) {
        counts.tell(
                Finding.problem(
                        file,
                        "is damaged, or of another version; the next start reads the log instead"));
    }

    private void compare(Path file, KeyIndex told, KeyIndex found) throws IOException {
        if (told.keys() != found.keys()) {
            counts.tell(
                    Finding.problem(file, "has " + told.keys() + " keys, the log " + found.keys()));
        }
        KeyHash hash = new KeyHash();
        told.forEach((hi, lo, entry, _) -> {
            hash.hi = hi;
            hash.lo = lo;
            long latest = found.get(hash);
            long offset = KeyIndex.offset(entry);
            if (latest == KeyIndex.ABSENT) {
                tell(file, offset, "names a record of a key that the log does not have");
            } else if (KeyIndex.offset(latest) != offset
                    || KeyIndex.isTombstone(latest) != KeyIndex.isTombstone(entry)) {
                tell(
                        file,
                        offset,
                        "names it as a key's latest record, which is at offset "
                                + KeyIndex.offset(latest));
            }
        });
    }

    private void tell(Path file, long offset, String what) {
        counts.tell(new Finding(Finding.Severity.PROBLEM, file, -1, offset, what));
    }

    /// The values of a state file; none where it is missing or cannot be read, which is told.
    private Map<String, String> read(Path file) throws IOException {
        try {
            return StateFile.read(disk, file);
        } catch (StateFile.DamagedException e) {
            counts.tell(Finding.problem(file, "does not match its checksum"));
            return Map.of();
        }
    }

    /// A number in a state file, or null where it is none, which is told.
    private @Nullable Long number(
            Path file, Map<String, String> values, String name, @Nullable Long byDefault) {
        String text = values.get(name);
        if (text == null && byDefault != null) {
            return byDefault;
        }
        try {
            if (text != null) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        counts.tell(Finding.problem(file, name + " is " + text + ", which is no number"));
        return null;
    }
}
