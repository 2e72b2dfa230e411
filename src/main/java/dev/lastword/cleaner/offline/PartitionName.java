package dev.lastword.cleaner.offline;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What the name of a partition's directory says.
record PartitionName(String topic, int partition) {

    /// The name of a directory called `<topic>-<partition>`, or null.
    static @Nullable PartitionName of(Path directory) {
        Path file = directory.toAbsolutePath().normalize().getFileName();
        String name = file == null ? "" : file.toString();
        int dash = name.lastIndexOf('-');
        String number = name.substring(dash + 1);
        if (dash < 1 || !number.matches("[0-9]{1,9}")) {
            return null;
        }
        return new PartitionName(name.substring(0, dash), Integer.parseInt(number));
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
