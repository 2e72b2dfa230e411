package dev.lastword.system;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.RealDisk;
import dev.lastword.laws.TestClock;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The commands that need no service, as they are shipped.
@Timeout(120)
class OfflineCommandsIT {
    private static final int RECORDS = 5000;

    @TempDir private Path folder;

    private record Outcome(int exitCode, String output) {}

    private static ProcessBuilder command(Object... arguments) {
        return Packaged.command(
                List.of(), List.of(arguments).stream().map(String::valueOf).toList());
    }

    private static Outcome run(Object... arguments) throws Exception {
        Process process = command(arguments).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    private Path data() {
        Path data = folder.resolve("data");
        try (TestStore s = new TestStore(new RealDisk(), data, new TestClock(1_700_000_000_000L))) {
            PartitionLog log = s.create("segment.bytes", "4096", "compression.type", "zstd");
            for (int i = 0; i < RECORDS; i++) {
                TestStore.send(log, "k" + i % 50, i % 97 == 0 ? null : i + "x".repeat(50));
            }
            put(log, "end", "1");
        }
        return data;
    }

    @Test
    void a_directory_is_verified_cleaned_and_dumped() throws Exception {
        Path data = data();
        Outcome verified = run("verify", data);
        assertEquals(0, verified.exitCode(), verified::output);
        assertTrue(verified.output().contains(" 5,001 records, "), verified::output);
        Outcome cleaned = run("clean", data, "--config", "delete.retention.ms=1000");
        assertEquals(0, cleaned.exitCode(), cleaned::output);
        assertTrue(cleaned.output().startsWith("t-0: "), cleaned::output);
        Outcome again = run("verify", data);
        assertEquals(0, again.exitCode(), again::output);
        assertTrue(!again.output().contains(" 5,001 records, "), again::output);
        Outcome dumped = run("dump", data.resolve("logs").resolve("t-0"));
        assertEquals(0, dumped.exitCode(), dumped::output);
        assertTrue(dumped.output().contains("  end = 1\n"), dumped::output);
    }

    /// The binary has a CRC-32C of its own.
    @Test
    void checksums_of_batches_of_any_length_are_those_that_the_JVM_computes() throws Exception {
        Path data = folder.resolve("data");
        int lengths = 300;
        try (TestStore s = new TestStore(new RealDisk(), data, new TestClock(1_700_000_000_000L))) {
            PartitionLog log = s.create();
            for (int length = 0; length < lengths; length++) {
                put(log, "k", "v".repeat(length));
            }
        }
        Outcome verified = run("verify", data);
        assertEquals(0, verified.exitCode(), verified::output);
        assertTrue(
                verified.output().contains(lengths + " batches, " + lengths + " records"),
                verified::output);
        Path segment = data.resolve("logs").resolve("t-0").resolve("00000000000000000000.log");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length - 1] ^= 1;
        Files.write(segment, bytes);
        Outcome damaged = run("verify", data);
        assertEquals(1, damaged.exitCode(), damaged::output);
        assertTrue(damaged.output().contains("CRC is "), damaged::output);
    }

    @Test
    void a_dump_compacts_to_the_last_record_of_each_key() throws Exception {
        Path records = folder.resolve("records.ndjson");
        Process dump =
                command("dump", "--json", data())
                        .redirectErrorStream(false)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .redirectOutput(records.toFile())
                        .start();
        assertEquals(0, dump.waitFor());
        assertEquals(RECORDS + 1, Files.readAllLines(records).size());
        Path compacted = folder.resolve("compacted.ndjson");
        Process compact =
                command("compact")
                        .redirectErrorStream(false)
                        .redirectError(folder.resolve("err").toFile())
                        .redirectInput(records.toFile())
                        .redirectOutput(compacted.toFile())
                        .start();
        assertEquals(0, compact.waitFor());
        assertEquals(51, Files.readAllLines(compacted).size());
        assertTrue(Files.readString(folder.resolve("err")).startsWith("5,001 records in, 51 out"));
    }

    @Test
    void a_dump_ends_silently_when_nobody_reads_on() throws Exception {
        Process dump = command("dump", data()).start();
        dump.getInputStream().read();
        dump.getInputStream().close();
        assertTrue(dump.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, dump.exitValue());
    }

    @Test
    void wrong_arguments_exit_with_2_and_help_with_0() throws Exception {
        assertEquals(2, run("verify", folder.resolve("none")).exitCode());
        assertEquals(2, run("clean").exitCode());
        Outcome help = run("help", "clean");
        assertEquals(0, help.exitCode());
        assertTrue(help.output().contains("--dry-run"), help::output);
    }
}
