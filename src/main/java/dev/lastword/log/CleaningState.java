package dev.lastword.log;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/// What must outlive a restart of what cleaning and retention did to a partition. Each change is
/// durable when the method returns, and is only made after what it tells of is durable.
///
/// *Swaps.* What a checkpoint tells of segments is true until they are swapped; so each swap is
/// numbered and told here *before* its files are renamed ([#swapBegins]), and a checkpoint says how
/// many were over when it was made. A swap is over when all that follows from it is in the key
/// index and in the counts. Those that were not over by then, done or not, are the ones whose
/// ranges of offsets a start has to read. They are forgotten once a later checkpoint has them, and
/// joined where they touch or get too many, which costs reading and loses nothing.
///
/// Thread-safe.
public final class CleaningState {
    private static final String CLEANED_TO = "cleaned.to.offset";
    private static final String CLEANED_AT = "cleaned.at.ms";
    private static final String DROPPED = "dropped.tombstone.offset";
    private static final String SWAPS = "swaps";
    private static final String SWAP = "swap.";
    private static final int SWAPS_MAX = 64;

    /// A range of offsets whose segments are or were to be replaced.
    ///
    /// @param number of the swap, ascending
    /// @param to exclusive
    /// @param droppedTombstones whether tombstones were left out
    record Swap(long number, long from, long to, boolean droppedTombstones) {
        boolean touches(long start, long end) {
            return from < end && start < to;
        }

        Swap and(Swap other) {
            return new Swap(
                    Math.max(number, other.number),
                    Math.min(from, other.from),
                    Math.max(to, other.to),
                    droppedTombstones || other.droppedTombstones);
        }

        static Swap parse(String text) {
            String[] parts = text.split(":", 4);
            return new Swap(
                    Long.parseLong(parts[0]),
                    Long.parseLong(parts[1]),
                    Long.parseLong(parts[2]),
                    parts[3].equals("dropped"));
        }

        @Override
        public String toString() {
            return number + ":" + from + ":" + to + ":" + (droppedTombstones ? "dropped" : "kept");
        }
    }

    private final Disk disk;
    private final Path file;
    private volatile long cleanedTo;
    private volatile long cleanedAtMs = -1;
    private volatile long droppedTombstone = -1;
    private volatile long goneTombstone = -1;

    /// Ascending by range; those that no checkpoint has.
    private final List<Swap> swaps = new ArrayList<>();

    private long nextSwap;
    private volatile long swapsEnded;

    /// The first swap of which not all is in the key index and the counts, nor will be before the
    /// next start.
    private long unfinished = Long.MAX_VALUE;

    private long swapsInCheckpoint;

    /// Reads the file. Where it is damaged nothing counts as cleaned, any tombstone as dropped, and
    /// any segment as swapped: by a number that is beyond those given so far, or else the
    /// checkpoint's is beyond this one ([#mayKnow]).
    CleaningState(Disk disk, Path file) throws IOException {
        this.disk = disk;
        this.file = file;
        Map<String, String> values;
        try {
            values = StateFile.read(disk, file);
        } catch (StateFile.DamagedException e) {
            long number = ThreadLocalRandom.current().nextLong(1L << 61, 1L << 62);
            values =
                    Map.of(
                            DROPPED,
                            Long.toString(Long.MAX_VALUE),
                            SWAPS,
                            Long.toString(number + 1),
                            SWAP + 0,
                            new Swap(number, 0, Long.MAX_VALUE, true).toString());
        }
        cleanedTo = number(values, CLEANED_TO, 0);
        cleanedAtMs = number(values, CLEANED_AT, -1);
        droppedTombstone = number(values, DROPPED, -1);
        nextSwap = number(values, SWAPS, 0);
        swapsEnded = nextSwap;
        values.forEach((name, value) -> {
            if (name.startsWith(SWAP)) {
                swaps.add(Swap.parse(value));
            }
        });
        swaps.sort(Comparator.comparingLong(Swap::from));
        goneTombstone = droppedTombstone;
    }

    /// Tells where the log ends: no tombstone that was dropped lies there or behind.
    synchronized void endsAt(long endOffset) {
        droppedTombstone = Math.min(droppedTombstone, endOffset - 1);
        goneTombstone = droppedTombstone;
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
    /// below may miss deletes. It is set before the tombstone goes.
    public long droppedTombstone() {
        return droppedTombstone;
    }

    /// How many swaps are over: all with numbers below.
    long swapsEnded() {
        return swapsEnded;
    }

    /// Whether a checkpoint made when so many swaps were over can be one of this log.
    synchronized boolean mayKnow(long swapsOver) {
        return swapsOver <= nextSwap;
    }

    /// The swaps that were not over, or not begun, when `swapsOver` were over.
    synchronized List<Swap> swapsSince(long swapsOver) {
        return swaps.stream().filter(s -> s.number >= swapsOver).toList();
    }

    /// A checkpoint that was made when so many swaps were over is durable.
    synchronized void checkpointed(long swapsOver) {
        swapsInCheckpoint = Math.max(swapsInCheckpoint, swapsOver);
    }

    /// The segments of a range of offsets are about to be replaced.
    ///
    /// @param dropped the highest offset of a tombstone that goes, or -1
    /// @return the swap's number
    synchronized long swapBegins(long from, long to, long dropped) throws IOException {
        Swap swap = new Swap(nextSwap, from, to, dropped >= 0);
        List<Swap> before = List.copyOf(swaps);
        swaps.removeIf(s -> s.number < swapsInCheckpoint);
        swaps.add(swap);
        swaps.sort(Comparator.comparingLong(Swap::from));
        for (int i = 1; i < swaps.size(); ) {
            Swap left = swaps.get(i - 1);
            Swap right = swaps.get(i);
            if (right.from <= left.to || swaps.size() > SWAPS_MAX) {
                swaps.set(i - 1, left.and(right));
                swaps.remove(i);
            } else {
                i++;
            }
        }
        nextSwap++;
        boolean ok = false;
        try {
            write(cleanedTo, cleanedAtMs, Math.max(dropped, droppedTombstone));
            ok = true;
        } finally {
            if (!ok) {
                nextSwap--;
                swaps.clear();
                swaps.addAll(before);
            }
        }
        return swap.number;
    }

    /// A swap is over.
    ///
    /// @param whole whether all that follows from it is in the key index and the counts; else no
    ///   checkpoint counts it as over, so that the next start looks at its range
    synchronized void swapEnds(long number, boolean whole) {
        if (!whole) {
            unfinished = Math.min(unfinished, number);
        }
        swapsEnded = Math.min(number + 1, unfinished);
    }

    /// Takes back what is told of a log that ends before it: nothing counts as cleaned then, or
    /// what is written from now on would not be cleaned until the log is as long.
    synchronized void logEndsAt(long endOffset) throws IOException {
        if (cleanedTo > endOffset) {
            write(0, cleanedAtMs, droppedTombstone);
        }
    }

    /// As [#droppedTombstone], but set when the tombstone is gone, and all older records of its key
    /// with it: who begins to read afterwards, from the log's start, misses nothing by it.
    public long goneTombstone() {
        return goneTombstone;
    }

    /// No reader comes upon the tombstone at this offset any more.
    void tombstoneGone(long offset) {
        goneTombstone = Math.max(goneTombstone, offset);
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
        values.put(SWAPS, Long.toString(nextSwap));
        for (int i = 0; i < swaps.size(); i++) {
            values.put(SWAP + i, swaps.get(i).toString());
        }
        StateFile.write(disk, file, values);
        cleanedTo = to;
        cleanedAtMs = atMs;
        droppedTombstone = dropped;
    }
}
