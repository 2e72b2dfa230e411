package dev.lastword.log;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What a path on disk holds, told by what lies in it: one partition, a broker's log directory, or
/// a data directory of ours.
///
/// @param kind what it is
/// @param root the folder that the lock and the checkpoints are for: a broker's log directory, our
///   data directory; of a partition that lies in neither, the partition itself
/// @param partitions the folders of partitions that were asked for, sorted by name
/// @param whole whether those are all that `root` has
/// @param others folders beside them that belong to no partition, or to one that is being deleted
public record LogFolders(
        Kind kind, Path root, List<Path> partitions, boolean whole, List<Path> others) {
    /// To whom the folders belong.
    public enum Kind {
        /// No segment is to be found.
        NOTHING,
        /// A folder of segments that nobody claims.
        PARTITION,
        /// A `log.dirs` entry of a broker.
        BROKER,
        /// A data directory of Lastword.
        LASTWORD
    }

    /// The name of a partition's folder.
    ///
    /// @param topic before the last dash
    /// @param partition behind it
    public record Name(String topic, int partition) {
        /// The parts of a folder's name, or null if it is none of a partition.
        public static @Nullable Name of(Path folder) {
            String name = String.valueOf(folder.getFileName());
            int dash = name.lastIndexOf('-');
            if (dash < 1 || dash == name.length() - 1 || name.length() - dash > 11) {
                return null;
            }
            for (int i = dash + 1; i < name.length(); i++) {
                if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                    return null;
                }
            }
            long partition = Long.parseLong(name.substring(dash + 1));
            return partition > Integer.MAX_VALUE
                    ? null
                    : new Name(name.substring(0, dash), (int) partition);
        }
    }

    private static final String CLEAN_SHUTDOWN = ".kafka_cleanshutdown";

    private static final List<String> BROKER_FILES =
            List.of(
                    "meta.properties",
                    "recovery-point-offset-checkpoint",
                    "replication-offset-checkpoint",
                    "cleaner-offset-checkpoint",
                    CLEAN_SHUTDOWN);

    /// Looks at an existing folder.
    public static LogFolders of(Disk disk, Path folder) throws IOException {
        Path dir = folder.toAbsolutePath().normalize();
        Path parent = dir.getParent();
        Path above = parent == null ? null : parent.getParent();
        if (isLastword(disk, dir)) {
            return directory(disk, Kind.LASTWORD, dir, dir.resolve("logs"));
        }
        if (parent != null && isLastword(disk, parent) && dir.endsWith("logs")) {
            return directory(disk, Kind.LASTWORD, parent, dir);
        }
        if (hasSegments(disk, dir)) {
            if (above != null && isLastword(disk, above)) {
                return new LogFolders(Kind.LASTWORD, above, List.of(dir), false, List.of());
            }
            return parent != null && isBroker(disk, parent)
                    ? new LogFolders(Kind.BROKER, parent, List.of(dir), false, List.of())
                    : new LogFolders(Kind.PARTITION, dir, List.of(dir), false, List.of());
        }
        LogFolders all = directory(disk, Kind.BROKER, dir, dir);
        return all.partitions.isEmpty() && !isBroker(disk, dir)
                ? new LogFolders(Kind.NOTHING, dir, List.of(), true, List.of())
                : all;
    }

    private static LogFolders directory(Disk disk, Kind kind, Path root, Path logs)
            throws IOException {
        List<Path> partitions = new ArrayList<>();
        List<Path> others = new ArrayList<>();
        for (Path p : disk.list(logs)) {
            if (disk.isDirectory(p)) {
                boolean named = Name.of(p) != null;
                (named && (kind == Kind.LASTWORD || hasSegments(disk, p)) ? partitions : others)
                        .add(p);
            }
        }
        return new LogFolders(kind, root, partitions, true, others);
    }

    /// The file that whoever uses the folders holds a lock on; null where nobody would.
    public @Nullable Path lockFile() {
        return switch (kind) {
            case LASTWORD -> root.resolve("lastword").resolve("lock");
            case BROKER -> root.resolve(".lock");
            case PARTITION, NOTHING -> null;
        };
    }

    /// Whether a broker ran on it that left no word of an orderly stop.
    boolean wasNotStoppedInOrder(Disk disk) throws IOException {
        return isBroker(disk, root) && !disk.exists(root.resolve(CLEAN_SHUTDOWN));
    }

    private static boolean isLastword(Disk disk, Path dir) throws IOException {
        return disk.exists(dir.resolve("lastword").resolve("store"))
                && disk.isDirectory(dir.resolve("logs"));
    }

    private static boolean isBroker(Disk disk, Path dir) throws IOException {
        for (String name : BROKER_FILES) {
            if (disk.exists(dir.resolve(name))) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasSegments(Disk disk, Path dir) throws IOException {
        for (Path p : disk.list(dir)) {
            OptionalLong base = OptionalLong.empty();
            for (SegmentFiles.Suffix suffix : SegmentFiles.Suffix.values()) {
                base = SegmentFiles.baseOffset(p, SegmentFiles.LOG, suffix);
                if (base.isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }
}
