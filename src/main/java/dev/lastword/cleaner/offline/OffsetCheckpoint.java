package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// A broker's file of one offset for each partition:
///
/// ```
/// 0                       version
/// 2                       number of entries
/// topic partition offset
/// topic partition offset
/// ```
///
/// Immutable.
final class OffsetCheckpoint {
    private static final String VERSION = "0";

    /// By `topic partition`, in the order of the file.
    private final Map<String, Long> offsets;

    private OffsetCheckpoint(Map<String, Long> offsets) {
        this.offsets = offsets;
    }

    /// One without entries where there is no such file, or an empty one, as a broker makes it at
    /// its first start.
    ///
    /// @throws IOException also if it is not as described
    static OffsetCheckpoint read(Disk disk, Path file) throws IOException {
        Map<String, Long> offsets = new LinkedHashMap<>();
        if (!disk.exists(file)) {
            return new OffsetCheckpoint(offsets);
        }
        List<String> lines =
                new String(disk.readAll(file), StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(l -> !l.isEmpty())
                        .toList();
        if (lines.isEmpty()) {
            return new OffsetCheckpoint(offsets);
        }
        if (lines.size() < 2
                || !lines.get(0).equals(VERSION)
                || !lines.get(1).equals(Integer.toString(lines.size() - 2))) {
            throw new IOException(file + " is not a checkpoint of version 0");
        }
        for (String line : lines.subList(2, lines.size())) {
            int space = line.lastIndexOf(' ');
            try {
                offsets.put(
                        line.substring(0, Math.max(0, space)).strip(),
                        Long.parseLong(line.substring(space + 1)));
            } catch (NumberFormatException e) {
                throw new IOException(file + " has a malformed line: " + line, e);
            }
        }
        return new OffsetCheckpoint(offsets);
    }

    private static String key(PartitionName name) {
        return name.topic() + " " + name.partition();
    }

    OptionalLong get(PartitionName name) {
        Long offset = offsets.get(key(name));
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    OffsetCheckpoint with(PartitionName name, long offset) {
        Map<String, Long> changed = new LinkedHashMap<>(offsets);
        changed.put(key(name), offset);
        return new OffsetCheckpoint(changed);
    }

    /// Replaces the file, durably.
    void write(Disk disk, Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append(VERSION).append('\n').append(offsets.size()).append('\n');
        offsets.forEach((k, v) -> text.append(k).append(' ').append(v).append('\n'));
        disk.writeAtomically(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
