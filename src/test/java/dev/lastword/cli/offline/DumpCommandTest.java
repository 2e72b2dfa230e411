package dev.lastword.cli.offline;

import static dev.lastword.log.TestStore.bytes;
import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.RealDisk;
import dev.lastword.json.RecordJsonReader;
import dev.lastword.laws.TestClock;
import dev.lastword.log.AppendRequest;
import dev.lastword.log.Condition;
import dev.lastword.log.NewRecord;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import dev.lastword.record.Header;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DumpCommandTest {
    @TempDir private Path dir;

    private static Call dump(Object... arguments) {
        return Call.of(DumpCommand::new, arguments);
    }

    private Path log() {
        return dir.resolve("logs").resolve("t-0").resolve("00000000000000000000.log");
    }

    private void fill() {
        try (TestStore s = new TestStore(new RealDisk(), dir, new TestClock(1_000_000))) {
            PartitionLog log = s.create();
            put(log, "a", "one\nline");
            NewRecord odd =
                    new NewRecord(
                            new byte[] {-1, 0},
                            bytes("{\"x\":1}"),
                            5,
                            List.of(new Header("h", bytes("v")), new Header("n", null)));
            AppendRequest request = new AppendRequest(List.of(odd), Condition.NONE, null);
            log.append(request);
            request.result().join();
            put(log, "b", null);
        }
    }

    @Test
    void batches_records_and_headers_are_shown() {
        fill();
        Call call = dump(dir);
        assertEquals(0, call.exitCode(), call::toString);
        List<String> lines = call.lines();
        assertTrue(lines.get(0).startsWith(log() + ", "), call::out);
        assertTrue(lines.get(1).startsWith("batch 0 to 0: byte 0, "), call::out);
        assertTrue(lines.get(1).contains("1 record, none"), call::out);
        assertTrue(lines.get(1).endsWith("CRC ok"), call::out);
        assertEquals("  0  1970-01-01T00:16:40Z  a = one\\nline", lines.get(2));
        assertEquals("  1  1970-01-01T00:00:00.005Z  base64:/wA= = {\"x\":1}", lines.get(4));
        assertEquals("      h: v", lines.get(5));
        assertEquals("      n: null", lines.get(6));
        assertTrue(lines.get(8).endsWith("  b deleted"), call::out);
    }

    @Test
    void json_lines_are_records_as_the_service_takes_them() throws Exception {
        fill();
        Call call = dump("--json", log());
        assertEquals(0, call.exitCode(), call::toString);
        assertEquals(3, call.lines().size(), call::out);
        assertTrue(call.lines().getFirst().startsWith("{\"partition\":0,\"offset\":0"), call::out);
        byte[] line = bytes(call.lines().get(1));
        NewRecord read = new RecordJsonReader().read(line, 0, line.length);
        assertEquals(5, read.timestamp());
        assertEquals(2, read.headers().size());
    }

    @Test
    void batches_alone_are_shown_on_request() {
        fill();
        assertEquals(4, dump("--batches", dir).lines().size());
        List<String> lines = dump("--batches", "--json", dir).lines();
        assertEquals(3, lines.size());
        assertTrue(lines.get(2).contains("\"baseOffset\":2,\"lastOffset\":2,\"records\":1"));
    }

    @Test
    void a_delete_horizon_is_shown() throws Exception {
        try (TestStore s = new TestStore(new RealDisk(), dir, new TestClock(1_000_000))) {
            PartitionLog log = s.create("delete.retention.ms", "5000");
            put(log, "a", null);
            log.rollActive().join();
            CleanerSteps.clean(log, 1_000_000);
        }
        Call call = dump("--batches", dir);
        assertTrue(call.out().contains("delete horizon 1970-01-01T00:16:45Z"), call::out);
    }

    @Test
    void damage_is_shown_and_the_rest_behind_it_too() throws Exception {
        fill();
        try (RandomAccessFile f = new RandomAccessFile(log().toFile(), "rw")) {
            f.seek(66);
            f.write(77);
        }
        Call call = dump(log());
        assertEquals(1, call.exitCode());
        assertTrue(call.lines().get(1).startsWith("DAMAGED byte 0, "), call::out);
        assertTrue(call.out().contains("b deleted"), call::out);
        Call json = dump("--json", log());
        assertEquals(1, json.exitCode());
        assertEquals(2, json.lines().size());
        assertTrue(json.err().contains(log() + ":0: "), json::err);
    }

    @Test
    void index_and_state_files_are_shown() throws Exception {
        try (TestStore s = new TestStore(new RealDisk(), dir, new TestClock(1_000_000))) {
            for (int i = 0; i < 20; i++) {
                put(i == 0 ? s.create() : s.log(), "a", "x".repeat(1000));
                s.clock.step(1);
            }
            s.log().rollActive().join();
        }
        String base = log().toString().replace(".log", "");
        Call index = dump(base + ".index");
        assertEquals(0, index.exitCode(), index::toString);
        assertTrue(index.lines().getFirst().matches("offset \\d+ at byte \\d+"), index::out);
        Call times = dump("--json", base + ".timeindex");
        assertTrue(times.lines().getFirst().startsWith("{\"type\":\"time\""), times::out);
        Call store = dump(dir.resolve("lastword").resolve("store"));
        assertTrue(store.out().contains("format=1"), store::out);
        assertTrue(store.out().contains("secret.0=(not shown)"), store::out);
    }

    @Test
    void a_closed_pipe_ends_it_silently() throws Exception {
        fill();
        OutputStream closed =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
        Call call = Call.into(closed, DumpCommand::new, dir);
        assertEquals(new Call(0, "", ""), call);
    }

    @Test
    void what_is_not_there_exits_with_2() throws Exception {
        assertEquals(2, dump(dir.resolve("none")).exitCode());
        assertEquals(2, dump(dir).exitCode());
        Path binary = Files.write(dir.resolve("x"), new byte[] {0, 1});
        assertEquals(1, dump(binary).exitCode());
    }
}
