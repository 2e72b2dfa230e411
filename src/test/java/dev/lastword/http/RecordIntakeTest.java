package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.ingest.Ingest;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.json.NdjsonLines;
import dev.lastword.log.LogStore;
import dev.lastword.log.LogStoreOptions;
import dev.lastword.log.Topic;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordIntakeTest {
    private static final String RECORD =
            "{\"key\":\"k\",\"valueText\":\"" + "x".repeat(1000) + "\"}\n";

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final LogStore store =
            LogStore.open(
                    disk,
                    SimulatedDisk.MOUNT.resolve("data"),
                    LogStoreOptions.defaults(),
                    Clock.systemUTC(),
                    event -> {});
    private final Topic topic = store.create("t", 3, Map.of());

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void a_full_disk_is_told_with_the_first_line_that_is_not_stored() {
        disk.capacity(2 << 20);
        ProblemException e =
                assertThrows(
                        ProblemException.class,
                        () -> take("\n".repeat(5) + (RECORD.repeat(100) + "\n").repeat(100)));
        assertEquals(507, e.status());
        long accepted = (long) e.members().get("accepted");
        assertTrue(accepted > 100 && accepted < 2100, "accepted " + accepted);
        assertEquals(5 + accepted + accepted / 100 + 1, e.members().get("line"));
        long stored = topic.partitions().stream().mapToLong(p -> p.endOffset()).sum();
        assertEquals(accepted, stored, "one key, so one partition: exactly the prefix");
    }

    @Test
    void a_body_that_breaks_off_leaves_its_whole_lines_durable() {
        InputStream broken =
                new SequenceInputStream(
                        stream(RECORD.repeat(10) + "{\"key\":\"k\",\"value\":1"),
                        new InputStream() {
                            @Override
                            public int read() throws java.io.IOException {
                                throw new java.io.IOException("gone");
                            }
                        });
        ProblemException e = assertThrows(ProblemException.class, () -> take(broken));
        assertEquals(10L, e.members().get("accepted"));
        assertEquals(11L, e.members().get("line"));
        long stored = topic.partitions().stream().mapToLong(p -> p.endOffset()).sum();
        assertEquals(10, stored);
    }

    @Test
    void a_bad_first_record_opens_no_stream() {
        RecordIntake intake =
                new RecordIntake(
                        RecordIntake.Form.of(new NdjsonLines(stream("bad"), 1000)),
                        record -> {
                            throw new AssertionError("opened");
                        });
        assertThrows(ProblemException.class, intake::run);
    }

    private void take(String body) {
        take(stream(body));
    }

    private void take(InputStream body) {
        new RecordIntake(
                        RecordIntake.Form.of(new NdjsonLines(body, 10_000)),
                        record -> new Ingest().open(topic, null, null))
                .run();
    }

    private static InputStream stream(String body) {
        return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
    }
}
