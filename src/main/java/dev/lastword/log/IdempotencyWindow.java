package dev.lastword.log;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The requests that a partition has stored records of lately, so that a resend is answered and not
/// stored again: for 24 hours, and no more than [#ENTRIES_MAX] (some 1.5 MB); the oldest go first.
///
/// *Durability.* Every record carries its mark ([Once]), so the window follows from the log. It is
/// also written to a file, with the offset up to which it speaks, when a segment is closed, before
/// that can be cleaned, and now and then between ([PartitionLog]). So what the cleaner takes away
/// is always in the file, and after a crash only the log behind the file's offset is read.
///
/// The appender's alone: what it looks up is decided in log order. What a group adds counts for the
/// writes behind it in the group, and stays only if the group is stored.
final class IdempotencyWindow {
    static final int ENTRIES_MAX = 10_000;
    static final long KEPT_MS = 24 * 3_600_000L;

    private static final String OFFSET = "offset";
    private static final String ENTRY = "request.";

    /// Names a request.
    private record Request(long hi, long lo) {
        static Request of(Once once) {
            return new Request(once.hi(), once.lo());
        }
    }

    /// What is stored of a request.
    ///
    /// @param line its last line
    /// @param fingerprint of that line
    /// @param timestamp of that line's record
    /// @param created whether its key had no value before
    /// @param superseded whether it lost by version
    record Stored(
            long line,
            long fingerprint,
            long firstOffset,
            long lastOffset,
            long timestamp,
            boolean created,
            boolean superseded,
            long atMs) {}

    /// How a record is to be taken.
    enum Verdict {
        NEW,
        REPEATED,
        /// Its request was sent before with another content.
        DIFFERS
    }

    private final LinkedHashMap<Request, Stored> requests = new LinkedHashMap<>();

    /// What the group that is being made adds.
    private final LinkedHashMap<Request, Stored> pending = new LinkedHashMap<>();

    private boolean changed = true;
    private long writtenTo = -1;

    /// What is known of the record's request; null if nothing.
    @Nullable Stored find(Once once, long nowMs) {
        Request request = Request.of(once);
        Stored added = pending.get(request);
        Stored stored = added == null ? requests.get(request) : added;
        return stored == null || nowMs - stored.atMs > KEPT_MS ? null : stored;
    }

    Verdict judge(Once once, long nowMs) {
        Stored stored = find(once, nowMs);
        if (stored == null || once.lineBefore() > stored.line) {
            return Verdict.NEW; // those before it are forgotten, or come in the same group
        }
        if (once.line() < stored.line) {
            return Verdict.REPEATED; // whether it is the same shows when the last one comes
        }
        if (once.line() == stored.line) {
            return once.fingerprint() == stored.fingerprint ? Verdict.REPEATED : Verdict.DIFFERS;
        }
        return once.lineBefore() == stored.line && once.fingerprintBefore() == stored.fingerprint
                ? Verdict.NEW
                : Verdict.DIFFERS;
    }

    /// Notes a record of the group that is being made.
    void add(Once once, long offset, long timestamp, boolean created, boolean late, long nowMs) {
        Request request = Request.of(once);
        Stored added = pending.get(request);
        Stored before = added == null ? requests.get(request) : added;
        pending.put(request, stored(once, before, offset, timestamp, created, late, nowMs));
    }

    /// A request's first line starts it anew: what was known of it was too old.
    private static Stored stored(
            Once once,
            @Nullable Stored before,
            long offset,
            long timestamp,
            boolean created,
            boolean late,
            long nowMs) {
        Stored begun = before != null && before.line < once.line() ? before : null;
        return new Stored(
                once.line(),
                once.fingerprint(),
                begun == null ? offset : begun.firstOffset,
                offset,
                timestamp,
                created,
                late,
                nowMs);
    }

    /// The group is stored.
    void keepGroup() {
        pending.forEach(this::put);
        pending.clear();
    }

    /// The group is not stored.
    void dropGroup() {
        pending.clear();
    }

    private void put(Request request, Stored stored) {
        requests.putLast(request, stored);
        if (requests.size() > ENTRIES_MAX) {
            requests.pollFirstEntry();
        }
        changed = true;
    }

    /// Learns from a record in the log.
    void learn(Once.Mark mark, long offset, long timestamp, boolean late) {
        Once once = mark.once();
        Request request = Request.of(once);
        Stored before = requests.get(request);
        put(request, stored(once, before, offset, timestamp, mark.created(), late, mark.atMs()));
    }

    /// Reads the file of the last time; the offset from which the log is to be read, or -1 where
    /// there is no file.
    ///
    /// @throws IOException if it cannot be read or is damaged
    long load(Disk disk, Path file) throws IOException {
        Map<String, String> values = StateFile.read(disk, file);
        if (values.isEmpty()) {
            return -1;
        }
        for (Map.Entry<String, String> e : values.entrySet()) {
            if (e.getKey().startsWith(ENTRY)) {
                String[] f = e.getValue().split(" ", -1);
                requests.put(
                        new Request(Long.parseLong(f[0]), Long.parseLong(f[1])),
                        new Stored(
                                Long.parseLong(f[2]),
                                Long.parseLong(f[3]),
                                Long.parseLong(f[4]),
                                Long.parseLong(f[5]),
                                Long.parseLong(f[6]),
                                Boolean.parseBoolean(f[7]),
                                Boolean.parseBoolean(f[8]),
                                Long.parseLong(f[9])));
            }
        }
        changed = false;
        writtenTo = Long.parseLong(values.getOrDefault(OFFSET, "0"));
        return writtenTo;
    }

    /// Writes the file, unless it says the same already.
    ///
    /// @param offset everything below it is in the window, and flushed
    void write(Disk disk, Path file, long offset, long nowMs) throws IOException {
        if (!changed && writtenTo == offset) {
            return;
        }
        requests.values().removeIf(stored -> nowMs - stored.atMs > KEPT_MS);
        Map<String, String> values = new TreeMap<>();
        values.put(OFFSET, Long.toString(offset));
        int n = 0;
        for (Map.Entry<Request, Stored> e : requests.entrySet()) {
            Stored s = e.getValue();
            values.put(
                    ENTRY + String.format(java.util.Locale.ROOT, "%08d", n++),
                    e.getKey().hi
                            + " "
                            + e.getKey().lo
                            + " "
                            + s.line
                            + " "
                            + s.fingerprint
                            + " "
                            + s.firstOffset
                            + " "
                            + s.lastOffset
                            + " "
                            + s.timestamp
                            + " "
                            + s.created
                            + " "
                            + s.superseded
                            + " "
                            + s.atMs);
        }
        StateFile.write(disk, file, values);
        changed = false;
        writtenTo = offset;
    }

    int size() {
        return requests.size();
    }
}
