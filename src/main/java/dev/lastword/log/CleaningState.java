package dev.lastword.log;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/// What must outlive a restart of what cleaning and retention did to a partition. Each change is
/// durable when the method returns, and is only made after what it tells of is durable.
/// Thread-safe.
public final class CleaningState {
    private static final String CLEANED_TO = "cleaned.to.offset";
    private static final String CLEANED_AT = "cleaned.at.ms";
    private static final String DROPPED = "dropped.tombstone.offset";

    private final Disk disk;
    private final Path file;
    private volatile long cleanedTo;
    private volatile long cleanedAtMs = -1;
    private volatile long droppedTombstone = -1;

    /// Reads the file. Where it is damaged nothing counts as cleaned, and any tombstone as dropped.
    CleaningState(Disk disk, Path file) throws IOException {
        this.disk = disk;
        this.file = file;
        Map<String, String> values;
        try {
            values = StateFile.read(disk, file);
        } catch (StateFile.DamagedException e) {
            values = Map.of(DROPPED, Long.toString(Long.MAX_VALUE));
        }
        cleanedTo = number(values, CLEANED_TO, 0);
        cleanedAtMs = number(values, CLEANED_AT, -1);
        droppedTombstone = number(values, DROPPED, -1);
    }

    private static long number(Map<String, String> values, String name, long byDefault) {
        String text = values.get(name);
        return text == null ? byDefault : Long.parseLong(text);
    }

    /// Everything below it has been considered by a cleaning.
    public long cleanedTo() {
        return cleanedTo;
    }

    /// When the last cleaning ended, milliseconds.
    public OptionalLong cleanedAtMs() {
        return cleanedAtMs < 0 ? OptionalLong.empty() : OptionalLong.of(cleanedAtMs);
    }

    /// The highest offset of a tombstone that was dropped, -1 for none: who reads on from there or
    /// below may miss deletes.
    public long droppedTombstone() {
        return droppedTombstone;
    }

    /// A tombstone at this offset is about to go.
    synchronized void tombstoneDropped(long offset) throws IOException {
        if (offset > droppedTombstone) {
            write(cleanedTo, cleanedAtMs, offset);
        }
    }

    /// A cleaning went through.
    public synchronized void cleaned(long upTo, long atMs) throws IOException {
        write(Math.max(cleanedTo, upTo), atMs, droppedTombstone);
    }

    private void write(long to, long atMs, long dropped) throws IOException {
        Map<String, String> values = new HashMap<>();
        values.put(CLEANED_TO, Long.toString(to));
        values.put(CLEANED_AT, Long.toString(atMs));
        values.put(DROPPED, Long.toString(dropped));
        StateFile.write(disk, file, values);
        cleanedTo = to;
        cleanedAtMs = atMs;
        droppedTombstone = dropped;
    }
}
