package dev.lastword.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.Cleaner;
import dev.lastword.cleaner.CleanerOptions;
import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.cleaner.CompactionReport;
import dev.lastword.ingest.Ingest;
import dev.lastword.ingest.IngestStream;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.laws.Model.Rec;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.AppendResult;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.Checkpoints;
import dev.lastword.log.Condition;
import dev.lastword.log.LogChecker;
import dev.lastword.log.LogException;
import dev.lastword.log.LogStore;
import dev.lastword.log.LogStoreOptions;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Segment;
import dev.lastword.log.Topic;
import dev.lastword.read.Reads;
import dev.lastword.read.Snapshot;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A store with one topic, what it must hold ([Model], one for each partition), and the steps that
/// change both. Every step checks what it can; a failed law is an [AssertionError] that begins with
/// its name.
final class World implements AutoCloseable {
    private static final Path DIR = SimulatedDisk.MOUNT.resolve("data");
    private static final String TOPIC = "laws";
    private static final int KEYS = 14;

    private static final List<Map<String, String>> CONFIGS =
            List.of(
                    Map.of("segment.bytes", "1024"),
                    Map.of("segment.bytes", "3000"),
                    Map.of("segment.bytes", "20000"),
                    Map.of("delete.retention.ms", "0"),
                    Map.of("delete.retention.ms", "1000"),
                    Map.of("delete.retention.ms", "50"),
                    Map.of("min.compaction.lag.ms", "0"),
                    Map.of("min.compaction.lag.ms", "700"),
                    Map.of("compression.type", "none"),
                    Map.of("compression.type", "lz4"),
                    Map.of("compression.type", "zstd"),
                    Map.of("acks", "written"),
                    Map.of("acks", "flushed"),
                    Map.of("file.delete.delay.ms", "0"),
                    Map.of("file.delete.delay.ms", "500"),
                    Map.of("cleanup.policy", "compact"),
                    Map.of("cleanup.policy", "compact"),
                    Map.of("cleanup.policy", "compact"),
                    Map.of("cleanup.policy", "compact,delete", "retention.ms", "3000"),
                    Map.of("cleanup.policy", "compact,delete", "retention.bytes", "4000"),
                    Map.of("cleanup.policy", "delete", "retention.ms", "2000"),
                    Map.of("retention.ms", "-1", "retention.bytes", "-1"),
                    Map.of("min.cleanable.dirty.ratio", "0.1"),
                    Map.of("segment.ms", "2000", "segment.jitter.ms", "100"),
                    Map.of("segment.ms", "604800000"));

    private final TestClock clock = new TestClock(1_000_000);
    private SimulatedDisk disk;
    private LogStore store;
    private Topic topic;
    private List<Model> models = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private final Ingest ingest = new Ingest();
    private final Reads reads = new Reads(0);

    /// So small that it forgets, and it outlives the logs.
    private final Reads remembering = new Reads(4 << 10);

    private final String strategy;
    private int values;

    /// An open snapshot and what was live in each partition when it began.
    private record Held(
            Snapshot snapshot, Topic topic, List<Model> models, List<Map<String, Rec>> live) {}

    World(long seed) {
        disk = new SimulatedDisk(seed);
        strategy =
                List.of("offset", "timestamp", "header:v").get((int) Math.floorMod(seed / 3, 3L));
        store = open();
        topic = create(1 + (int) Math.floorMod(seed, 3L));
    }

    private LogStore open() {
        return LogStore.open(disk, DIR, LogStoreOptions.defaults(), clock, e -> {});
    }

    private Topic create(int partitions) {
        Topic t =
                store.create(
                        TOPIC,
                        partitions,
                        Map.of(
                                "segment.bytes",
                                "2000",
                                "delete.retention.ms",
                                "200",
                                "compaction.strategy",
                                strategy));
        models = new ArrayList<>();
        for (int p = 0; p < partitions; p++) {
            models.add(new Model());
        }
        return t;
    }

    void run(Op op) throws Exception {
        switch (op.kind()) {
            case PUT -> write(List.of(op(op.a(), false, op.b())), Condition.NONE);
            case DELETE -> write(List.of(op(op.a(), true, op.b())), Condition.NONE);
            case CONDITIONAL -> conditional(op);
            case BATCH -> batch(op);
            case AT_ONCE -> atOnce(op);
            case STREAM -> stream(op);
            case ROLL -> partition(op.a()).rollActive().get(10, TimeUnit.SECONDS);
            case CLEAN -> clean(op.a());
            case CLEAN_WHILE_WRITING -> cleanWhileWriting(op);
            case CLEAN_BY_THREADS -> cleanByThreads();
            case RETAIN -> retain(partition(op.a()));
            case CONFIGURE -> configure(CONFIGS.get(op.a() % CONFIGS.size()));
            case CLOCK -> clock.step(op.a() % 5 == 0 ? -(op.b() % 400) : op.b() % 900);
            case CHECKPOINT -> checkpoint(op);
            case RESTART -> restart();
            case KILL -> kill(op.a());
            case RECREATE -> recreate(op);
            case SNAPSHOT_OPEN -> openSnapshot();
            case SNAPSHOT_READ -> readSnapshot();
            case READ -> check();
        }
        for (PartitionLog p : topic.partitions()) {
            assertEquals(PartitionState.ONLINE, p.state(), p::reason);
            Model m = models.get(p.partition());
            assertEquals(m.end, p.endOffset(), "the_end_never_goes_back_nor_jumps");
        }
    }

    private void configure(Map<String, String> settings) {
        if (!strategy.equals("offset")
                && settings.getOrDefault("cleanup.policy", "").contains("delete")) {
            assertThrows(LogException.InvalidConfig.class, () -> store.configure(TOPIC, settings));
        } else {
            topic = store.configure(TOPIC, settings);
        }
    }

    private PartitionLog partition(int n) {
        return topic.partition(n % topic.partitions().size());
    }

    // ---- writing

    private NewRecord op(int key, boolean delete, int shape) {
        byte[] k = bytes("k" + key % KEYS);
        if (delete) {
            return new NewRecord(k, null, timestamp(shape), headers(shape));
        }
        String padding = "x".repeat(shape % 50 == 0 ? 1500 : shape % 120);
        return new NewRecord(k, bytes("v" + values++ + padding), timestamp(shape), headers(shape));
    }

    /// A version that rises now and then, most often the same, sometimes lower, in either form.
    private List<Header> headers(int shape) {
        if (!strategy.startsWith("header")) {
            return List.of();
        }
        long version = values / 8 - (shape % 7 == 0 ? shape % 9 : 0);
        byte[] value =
                shape % 2 == 0
                        ? bytes(Long.toString(version))
                        : ByteBuffer.allocate(8).putLong(version).array();
        return List.of(new Header("v", value));
    }

    private long version(NewRecord r, long timestamp) {
        return switch (strategy) {
            case "offset" -> 0;
            case "timestamp" -> timestamp;
            default -> {
                byte[] v = r.headers().getFirst().value();
                yield v.length == 8 && v[0] <= 0
                        ? ByteBuffer.wrap(v).getLong()
                        : Long.parseLong(text(v));
            }
        };
    }

    /// Adds a record that was acknowledged to what must be there; whether it was late.
    private boolean add(Model m, NewRecord r) {
        long t = r.timestamp() == NewRecord.NOW ? clock.millis() : r.timestamp();
        long version = version(r, t);
        boolean late = m.isLate(text(r.key()), version);
        m.add(
                new Rec(m.end, text(r.key()), text(r.value()), t),
                version,
                strategy.equals("timestamp") ? null : t);
        return late;
    }

    /// Keys whose tombstones a pass dropped are absent, so that an older event can revive them.
    private void forgetDropped(PartitionLog log) throws IOException {
        Model m = models.get(log.partition());
        TreeMap<Long, Long> left = scan(log);
        for (Rec r : List.copyOf(m.latest.values())) {
            if (r.isTombstone() && !left.containsKey(r.offset())) {
                m.forget(r);
            }
        }
    }

    private long timestamp(int shape) {
        return switch (shape % 11) {
            case 0 -> 0;
            case 1 -> clock.millis() - 5_000;
            case 2 -> clock.millis() + 300;
            default -> NewRecord.NOW;
        };
    }

    private void write(List<NewRecord> records, Condition condition) throws Exception {
        PartitionLog log = topic.partitionFor(records.getFirst().key());
        AppendRequest request = new AppendRequest(records, condition, null);
        log.append(request);
        settle(log, request);
    }

    /// Waits for a write and holds its outcome against the model.
    private void settle(PartitionLog log, AppendRequest request) throws Exception {
        Model m = models.get(log.partition());
        AppendResult result = request.result().get(10, TimeUnit.SECONDS);
        String key = text(request.records().getFirst().key());
        long before = m.liveOffset(key);
        if (!m.holds(request.condition(), key)) {
            assertEquals(
                    new AppendResult.ConditionFailed(before),
                    result,
                    "a_condition_that_does_not_hold_stores_nothing");
            return;
        }
        long first = m.end;
        long last = first;
        int late = 0;
        if (result instanceof AppendResult.Appended a && a.superseded() == 0) {
            forgetDropped(log); // in the middle of a pass the key may be forgotten already
        }
        for (NewRecord r : request.records()) {
            last = m.end;
            late += add(m, r) ? 1 : 0;
        }
        assertEquals(
                new AppendResult.Appended(
                        first,
                        last,
                        m.acknowledged.get(last).timestamp(),
                        request.records().size() == 1 && before < 0 && late == 0,
                        late),
                result,
                "a_write_gets_the_next_offsets");
        checkKey(log, key);
    }

    private void conditional(Op op) throws Exception {
        NewRecord r = op(op.a(), op.b() % 5 == 0, op.b());
        write(List.of(r), condition(r, op.c()));
    }

    private Condition condition(NewRecord r, int choice) {
        Model m = models.get(topic.partitionFor(r.key()).partition());
        long at = m.liveOffset(text(r.key()));
        return switch (choice % 5) {
            case 0 -> new Condition.IfAbsent();
            case 1 -> new Condition.IfPresent();
            case 2 -> new Condition.IfOffset(Set.of(at < 0 ? 5 : at, 1_000_000L));
            case 3 -> new Condition.IfOffset(Set.of(Math.max(0, m.end - 2)));
            default -> new Condition.IfOffset(Set.of());
        };
    }

    /// A write of several records for one partition.
    private void batch(Op op) throws Exception {
        List<NewRecord> records = new ArrayList<>();
        int p = -1;
        for (int i = 0; i < 2 + op.b() % 20; i++) {
            NewRecord r = op(op.a() + i * (1 + op.c() % 3), (op.c() + i) % 6 == 0, op.b() + i);
            int to = topic.partitionFor(r.key()).partition();
            if (p < 0 || p == to) {
                p = to;
                records.add(r);
            }
        }
        write(records, Condition.NONE);
    }

    /// Several writes that wait together, and so may share a group; two with `If-None-Match: *`.
    private void atOnce(Op op) throws Exception {
        List<AppendRequest> requests = new ArrayList<>();
        List<PartitionLog> logs = new ArrayList<>();
        for (int i = 0; i < 3 + op.b() % 6; i++) {
            NewRecord r = op(op.a() + i / 3, (op.c() + i) % 4 == 0, op.b() + i);
            Condition c = i < 3 ? new Condition.IfAbsent() : condition(r, op.c() + i);
            AppendRequest request = new AppendRequest(List.of(r), c, null);
            requests.add(request);
            logs.add(topic.partitionFor(r.key()));
            logs.getLast().append(request);
        }
        for (int i = 0; i < requests.size(); i++) {
            Model m = models.get(logs.get(i).partition());
            requests.get(i).result().get(10, TimeUnit.SECONDS);
            boolean latestOfItsKey = true;
            for (int j = i + 1; j < requests.size(); j++) {
                latestOfItsKey &= logs.get(j) != logs.get(i);
            }
            if (latestOfItsKey) {
                settle(logs.get(i), requests.get(i));
            } else {
                settleBlindly(m, requests.get(i));
            }
        }
    }

    /// As [#settle] where later writes of the same keys are done already.
    private void settleBlindly(Model m, AppendRequest request) throws Exception {
        AppendResult result = request.result().get(10, TimeUnit.SECONDS);
        NewRecord r = request.records().getFirst();
        long before = m.liveOffset(text(r.key()));
        if (m.holds(request.condition(), text(r.key()))) {
            long offset = m.end;
            boolean late = add(m, r);
            long t = m.acknowledged.get(offset).timestamp();
            assertEquals(
                    new AppendResult.Appended(offset, offset, t, before < 0 && !late, late ? 1 : 0),
                    result,
                    "two_if_none_match_star_in_one_group_one_wins");
        } else {
            assertEquals(
                    new AppendResult.ConditionFailed(before),
                    result,
                    "two_if_none_match_star_in_one_group_one_wins");
        }
    }

    private void stream(Op op) throws Exception {
        IngestStream stream = ingest.open(topic, null, null);
        int count = 1 + op.b() % 60;
        for (int i = 0; i < count; i++) {
            NewRecord r = op(op.a() + i, (op.c() + i) % 7 == 0, op.b() + i);
            stream.add(r);
            Model m = models.get(topic.partitionFor(r.key()).partition());
            add(m, r);
            if (i % 13 == 12) {
                assertEquals(i + 1, stream.flush());
            }
        }
        assertEquals(count, stream.finish().count());
    }

    // ---- cleaning

    private void clean(int n) throws IOException {
        if (!topic.config().compacts()) {
            return;
        }
        PartitionLog log = partition(n);
        log.flush().join();
        long nowMs = clock.millis();
        if (models.get(log.partition()).acknowledged.size() % 2 == 0) {
            CleanerSteps.cleanWorthwhile(log, nowMs);
        }
        TreeMap<Long, Long> before = scan(log);
        long end = CleanerSteps.cleanableEnd(log, nowMs);
        long retentionMs = log.config().deleteRetentionMs();
        Map<String, Rec> latest = new HashMap<>(models.get(log.partition()).latest);
        CleanerSteps.clean(log, nowMs);
        long rolledTo = CleanerSteps.cleanableEnd(log, nowMs); // by the clock, before the pass
        TreeMap<Long, Long> after = scan(log);
        forgetDropped(log);
        before.forEach((offset, horizon) -> {
            Rec r = models.get(log.partition()).acknowledged.get(offset);
            boolean wasLatest = r.equals(latest.get(r.key()));
            boolean kept = after.containsKey(offset);
            if (offset >= rolledTo) {
                assertTrue(kept, "what_may_not_be_cleaned_stays " + r);
            } else if (offset >= end) {
                assertTrue(kept || !wasLatest || r.isTombstone(), "no_last_record_goes " + r);
            } else if (!wasLatest) {
                assertTrue(!kept, "cleaning_leaves_nothing_superseded " + r);
            } else if (!r.isTombstone()) {
                assertTrue(kept, "cleaning_keeps_the_last_record_of_every_key " + r);
            } else if (horizon < 0) {
                assertTrue(kept, "a_tombstone_without_a_horizon_is_never_dropped " + r);
                assertEquals(
                        nowMs + retentionMs,
                        after.get(offset),
                        "a_tombstone_that_hides_nothing_any_more_gets_its_horizon");
            } else if (horizon > nowMs) {
                assertEquals(horizon, after.get(offset), "a_horizon_is_never_moved");
            } else {
                assertTrue(!kept, "a_tombstone_goes_after_its_horizon " + r);
            }
        });
    }

    private void cleanWhileWriting(Op op) throws Exception {
        if (!topic.config().compacts()) {
            return;
        }
        int[] batches = {0};
        PartitionLog log = partition(op.a());
        List<Exception> failures = new ArrayList<>();
        log.flush().join();
        TreeMap<Long, Long> before = scan(log);
        long nowMs = clock.millis();
        Map<String, Rec> latest = new HashMap<>(models.get(log.partition()).latest);
        long end = CleanerSteps.cleanableEnd(log, nowMs);
        CleanerSteps.clean(
                log,
                nowMs,
                () -> {
                    try {
                        if (batches[0]++ < 30) {
                            int key = op.b() + 5 * batches[0];
                            boolean delete = (op.c() + batches[0]) % 3 == 0;
                            write(List.of(op(key, delete, op.c() + batches[0])), Condition.NONE);
                            if (batches[0] % 8 == op.b() % 8) {
                                Checkpoints.write(log, () -> {});
                            }
                        }
                    } catch (Exception e) {
                        failures.add(e);
                    }
                });
        assertTrue(failures.isEmpty(), failures::toString);
        TreeMap<Long, Long> after = scan(log);
        forgetDropped(log);
        before.forEach((offset, horizon) -> {
            Rec r = models.get(log.partition()).acknowledged.get(offset);
            if (!r.equals(models.get(log.partition()).latest.get(r.key()))) {
                boolean old = !r.equals(latest.get(r.key()));
                assertTrue(
                        !old || offset >= end || !after.containsKey(offset),
                        "cleaning_leaves_nothing_superseded " + r);
            } else if (!r.isTombstone() || horizon < 0 || horizon > nowMs) {
                assertTrue(
                        after.containsKey(offset),
                        "cleaning_keeps_the_last_record_of_every_key " + r);
            }
        });
        LogChecker.check(disk, store);
    }

    private void cleanByThreads() throws Exception {
        if (!topic.config().compacts()) {
            return;
        }
        try (Cleaner cleaner =
                new Cleaner(store, new CleanerOptions(2, 60_000, 0), clock, e -> {})) {
            cleaner.start();
            CompactionReport report = cleaner.request(topic).done().get(10, TimeUnit.SECONDS);
            assertEquals(CompactionReport.State.DONE, report.state(), report::toString);
        }
        for (PartitionLog p : topic.partitions()) {
            adoptStart(p);
            forgetDropped(p);
        }
        check();
    }

    private void retain(PartitionLog log) throws IOException {
        CleanerSteps.retain(log, clock.millis());
        CleanerSteps.unlink(log);
        adoptStart(log);
    }

    /// Takes the start of the log over, if retention had the right to move it.
    private void adoptStart(PartitionLog log) {
        Model m = models.get(log.partition());
        long start = log.startOffset();
        assertTrue(start >= m.start, "the_start_never_goes_back");
        long retentionMs = log.config().retentionMs();
        if (start > m.start && log.config().retentionBytes() < 0) {
            for (Rec r : m.live().values()) {
                assertTrue(
                        r.offset() >= start
                                || (retentionMs >= 0
                                        && r.timestamp() < clock.millis() - retentionMs),
                        "retention_takes_only_what_is_older " + r);
            }
        }
        assertTrue(start == m.start || log.config().deletes(), "policy_compact_deletes_nothing");
        m.start = start;
    }

    // ---- life and death

    /// Writes a checkpoint of a partition, with a write behind each of its pages.
    private void checkpoint(Op op) throws Exception {
        List<Exception> failures = new ArrayList<>();
        Checkpoints.write(
                partition(op.a()),
                () -> {
                    try {
                        write(List.of(op(op.b(), op.c() % 3 == 0, op.c())), Condition.NONE);
                    } catch (Exception e) {
                        failures.add(e);
                    }
                });
        assertTrue(failures.isEmpty(), failures::toString);
    }

    private void restart() {
        store.close();
        LogChecker.checkClosed(disk, DIR);
        store = open();
        topic = store.topic(TOPIC);
        LogChecker.check(disk, store);
    }

    /// The process is killed, and perhaps the power fails with it; what was written without a flush
    /// may go.
    private void kill(int choice) {
        closeSnapshots();
        for (PartitionLog p : topic.partitions()) {
            p.flush().join();
        }
        SimulatedDisk before = disk;
        disk =
                choice % 3 == 0
                        ? before.killed()
                        : choice % 3 == 1
                                ? before.withOnlySynced()
                                : before.afterCrash(new java.util.Random(choice));
        bury(store);
        store = open();
        topic = store.topic(TOPIC);
        LogChecker.check(disk, store);
    }

    /// Ends the threads of a store whose disk is gone.
    private static void bury(LogStore dead) {
        try {
            dead.close();
        } catch (RuntimeException | Error e) {
            return; // the crash itself
        }
    }

    private void recreate(Op op) {
        store.delete(TOPIC);
        assertNull(store.find(TOPIC));
        topic = create(1 + op.a() % 3);
    }

    // ---- reading

    private void openSnapshot() {
        if (held.size() > 2) {
            readSnapshot();
        }
        List<Map<String, Rec>> live = new ArrayList<>();
        models.forEach(m -> live.add(m.live()));
        held.add(new Held(reads.snapshot(topic, null), topic, models, live));
    }

    private void closeSnapshots() {
        held.forEach(h -> h.snapshot.close());
        held.clear();
    }

    private void readSnapshot() {
        if (held.isEmpty()) {
            return;
        }
        Held h = held.removeFirst();
        List<Map<String, Rec>> found = new ArrayList<>();
        h.models.forEach(m -> found.add(new HashMap<>()));
        long[] previous = new long[h.models.size()];
        try (Snapshot snapshot = h.snapshot) {
            Snapshot.SnapshotRecord s;
            while ((s = snapshot.next()) != null) {
                Model m = h.models.get(s.partition());
                Rec r = rec(s.record());
                assertEquals(m.acknowledged.get(r.offset()), r, "a_snapshot_holds_true_records");
                assertTrue(
                        r.offset() >= previous[s.partition()]
                                && r.offset() < snapshot.offsets().next().get(s.partition()),
                        "a_snapshot_is_in_log_order_and_ends_at_its_vector");
                previous[s.partition()] = r.offset() + 1;
                found.get(s.partition()).put(r.key(), r);
            }
        }
        for (int p = 0; p < h.models.size(); p++) {
            Model m = h.models.get(p);
            Map<String, Rec> live = h.live.get(p);
            for (Rec r : live.values()) {
                assertEquals(
                        r,
                        found.get(p).get(r.key()),
                        "a_snapshot_holds_every_key_live_at_its_moment");
            }
            for (Rec r : found.get(p).values()) {
                assertTrue(
                        live.containsKey(r.key()) || r.isTombstone(),
                        "a_snapshot_holds_no_deleted_key " + r);
            }
        }
    }

    /// Every law that can be checked at any moment, on all of the topic.
    void check() throws Exception {
        for (PartitionLog log : topic.partitions()) {
            Model m = models.get(log.partition());
            for (int k = 0; k < KEYS; k++) {
                if (topic.partitionFor(bytes("k" + k)) == log) {
                    checkKey(log, "k" + k);
                }
            }
            checkPages(log, m);
            assertEquals(m.live().size(), log.stats().liveKeys(), "live keys");
        }
        openSnapshot();
        held.addFirst(held.removeLast());
        readSnapshot();
        LogChecker.check(disk, store);
    }

    private void checkKey(PartitionLog log, String key) {
        Rec expected = models.get(log.partition()).live(key);
        Reads.Found found = reads.get(topic, bytes(key));
        if (expected == null) {
            assertNull(found, "a_deleted_key_never_comes_back");
        } else {
            assertNotNull(found, "cleaning_keeps_the_last_record_of_every_key " + expected);
            assertEquals(expected, rec(found.record()), "a_reader_gets_the_latest");
        }
        Reads.Found remembered = remembering.cached(topic, bytes(key));
        if (remembered != null) {
            assertEquals(found, remembered, "what_is_remembered_is_the_latest");
        }
        assertEquals(found, remembering.get(topic, bytes(key)), "a_reader_gets_the_latest");
    }

    private void checkPages(PartitionLog log, Model m) {
        TreeMap<Long, Rec> seen = new TreeMap<>();
        long next = log.startOffset();
        while (next < m.end) {
            Reads.RecordPage page = reads.page(topic, log.partition(), next, 7, 900);
            assertTrue(page.nextOffset() > next, "a_page_goes_forward");
            for (LogRecord r : page.records()) {
                assertTrue(r.offset() >= next, "a_page_is_in_order");
                seen.put(r.offset(), rec(r));
                next = r.offset() + 1;
            }
            assertTrue(page.nextOffset() >= next, "a_page_is_in_order");
            next = page.nextOffset();
        }
        for (Rec r : seen.values()) {
            assertEquals(m.acknowledged.get(r.offset()), r, "offsets_never_change");
        }
        for (Rec r : m.live().values()) {
            assertEquals(r, seen.get(r.offset()), "cleaning_keeps_the_last_record_of_every_key");
        }
    }

    /// The offsets of all records with the delete horizon of their batch, read batch by batch.
    private TreeMap<Long, Long> scan(PartitionLog log) throws IOException {
        TreeMap<Long, Long> found = new TreeMap<>();
        for (Segment s : log.segments().asList()) {
            BatchScanner scanner = s.scanFrom(s.baseOffset(), ByteBuffer.allocate(10_000));
            while (scanner.next()) {
                RecordCursor c = scanner.batch().cursor();
                while (c.next()) {
                    found.put(c.offset(), scanner.batch().deleteHorizonMs());
                }
            }
        }
        return found;
    }

    @Override
    public void close() {
        closeSnapshots();
        store.close();
        LogChecker.checkClosed(disk, DIR);
    }

    /// Ends the threads after a failure.
    void abandon() {
        try {
            disk.crash();
            bury(store);
        } catch (RuntimeException e) {
            return;
        }
    }

    private static Rec rec(LogRecord r) {
        return new Rec(r.offset(), text(r.key()), text(r.value()), r.timestamp());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
