package dev.lastword.cli.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactCommandTest {
    @TempDir private Path dir;

    private Call pipe(String in, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("--temp-dir", dir));
        all.addAll(List.of(arguments));
        byte[] bytes = in.getBytes(StandardCharsets.UTF_8);
        Call call =
                Call.of(
                        s -> new CompactCommand(s, new ByteArrayInputStream(bytes), null),
                        all.toArray());
        try (var left = Files.list(dir)) {
            assertEquals(List.of(), left.filter(p -> p.toString().contains("lastword")).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return call;
    }

    private Call file(String in, Object... arguments) throws IOException {
        Path file = Files.writeString(dir.resolve("in.ndjson"), in);
        try (FileChannel channel = FileChannel.open(file)) {
            return Call.of(
                    s -> new CompactCommand(s, new ByteArrayInputStream(new byte[0]), channel),
                    arguments);
        }
    }

    @Test
    void the_last_line_of_each_key_stays_as_it_is_and_in_order() throws IOException {
        String in =
                """
                {"key":"a","value":1}
                {"key":"b","value": {"x" : 1.0} }

                {"key":"a","valueText":"2","timestamp":5,"headers":{"h":"v"}}\r
                {"keyBase64":"Yw==","value":3}
                {"key":"c","value":4,"partition":0,"offset":7}\
                """;
        String out =
                """
                {"key":"b","value": {"x" : 1.0} }
                {"key":"a","valueText":"2","timestamp":5,"headers":{"h":"v"}}
                {"key":"c","value":4,"partition":0,"offset":7}
                """;
        for (Call call : List.of(pipe(in), file(in))) {
            assertEquals(0, call.exitCode(), call::toString);
            assertEquals(out, call.out());
            assertTrue(call.err().startsWith("5 records in, 3 out, 2 superseded"), call::err);
        }
    }

    @Test
    void a_deletion_is_the_last_word_and_goes_only_on_request() {
        String in =
                """
                {"key":"a","value":1}
                {"key":"a","value":null}
                {"key":"b","value":null}
                {"key":"b","value":2}
                """;
        assertEquals(
                "{\"key\":\"a\",\"value\":null}\n{\"key\":\"b\",\"value\":2}\n", pipe(in).out());
        Call call = pipe(in, "--drop-tombstones");
        assertEquals("{\"key\":\"b\",\"value\":2}\n", call.out());
        assertTrue(call.err().contains("1 deletions dropped"), call::err);
    }

    @Test
    void a_line_that_is_no_record_is_told_by_number_and_nothing_is_written() throws IOException {
        String in = "{\"key\":\"a\",\"value\":1}\n\n{\"key\":\"a\"\n{\"key\":\"b\",\"value\":1}\n";
        for (Call call : List.of(pipe(in), file(in))) {
            assertEquals(1, call.exitCode());
            assertEquals("", call.out());
            assertTrue(call.err().startsWith("lastword compact: Line 3: "), call::err);
        }
    }

    @Test
    void too_little_memory_is_told_in_one_line() {
        InputStream in =
                new InputStream() {
                    @Override
                    public int read() {
                        throw new OutOfMemoryError("Cannot reserve 8 bytes");
                    }
                };
        Call call = Call.of(s -> new CompactCommand(s, in, null), "--temp-dir", dir);
        assertEquals(1, call.exitCode(), call::toString);
        assertEquals("", call.out());
        assertEquals(1, call.err().lines().count(), call::err);
        assertTrue(
                call.err()
                        .startsWith(
                                "lastword compact: There is not enough memory: Cannot reserve 8"
                                        + " bytes. -Xmx"),
                call::err);
    }

    @Test
    void nothing_in_is_nothing_out() {
        assertEquals(0, pipe("").exitCode());
        assertEquals("", pipe("").out());
        assertEquals(2, pipe("", "--unknown").exitCode());
        assertEquals(2, pipe("", "--temp-dir", dir.resolve("none")).exitCode());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void it_keeps_what_a_map_keeps_and_parts_compact_to_the_whole(long seed) {
        Random random = new Random(Long.getLong("seed", seed));
        StringBuilder first = new StringBuilder();
        StringBuilder second = new StringBuilder();
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < 20_000; i++) {
            String key = "k" + random.nextInt(1 + random.nextInt(5000));
            String value = random.nextInt(5) == 0 ? "null" : "\"" + "x".repeat(random.nextInt(99));
            String line =
                    "{\"key\":\"%s\",\"value\":%s}"
                            .formatted(key, value.equals("null") ? value : value + i + "\"");
            (random.nextInt(20_000) > i ? first : second).append(line).append('\n');
        }
        String whole = first.toString() + second;
        whole.lines()
                .forEach(line -> {
                    String key = line.substring(0, line.indexOf(','));
                    map.remove(key);
                    map.put(key, line);
                });
        String compacted = pipe(whole).out();
        assertEquals(String.join("\n", map.values()) + "\n", compacted);
        String parts = pipe(first.toString()).out() + pipe(second.toString()).out();
        assertEquals(compacted, pipe(parts).out());
    }
}
