package dev.lastword.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.crash.Expected.TopicState;
import dev.lastword.crash.Expected.Write;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.AppendResult;
import dev.lastword.log.Checkpoints;
import dev.lastword.log.Condition;
import dev.lastword.log.DirectoryVerifier;
import dev.lastword.log.Finding;
import dev.lastword.log.LogChecker;
import dev.lastword.log.LogException;
import dev.lastword.log.LogFolders;
import dev.lastword.log.LogStore;
import dev.lastword.log.LogStoreOptions;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Topic;
import dev.lastword.read.Reads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A store on a disk that may stop at any operation, and what clients were told so far. Every call
/// ends, crash or not.
final class Machine {
    static final Path DIR = SimulatedDisk.MOUNT.resolve("data");

    final SimulatedDisk disk;
    final TestClock clock;
    final Expected expected;
    private final Reads reads = new Reads(0);
    private @Nullable LogStore store;
    private int values;

    Machine(SimulatedDisk disk, TestClock clock, Expected expected) {
        this.disk = disk;
        this.clock = clock;
        this.expected = expected;
    }

    LogStore store() {
        if (store == null) {
            throw new IllegalStateException("not open");
        }
        return store;
    }

    void open() {
        store = LogStore.open(disk, DIR, LogStoreOptions.defaults(), clock, e -> {});
    }

    /// Whatever a crash left, verifying the closed directory finds nothing that a start would not
    /// put right.
    void verify() throws IOException {
        if (!disk.exists(DIR)) {
            return;
        }
        LogFolders folders = LogFolders.of(disk, DIR);
        if (folders.kind() == LogFolders.Kind.LASTWORD) {
            List<Finding> problems = new ArrayList<>();
            DirectoryVerifier.verify(
                    disk,
                    folders,
                    f -> {
                        if (f.severity() == Finding.Severity.PROBLEM) {
                            problems.add(f);
                        }
                    },
                    (records, bytes) -> {});
            assertEquals(List.of(), problems);
        }
    }

    void close() {
        store().close();
        store = null;
    }

    /// Ends the threads of a store whose disk has stopped.
    void abandon() {
        disk.crash();
        if (store != null) {
            try {
                store.close();
            } catch (RuntimeException | Error e) {
                store = null; // the crash itself
            }
        }
    }

    // ---- what clients do

    void create(String name, int partitions, Map<String, String> config) {
        TopicState t = new TopicState(partitions);
        t.creating = true;
        expected.topics.put(name, t);
        store().create(name, partitions, config);
        t.creating = false;
    }

    void delete(String name) {
        expected.topics.get(name).deleting = true;
        store().delete(name);
        expected.topics.remove(name);
    }

    /// Writes that wait together; a value of null deletes.
    void write(String topicName, String... keys) throws InterruptedException {
        Topic topic = store().topic(topicName);
        TopicState t = expected.topics.get(topicName);
        List<AppendRequest> requests = new ArrayList<>();
        List<Write> writes = new ArrayList<>();
        for (String k : keys) {
            boolean delete = k.startsWith("-");
            boolean late = k.startsWith("~"); // older than what there is
            String key = delete || late ? k.substring(1) : k;
            String value = delete ? null : key + "#" + clock.millis() + "." + values++;
            writes.add(new Write(key, value, -1));
            requests.add(
                    new AppendRequest(
                            List.of(
                                    new NewRecord(
                                            bytes(key),
                                            value == null ? null : bytes(value + "x".repeat(80)),
                                            late ? 1 : NewRecord.NOW,
                                            List.of())),
                            Condition.NONE,
                            null));
        }
        for (AppendRequest r : requests) {
            try {
                topic.partitionFor(r.records().getFirst().key()).append(r);
            } catch (LogException e) {
                r.result().completeExceptionally(e);
            }
        }
        for (int i = 0; i < requests.size(); i++) {
            PartitionLog log = topic.partitionFor(bytes(writes.get(i).key()));
            AppendResult.Appended a = outcome(requests.get(i).result());
            if (keys[i].startsWith("~")) {
                if (a != null) {
                    assertEquals(1, a.superseded());
                    t.ends[log.partition()] = a.lastOffset() + 1;
                }
            } else if (a == null) {
                t.mayBe(writes.get(i));
            } else {
                Write w = writes.get(i);
                t.acknowledge(new Write(w.key(), w.value(), a.firstOffset()));
                t.ends[log.partition()] = a.lastOffset() + 1;
            }
        }
    }

    /// The answer to a write; null where a crash came first.
    private AppendResult.@Nullable Appended outcome(CompletableFuture<AppendResult> result)
            throws InterruptedException {
        try {
            CompletableFuture.anyOf(result, disk.crashed()).get(20, TimeUnit.SECONDS);
            return result.isDone() ? (AppendResult.Appended) result.get() : null;
        } catch (ExecutionException e) {
            assertTrue(disk.hasCrashed(), () -> "a write failed: " + e.getCause());
            return null;
        } catch (TimeoutException e) {
            throw new AssertionError("a write was never answered", e);
        }
    }

    void roll(String topic) {
        for (PartitionLog p : store().topic(topic).partitions()) {
            p.rollActive().join();
        }
    }

    void clean(String topic) throws IOException {
        for (PartitionLog p : store().topic(topic).partitions()) {
            CleanerSteps.unlink(p);
            CleanerSteps.cleanWorthwhile(p, clock.millis());
            CleanerSteps.clean(p, clock.millis());
        }
    }

    /// A checkpoint of each partition, with writes while its pages are copied.
    void checkpoint(String topicName, String... keys) throws IOException {
        for (PartitionLog p : store().topic(topicName).partitions()) {
            List<InterruptedException> failures = new ArrayList<>();
            Checkpoints.write(
                    p,
                    () -> {
                        try {
                            write(topicName, keys);
                        } catch (InterruptedException e) {
                            failures.add(e);
                        }
                    });
            assertEquals(List.of(), failures);
        }
    }

    void retain(String topic) throws IOException {
        TopicState t = expected.topics.get(topic);
        t.retaining = true;
        for (PartitionLog p : store().topic(topic).partitions()) {
            CleanerSteps.retain(p, clock.millis());
        }
        t.retaining = false;
        for (PartitionLog p : store().topic(topic).partitions()) {
            dropRetired(store().topic(topic), p, t);
        }
    }

    private static void dropRetired(Topic topic, PartitionLog p, TopicState t) {
        t.acknowledged
                .values()
                .removeIf(w ->
                        topic.partitionFor(bytes(w.key())) == p && w.offset() < p.startOffset());
    }

    // ---- what must hold after a crash

    /// Opens the store on what a crash left, looks at all of it, and takes over what it sees: from
    /// now on that is what must be there.
    void recover() {
        open();
        for (Topic topic : store().topics()) {
            for (PartitionLog p : topic.partitions()) {
                assertEquals(
                        PartitionState.ONLINE,
                        p.state(),
                        () -> "recovery_needs_no_operator: " + p.reason());
            }
            assertTrue(
                    expected.topics.containsKey(topic.name()),
                    "a_deleted_topic_stays_deleted " + topic.name());
        }
        for (String name : List.copyOf(expected.topics.keySet())) {
            TopicState t = expected.topics.get(name);
            Topic topic = store().find(name);
            if (topic == null) {
                assertTrue(t.creating || t.deleting, "a_created_topic_stays " + name);
                expected.topics.remove(name);
            } else {
                t.creating = false;
                t.deleting = false;
                verify(topic, t);
            }
        }
        LogChecker.check(disk, store());
    }

    private void verify(Topic topic, TopicState t) {
        assertEquals(t.partitions, topic.partitions().size());
        for (PartitionLog p : topic.partitions()) {
            assertTrue(
                    p.endOffset() >= t.ends[p.partition()],
                    () ->
                            "the_end_never_goes_back: "
                                    + p.endOffset()
                                    + " after "
                                    + t.ends[p.partition()]);
            t.ends[p.partition()] = p.endOffset();
        }
        for (String key : t.keys()) {
            Reads.Found found = reads.get(topic, bytes(key));
            Write last = t.acknowledged.get(key);
            List<Write> unknown = t.unknown.getOrDefault(key, List.of());
            Write seen = null;
            if (found != null) {
                String value = new String(found.record().value(), StandardCharsets.UTF_8);
                value = value.substring(0, value.length() - 80);
                seen = new Write(key, value, found.record().offset());
            }
            if (!isAllowed(t, seen, last, unknown)) {
                throw new AssertionError(
                        "nothing_acknowledged_is_lost_and_no_older_value_comes_back: "
                                + key
                                + " is "
                                + seen
                                + ", acknowledged "
                                + last
                                + ", unknown "
                                + unknown);
            }
            if (seen == null) {
                t.acknowledge(new Write(key, null, -1));
            } else {
                t.acknowledge(seen);
            }
        }
        t.retaining = false;
    }

    private static boolean isAllowed(
            TopicState t, @Nullable Write seen, @Nullable Write last, List<Write> unknown) {
        String value = seen == null ? null : seen.value();
        if (last == null ? value == null : java.util.Objects.equals(value, last.value())) {
            return last == null
                    || seen == null
                    || last.offset() < 0
                    || last.offset() == seen.offset();
        }
        for (Write w : unknown) {
            if (java.util.Objects.equals(value, w.value())) {
                return true;
            }
        }
        return t.retaining && seen == null;
    }

    /// Goes on with daily work: a write to each topic, a roll, a pass.
    void goOn() throws IOException, InterruptedException {
        for (Topic t : store().topics()) {
            write(t.name(), "k0", "k1", "-k2", "after");
            roll(t.name());
            write(t.name(), "after", "k3");
            clean(t.name());
            for (PartitionLog p : t.partitions()) {
                CleanerSteps.unlink(p);
            }
            verify(t, expected.topics.get(t.name()));
        }
        LogChecker.check(disk, store());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
