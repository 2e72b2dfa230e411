package dev.lastword.cli.offline;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.RealDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.log.TestStore;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    @TempDir private Path dir;

    private static Call verify(Object... arguments) {
        return Call.of(VerifyCommand::new, arguments);
    }

    private Path log() {
        return dir.resolve("logs").resolve("t-0").resolve("00000000000000000000.log");
    }

    private void fill() {
        try (TestStore s = new TestStore(new RealDisk(), dir, new TestClock(1_000_000))) {
            put(s.create(), "a", "1");
            put(s.log(), "b", "2");
            put(s.log(), "a", "3");
        }
    }

    private void damage(long position) throws Exception {
        try (RandomAccessFile f = new RandomAccessFile(log().toFile(), "rw")) {
            f.seek(position);
            int b = f.read();
            f.seek(position);
            f.write(b ^ 4);
        }
    }

    @Test
    void a_sound_directory_exits_with_0_and_is_counted() {
        fill();
        Call call = verify(dir);
        assertEquals(0, call.exitCode(), call::toString);
        assertEquals("OK", call.lines().getLast());
        assertTrue(
                call.lines().getFirst().startsWith("1 partition, 1 segment, 3 batches, 3 records"),
                call::out);
    }

    @Test
    void a_problem_exits_with_1_and_is_told_with_file_position_and_offset() throws Exception {
        fill();
        damage(Files.size(log()) / 3 + 65); // in the second of three equal batches
        Call call = verify(dir);
        assertEquals(1, call.exitCode(), call::toString);
        String place = log() + ":" + Files.size(log()) / 3 + ":1: ";
        assertTrue(call.lines().getFirst().startsWith(place), call::out);
        assertTrue(call.out().contains("CRC"), call::out);
        assertEquals("1 problem found", call.lines().getLast());
    }

    @Test
    void findings_are_json_lines_on_request() throws Exception {
        fill();
        damage(65);
        Call call = verify("--json", dir);
        assertEquals(1, call.exitCode(), call::toString);
        assertTrue(
                call.lines()
                        .getFirst()
                        .startsWith(
                                "{\"type\":\"problem\",\"file\":\"" + log() + "\",\"position\":0"),
                call::out);
        assertTrue(
                call.lines().getLast().startsWith("{\"type\":\"summary\",\"sound\":false"),
                call::out);
    }

    @Test
    void what_cannot_be_checked_exits_with_2() throws Exception {
        assertEquals(2, verify().exitCode());
        assertEquals(2, verify(dir.resolve("none")).exitCode());
        assertEquals(2, verify(dir).exitCode());
        assertEquals(2, verify(Files.createFile(dir.resolve("file"))).exitCode());
        assertEquals(2, verify("--unknown", dir).exitCode());
        try (TestStore s = new TestStore(new RealDisk(), dir, new TestClock(1))) {
            put(s.create(), "a", "1");
            Call call = verify(dir);
            assertEquals(2, call.exitCode());
            assertTrue(call.err().contains("in use") || call.err().contains("lock"), call::err);
        }
        assertEquals(0, verify(dir).exitCode());
    }

    @Test
    void help_tells_the_exit_codes() {
        assertEquals(0, verify("--help").exitCode());
    }
}
