package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.SegmentFiles.Suffix;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// Reads all of a store and checks every invariant of it that can be seen from outside: the bytes
/// of each segment, its indexes, the key index and the garbage counts against a scan of the log,
/// and the names of all files. Runs at the end of every storage test, when nothing is at work.
public final class LogChecker {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Disk disk;
    private final PartitionLog log;

    /// A key's latest record as a scan finds it.
    private record Latest(long offset, boolean tombstone, long version, long deadlineMs) {}

    /// What a scan finds of one segment's garbage.
    private static final class Counts {
        long dead;
        long tombstones;
        long unstamped;
        long earliestHorizonMs = Long.MAX_VALUE;
        long oldestTombstoneMs = Long.MAX_VALUE;
    }

    private record Batch(int position, long lastOffset, long maxTimestamp) {}

    private record Entry(int segment, String key, long offset) {}

    private LogChecker(Disk disk, PartitionLog log) {
        this.disk = disk;
        this.log = log;
    }

    /// Checks all partitions of an open store.
    public static void check(Disk disk, LogStore store) {
        for (Topic topic : store.topics()) {
            for (PartitionLog log : topic.partitions()) {
                check(disk, log);
            }
        }
    }

    /// Checks one partition, which may be in any state but closed.
    public static void check(Disk disk, PartitionLog log) {
        try {
            // between two groups, so that nothing moves meanwhile
            log.flush().join();
            new LogChecker(disk, log).check();
        } catch (IOException e) {
            throw new UncheckedIOException(log.name() + ": " + e.getMessage(), e);
        }
    }

    private void check() throws IOException {
        boolean whole = log.state() == PartitionState.ONLINE;
        SegmentList list = log.segments();
        Map<String, Latest> latest = new HashMap<>();
        List<Entry> entries = new ArrayList<>();
        List<Counts> counts = new ArrayList<>();
        long previousEnd = 0;
        for (int i = 0; i < list.size(); i++) {
            Segment s = list.get(i);
            is(s.baseOffset() >= previousEnd, "%s begins below %s", s, previousEnd);
            Counts c = new Counts();
            counts.add(c);
            List<Batch> batches = new ArrayList<>();
            if (whole) {
                scan(s, i, latest, entries, c, batches);
                checkIndexes(s, i == list.size() - 1, batches);
            }
            previousEnd = s.nextOffset();
        }
        is(log.endOffset() == list.active().nextOffset(), "end %s", log.endOffset());
        is(log.flushedOffset() <= log.endOffset(), "flushed %s", log.flushedOffset());
        is(
                log.startOffset() >= list.startOffset() && log.startOffset() <= log.endOffset(),
                "start %s",
                log.startOffset());
        if (whole) {
            log.inTurn(() -> {
                log.index().verify();
                return null;
            });
            checkKeyIndex(latest);
            checkFacts(list, latest, entries, counts);
        }
        checkNames(list);
    }

    /// A closed segment's file ends with it; zeros may follow in the active one's.
    private void checkFileEnd(Segment s) throws IOException {
        long size = s.file().size();
        boolean active = s == log.segments().active() && log.state() != PartitionState.CLOSED;
        is(active ? size >= s.sizeBytes() : size == s.sizeBytes(), "%s: file of %s", s, size);
        ByteBuffer rest = ByteBuffer.allocate((int) (size - s.sizeBytes()));
        s.file().readFully(rest, s.sizeBytes());
        is(allZero(rest), "%s: bytes behind it", s);
    }

    private static boolean allZero(ByteBuffer bytes) {
        for (int i = 0; i < bytes.limit(); i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private void scan(
            Segment s,
            int number,
            Map<String, Latest> latest,
            List<Entry> entries,
            Counts counts,
            List<Batch> batches)
            throws IOException {
        is(s.tryRetain(), "%s is closed", s);
        try {
            checkFileEnd(s);
            BatchScanner scanner =
                    new BatchScanner(s.file(), 0, s.sizeBytes(), ByteBuffer.allocate(BUFFER_BYTES));
            long end = s.baseOffset();
            long largest = -1;
            while (scanner.next()) {
                RecordBatch b = scanner.batch();
                b.ensureValid();
                is(b.baseOffset() >= end, "%s: %s begins below %s", s, b, end);
                int count = 0;
                long offset = b.baseOffset() - 1;
                RecordCursor r = b.cursor();
                while (r.next()) {
                    is(r.offset() > offset && r.offset() <= b.lastOffset(), "%s in %s", r, b);
                    offset = r.offset();
                    count++;
                    note(r, b.deleteHorizonMs(), number, latest, entries, counts);
                }
                is(count == b.count(), "%s has %s records", b, count);
                end = b.nextOffset();
                largest = Math.max(largest, b.maxTimestamp());
                batches.add(new Batch((int) scanner.position(), b.lastOffset(), b.maxTimestamp()));
            }
            is(end == s.nextOffset(), "%s ends at %s", s, end);
            is(
                    largest == s.largestTimestamp(),
                    "%s: largest timestamp %s, found %s",
                    s,
                    s.largestTimestamp(),
                    largest);
        } finally {
            s.release();
        }
    }

    private void note(
            RecordCursor r,
            long horizonMs,
            int segment,
            Map<String, Latest> latest,
            List<Entry> entries,
            Counts counts) {
        if (r.offset() < log.startOffset()) {
            return;
        }
        String key = hex(r.key());
        long version = log.config().compactionStrategy().version(r);
        Latest before = latest.get(key);
        if (before == null || before.version <= version) {
            latest.put(key, new Latest(r.offset(), r.isTombstone(), version, Deadline.of(r)));
        }
        entries.add(new Entry(segment, key, r.offset()));
        if (r.isTombstone()) {
            counts.tombstones++;
            counts.oldestTombstoneMs = Math.min(counts.oldestTombstoneMs, r.timestamp());
            if (horizonMs < 0) {
                counts.unstamped++;
            } else {
                counts.earliestHorizonMs = Math.min(counts.earliestHorizonMs, horizonMs);
            }
        }
    }

    private void checkIndexes(Segment s, boolean active, List<Batch> batches) throws IOException {
        Map<Integer, Batch> byPosition = new HashMap<>();
        for (Batch b : batches) {
            byPosition.put(b.position, b);
            int from = s.offsetIndex().floorPosition((int) (b.lastOffset - s.baseOffset()));
            is(from <= b.position, "%s: the index skips offset %s", s, b.lastOffset);
        }
        if (active) {
            return;
        }
        Path index = file(s, SegmentFiles.INDEX);
        ByteBuffer in = ByteBuffer.wrap(disk.readAll(index));
        is(in.remaining() % OffsetIndex.ENTRY_BYTES == 0, "%s: size", index);
        is(in.remaining() / OffsetIndex.ENTRY_BYTES == s.offsetIndex().count(), "%s: size", index);
        int before = -1;
        while (in.hasRemaining()) {
            int relative = in.getInt();
            int position = in.getInt();
            Batch b = byPosition.get(position);
            is(b != null, "%s: no batch at %s", index, position);
            is(
                    b != null && b.lastOffset == s.baseOffset() + relative,
                    "%s: %s is not offset %s",
                    index,
                    position,
                    relative);
            is(position > before, "%s does not ascend", index);
            before = position;
        }
        Path timeIndex = file(s, SegmentFiles.TIME_INDEX);
        ByteBuffer times = ByteBuffer.wrap(disk.readAll(timeIndex));
        is(times.remaining() % TimeIndex.ENTRY_BYTES == 0, "%s: size", timeIndex);
        long time = -1;
        long offset = -1;
        while (times.hasRemaining()) {
            long t = times.getLong();
            long o = s.baseOffset() + times.getInt();
            is(t > time && o > offset, "%s does not ascend", timeIndex);
            time = t;
            offset = o;
            for (Batch b : batches) {
                is(
                        b.lastOffset > o || b.maxTimestamp <= t,
                        "%s: offset %s is later than %s",
                        timeIndex,
                        b.lastOffset,
                        t);
            }
        }
        is(
                time == s.largestTimestamp(),
                "%s ends with %s, the largest is %s",
                timeIndex,
                time,
                s.largestTimestamp());
    }

    private void checkKeyIndex(Map<String, Latest> latest) {
        KeyIndex index = log.index();
        KeyHash hash = new KeyHash();
        long tombstones = 0;
        for (Map.Entry<String, Latest> e : latest.entrySet()) {
            log.hasher().hash(bytes(e.getKey()), hash);
            long entry = index.get(hash);
            Latest l = e.getValue();
            is(entry != KeyIndex.ABSENT, "key %s of offset %s not indexed", e.getKey(), l.offset);
            is(
                    KeyIndex.offset(entry) == l.offset,
                    "key %s is at %s, the index says %s",
                    e.getKey(),
                    l.offset,
                    KeyIndex.offset(entry));
            is(KeyIndex.isTombstone(entry) == l.tombstone, "key %s: tombstone", e.getKey());
            tombstones += l.tombstone ? 1 : 0;
        }
        is(
                index.keys() == latest.size(),
                "the index has %s keys, the log %s",
                index.keys(),
                latest.size());
        is(index.tombstones() == tombstones, "%s tombstones indexed", index.tombstones());
    }

    private void checkFacts(
            SegmentList list,
            Map<String, Latest> latest,
            List<Entry> entries,
            List<Counts> counts) {
        for (Entry e : entries) {
            Latest l = latest.get(e.key);
            boolean superseded = l != null && l.offset != e.offset;
            OffsetSet known = list.get(e.segment).superseded().known();
            is(
                    known == null || known.contains(e.offset) == superseded,
                    "%s notes offset %s wrongly",
                    list.get(e.segment),
                    e.offset);
            if (superseded) {
                is(
                        !l.tombstone || l.offset > e.offset,
                        "offset %s lies behind its key's tombstone at %s",
                        e.offset,
                        l.offset);
                counts.get(e.segment).dead++;
                Segment s = list.get(e.segment);
                is(
                        l.offset >= s.facts().cleanedTo(),
                        "%s is clean to %s, but holds %s, superseded by %s",
                        s,
                        s.facts().cleanedTo(),
                        e.offset,
                        l.offset);
            }
        }
        for (Latest l : latest.values()) {
            Segment s = list.floor(l.offset);
            is(
                    s != null && s.facts().earliestDeadlineMs() <= l.deadlineMs,
                    "%s knows nothing of the deadline %s at %s",
                    s,
                    l.deadlineMs,
                    l.offset);
        }
        for (int i = 0; i < list.size(); i++) {
            Segment s = list.get(i);
            SegmentFacts f = s.facts();
            Counts c = counts.get(i);
            is(f.deadRecords() == c.dead, "%s counts %s dead, has %s", s, f.deadRecords(), c.dead);
            is(f.deadRecords() > 0 || f.deadBytes() == 0, "%s: %s dead bytes", s, f.deadBytes());
            is(
                    f.tombstones() == c.tombstones,
                    "%s counts %s tombstones, has %s",
                    s,
                    f.tombstones(),
                    c.tombstones);
            is(f.unstampedTombstones() == c.unstamped, "%s unstamped %s", s, c.unstamped);
            is(f.earliestHorizonMs() == c.earliestHorizonMs, "%s: horizon", s);
            is(f.oldestTombstoneMs() == c.oldestTombstoneMs, "%s: oldest tombstone", s);
        }
    }

    private void checkNames(SegmentList list) throws IOException {
        Map<Long, Segment> byBase = new TreeMap<>();
        list.asList().forEach(s -> byBase.put(s.baseOffset(), s));
        Set<Path> expected = new HashSet<>();
        for (Segment s : list.asList()) {
            expected.add(file(s, SegmentFiles.LOG));
            if (s != list.active()) {
                expected.add(file(s, SegmentFiles.INDEX));
                expected.add(file(s, SegmentFiles.TIME_INDEX));
            }
        }
        Set<Path> found = new HashSet<>(disk.list(log.directory()));
        for (Path p : expected) {
            is(found.remove(p), "%s is missing", p);
        }
        for (Path p : found) {
            if (!SegmentFiles.has(p, Suffix.DELETED)) {
                is(isHarmless(p, list.active()), "stray file %s", p);
            }
        }
    }

    /// What an orderly close or a roll that failed leaves behind.
    private boolean isHarmless(Path p, Segment active) throws IOException {
        if (p.equals(file(active, SegmentFiles.INDEX))
                || p.equals(file(active, SegmentFiles.TIME_INDEX))) {
            return true;
        }
        OptionalLong base = SegmentFiles.baseOffset(p, SegmentFiles.LOG, Suffix.LIVE);
        if (base.isEmpty()) {
            return false;
        }
        try (DiskFile f = disk.open(p, OpenMode.READ)) {
            return f.size() == 0;
        }
    }

    private Path file(Segment s, String kind) {
        return SegmentFiles.file(log.directory(), s.baseOffset(), kind, Suffix.LIVE);
    }

    /// Checks a data directory that was closed in an orderly way and is not in use: every state
    /// file can be read, every folder belongs to a topic, every file has a right name and holds
    /// whole batches of ascending offsets.
    public static void checkClosed(Disk disk, Path dataDir) {
        try {
            Path own = dataDir.resolve("lastword");
            Set<Path> folders = new HashSet<>(disk.list(dataDir.resolve("logs")));
            for (Path p : disk.list(own.resolve("topics"))) {
                Map<String, String> topic = StateFile.read(disk, p);
                int partitions = Integer.parseInt(topic.getOrDefault("partitions", "0"));
                for (int i = 0; i < partitions; i++) {
                    Path folder = dataDir.resolve("logs").resolve(topic.get("name") + "-" + i);
                    require(folders.remove(folder), "%s is missing", folder);
                    checkClosedLog(disk, folder);
                }
            }
            require(folders.isEmpty(), "folders of no topic: %s", folders);
            for (Path p : disk.list(own.resolve("partitions"))) {
                if (!p.toString().endsWith(".keys")) {
                    StateFile.read(disk, p);
                }
            }
            require(
                    disk.exists(own.resolve("clean-shutdown")),
                    "no word of an orderly stop in %s",
                    own);
            StateFile.read(disk, own.resolve("clean-shutdown"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkClosedLog(Disk disk, Path folder) throws IOException {
        long end = 0;
        for (Path p : disk.list(folder)) {
            boolean known = SegmentFiles.has(p, Suffix.DELETED);
            for (String kind : SegmentFiles.KINDS) {
                known |= SegmentFiles.baseOffset(p, kind, Suffix.LIVE).isPresent();
            }
            require(known, "stray file %s", p);
            OptionalLong base = SegmentFiles.baseOffset(p, SegmentFiles.LOG, Suffix.LIVE);
            if (base.isPresent()) {
                try (DiskFile f = disk.open(p, OpenMode.READ)) {
                    require(base.getAsLong() >= end || f.size() == 0, "%s begins below %s", p, end);
                    BatchScanner scanner =
                            new BatchScanner(f, 0, f.size(), ByteBuffer.allocate(BUFFER_BYTES));
                    while (scanner.next()) {
                        scanner.batch().ensureValid();
                        end = scanner.batch().nextOffset();
                    }
                }
            }
        }
    }

    private void is(boolean holds, String claim, Object... arguments) {
        require(holds, log.name() + ": " + claim, arguments);
    }

    private static void require(boolean holds, String claim, Object... arguments) {
        if (!holds) {
            throw new AssertionError(String.format(claim, arguments));
        }
    }

    private static String hex(byte[] key) {
        return java.util.HexFormat.of().formatHex(key == null ? new byte[0] : key);
    }

    private static byte[] bytes(String hex) {
        return java.util.HexFormat.of().parseHex(hex);
    }
}
