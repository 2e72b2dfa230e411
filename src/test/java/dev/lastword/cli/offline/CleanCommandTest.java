package dev.lastword.cli.offline;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.RealDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanCommandTest {
    private static final int RECORDS = 60;

    @TempDir private Path dir;

    private static Call clean(Object... arguments) {
        return Call.of(CleanCommand::new, arguments);
    }

    private TestStore store() {
        return new TestStore(
                new RealDisk(), dir.resolve("data"), new TestClock(System.currentTimeMillis()));
    }

    private void fill(TestStore s, String topic, String... settings) {
        PartitionLog log = s.createNamed(topic, settings);
        for (int i = 0; i < RECORDS; i++) {
            put(log, "k" + i % 5, i + "x".repeat(50));
        }
        log.rollActive().join();
        put(log, "last", "1");
    }

    private Path data() {
        return dir.resolve("data");
    }

    private String latest() {
        try (TestStore s = store()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 5; i++) {
                all.append(s.get("k" + i)).append(' ');
            }
            s.check();
            return all.append(s.get("last")).toString();
        }
    }

    @Test
    void a_data_directory_is_cleaned_verifies_and_serves_the_same_values() {
        try (TestStore s = store()) {
            fill(s, "t", "segment.bytes", "2048");
        }
        String before = latest();
        Call dry = clean(data(), "--dry-run");
        assertEquals(0, dry.exitCode(), dry::toString);
        assertTrue(dry.out().contains("if it were done"), dry::out);
        Call call = clean(data());
        assertEquals(0, call.exitCode(), call::toString);
        assertTrue(call.out().startsWith("t-0: "), call::out);
        assertTrue(call.out().contains("60 -> 5 records"), call::out);
        assertEquals(
                dry.lines().getFirst().replace(", if it were done", ""), call.lines().getFirst());
        Call verify = Call.of(VerifyCommand::new, data());
        assertEquals(0, verify.exitCode(), verify::toString);
        assertEquals(before, latest());
    }

    @Test
    void topics_are_chosen_by_name_and_by_what_is_known_of_their_policy() {
        try (TestStore s = store()) {
            fill(s, "a");
            fill(s, "b");
            fill(s, "c", "cleanup.policy", "delete");
        }
        Call one = clean("--topic", "b", data());
        assertEquals(0, one.exitCode(), one::toString);
        assertEquals(2, one.lines().size(), one::out);
        assertTrue(one.out().startsWith("b-0: "), one::out);
        Call all = clean(data());
        assertEquals(0, all.exitCode(), all::toString);
        assertTrue(all.err().contains("skipped c-0: its cleanup.policy is delete"), all::err);
        assertTrue(all.out().contains("2 partitions: "), all::out);
        Call forced = clean(data(), "--topic", "c", "--config", "cleanup.policy=compact");
        assertTrue(forced.out().contains("60 -> 5 records"), forced::toString);
        assertEquals(2, clean(data(), "--topic", "none").exitCode());
    }

    @Test
    void a_brokers_directory_is_cleaned_only_by_topic() throws IOException {
        try (TestStore s = store()) {
            fill(s, "a");
        }
        Path broker = Files.createDirectory(dir.resolve("broker"));
        Files.move(data().resolve("logs").resolve("a-0"), broker.resolve("a-0"));
        Files.createDirectory(broker.resolve("b-0.0123-delete"));
        Files.writeString(broker.resolve("meta.properties"), "version=1\n");
        Files.writeString(
                broker.resolve(".kafka_cleanshutdown"), "{\"version\":0,\"brokerEpoch\":1}");
        Call call = clean(broker);
        assertEquals(2, call.exitCode(), call::toString);
        assertTrue(call.err().contains("--topic; there are a."), call::err);
        assertTrue(call.err().contains("skipped b-0.0123-delete"), call::err);
        Call named = clean(broker, "--topic", "a");
        assertEquals(0, named.exitCode(), named::toString);
        assertTrue(named.out().contains("60 -> 5 records"), named::out);
        Files.delete(broker.resolve(".kafka_cleanshutdown"));
        Call unclean = clean(broker.resolve("a-0"));
        assertEquals(1, unclean.exitCode(), unclean::toString);
        assertTrue(unclean.err().contains("did not stop in order"), unclean::err);
    }

    @Test
    void settings_are_checked_by_name_and_value() {
        try (TestStore s = store()) {
            fill(s, "t");
        }
        Call unknown = clean(data(), "--config", "retention.ms=1");
        assertEquals(2, unknown.exitCode());
        assertTrue(unknown.err().contains("'retention.ms' is no setting"), unknown::err);
        Call bad = clean("--config", "delete.retention.ms=5", "segment.bytes=x", data());
        assertEquals(2, bad.exitCode());
        assertTrue(bad.err().contains("'x' is no value for segment.bytes"), bad::err);
        assertEquals(2, clean(data(), "--config", "segment.index.bytes=0").exitCode());
        assertEquals(2, clean(data(), "--config", "nonsense").exitCode());
        Call lag = clean(data(), "--config", "min.compaction.lag.ms=86400000");
        assertEquals(0, lag.exitCode(), lag::toString);
        assertTrue(lag.out().contains("nothing to clean"), lag::out);
    }

    @Test
    void a_directory_in_use_is_refused() {
        try (TestStore s = store()) {
            fill(s, "t");
            Call call = clean(data());
            assertEquals(1, call.exitCode(), call::toString);
            assertEquals("", call.out());
            assertEquals(1, clean(data().resolve("logs").resolve("t-0")).exitCode());
        }
    }

    @Test
    void what_is_no_log_directory_exits_with_2() throws IOException {
        assertEquals(2, clean().exitCode());
        assertEquals(2, clean(dir).exitCode());
        assertEquals(2, clean(dir.resolve("none")).exitCode());
    }

    @Test
    void a_damaged_partition_is_refused_and_the_others_are_cleaned() throws IOException {
        try (TestStore s = store()) {
            fill(s, "a");
            fill(s, "b");
        }
        Path log = data().resolve("logs").resolve("a-0").resolve("00000000000000000000.log");
        byte[] bytes = Files.readAllBytes(log);
        bytes[100] ^= 1;
        Files.write(log, bytes);
        Call call = clean(data());
        assertEquals(1, call.exitCode(), call::toString);
        assertTrue(call.out().startsWith("b-0: "), call::out);
        assertTrue(call.err().contains("a-0"), call::err);
    }
}
