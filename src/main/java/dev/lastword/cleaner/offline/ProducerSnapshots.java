package dev.lastword.cleaner.offline;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// A broker's snapshots of its producers' state, `<offset>.snapshot`. A broker keeps one for the
/// start of each segment, and removes that of a segment that a cleaning joined to the one before.
/// The newest is what it starts from and always stays. Stateless.
final class ProducerSnapshots {
    private static final String SUFFIX = ".snapshot";

    private ProducerSnapshots() {}

    /// Removes those of segments that are no more. If this fails a broker removes them itself.
    static void forget(Disk disk, Path directory, List<Long> bases) throws IOException {
        List<Path> snapshots =
                disk.list(directory).stream().filter(p -> p.toString().endsWith(SUFFIX)).toList();
        boolean changed = false;
        for (long base : bases) {
            Path file = directory.resolve(String.format(Locale.ROOT, "%020d", base) + SUFFIX);
            if (snapshots.contains(file) && !file.equals(snapshots.getLast())) {
                disk.delete(file);
                changed = true;
            }
        }
        if (changed) {
            disk.syncDirectory(directory);
        }
    }
}
