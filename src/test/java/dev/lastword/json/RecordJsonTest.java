package dev.lastword.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.log.NewRecord;
import dev.lastword.log.ValueFormat;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordJsonTest {
    private static final Header JSON_TYPE = header("content-type", "application/json");

    private final RecordJsonReader reader = new RecordJsonReader();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "1.0",
                "-0",
                "1e400",
                "1E+2",
                "true",
                "false",
                "\"\"",
                "\"a\\u0041\\n\"",
                "{}",
                "[]",
                "{ \"a\" :\t[1, 2 ,3 ], \"b\":null }",
                "\"ü😀\"",
                "\"\\ud800\"",
                "123456789012345678901234567890.12345678901234567890"
            })
    void a_json_value_is_kept_as_its_text_as_sent(String value) throws Exception {
        for (String after : List.of("", " ", "\t\n")) {
            NewRecord record = read("{\"key\":\"k\", \"value\":  " + value + after + "}");
            assertEquals(value, text(record.value()));
            assertEquals(List.of(JSON_TYPE), record.headers());
            NewRecord first = read(" {\"value\":" + value + after + ",\"key\":\"k\"} ");
            assertEquals(value, text(first.value()));
        }
    }

    @Test
    void a_number_of_any_length_is_kept() throws Exception {
        String number = "9".repeat(100_000);
        assertEquals(number, text(read("{\"key\":\"k\",\"value\":" + number + "}").value()));
    }

    @Test
    void null_is_a_tombstone_without_a_content_type() throws Exception {
        NewRecord record = read("{\"key\":\"k\",\"value\":null}");
        assertNull(record.value());
        assertEquals(List.of(), record.headers());
        assertEquals(NewRecord.NOW, record.timestamp());
    }

    @Test
    void text_and_base64_are_stored_as_bytes() throws Exception {
        assertEquals("é\n", text(read("{\"key\":\"k\",\"valueText\":\"\\u00e9\\n\"}").value()));
        assertEquals("", text(read("{\"key\":\"k\",\"valueText\":\"\"}").value()));
        NewRecord record = read("{\"keyBase64\":\"/w==\",\"valueBase64\":\"-_8\"}");
        assertArrayEquals(new byte[] {(byte) 0xff}, record.key());
        assertArrayEquals(new byte[] {(byte) 0xfb, (byte) 0xff}, record.value());
    }

    @Test
    void a_content_type_that_is_given_stays_the_only_one() throws Exception {
        NewRecord record =
                read(
                        "{\"key\":\"k\",\"value\":1,\"headers\":{\"Content-Type\":\"a/b+json\",\"n\":null}}");
        assertEquals(
                List.of(header("Content-Type", "a/b+json"), new Header("n", null)),
                record.headers());
    }

    @Test
    void headers_as_an_object_get_the_content_type_added() throws Exception {
        NewRecord record = read("{\"headers\":{\"a\":\"1\"},\"key\":\"k\",\"value\":1}");
        assertEquals(List.of(header("a", "1"), JSON_TYPE), record.headers());
    }

    @Test
    void headers_as_an_array_are_exact() throws Exception {
        assertEquals(List.of(), read("{\"key\":\"k\",\"value\":1,\"headers\":[]}").headers());
        NewRecord record =
                read(
                        "{\"key\":\"k\",\"value\":1,\"headers\":[{\"name\":\"a\",\"value\":\"1\"},"
                                + "{\"valueBase64\":\"/w==\",\"name\":\"a\"},{\"name\":\"\",\"value\":null}]}");
        assertEquals(
                List.of(
                        header("a", "1"),
                        new Header("a", new byte[] {(byte) 0xff}),
                        new Header("", null)),
                record.headers());
    }

    @Test
    void a_time_to_live_is_in_seconds() throws Exception {
        NewRecord record = read("{\"key\":\"k\",\"value\":1,\"ttl\":60}");
        assertEquals(60_000, record.ttlMs());
        assertEquals(List.of(JSON_TYPE), record.headers());
        assertEquals(NewRecord.FOR_EVER, read("{\"key\":\"k\",\"value\":1}").ttlMs());
    }

    @Test
    void the_place_a_record_had_is_ignored() throws Exception {
        NewRecord record =
                read("{\"partition\":3,\"offset\":7,\"timestamp\":9,\"key\":\"k\",\"value\":1}");
        assertEquals(9, record.timestamp());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "{} | key",
                "{\"value\":1} | key",
                "{\"key\":\"\",\"value\":1} | key",
                "{\"key\":null,\"value\":1} | key",
                "{\"key\":1,\"value\":1} | key",
                "{\"key\":{},\"value\":1} | key",
                "{\"keyBase64\":\"\",\"value\":1} | keyBase64",
                "{\"keyBase64\":\"***\",\"value\":1} | keyBase64",
                "{\"keyBase64\":\"-/==\",\"value\":1} | keyBase64",
                "{\"key\":\"a\",\"keyBase64\":\"YQ==\",\"value\":1} | keyBase64",
                "{\"key\":\"a\"} | value",
                "{\"key\":\"a\",\"value\":1,\"valueText\":\"\"} | valueText",
                "{\"key\":\"a\",\"value\":null,\"valueText\":\"\"} | valueText",
                "{\"key\":\"a\",\"valueBase64\":\"\",\"value\":1} | value",
                "{\"key\":\"a\",\"valueText\":null} | valueText",
                "{\"key\":\"a\",\"valueBase64\":7} | valueBase64",
                "{\"key\":\"a\",\"valueText\":\"\\ud800\"} | valueText",
                "{\"key\":\"a\\udc00\",\"valueText\":\"\"} | key",
                "{\"key\":\"a\",\"value\":1,\"key\":\"a\"} | key",
                "{\"key\":\"a\",\"value\":1,\"value\":1} | value",
                "{\"key\":\"a\",\"value\":1,\"extra\":1} | extra",
                "{\"key\":\"a\",\"value\":1,\"ttl\":0} | ttl",
                "{\"key\":\"a\",\"value\":1,\"ttl\":1.5} | ttl",
                "{\"key\":\"a\",\"value\":1,\"ttl\":\"5\"} | ttl",
                "{\"key\":\"a\",\"value\":1,\"ttl\":null} | ttl",
                "{\"key\":\"a\",\"value\":1,\"ttl\":3153600001} | ttl",
                "{\"key\":\"a\",\"value\":1,\"ttl\":99999999999999999999} | ttl",
                "{\"key\":\"a\",\"value\":1,\"ttl\":5,\"ttl\":5} | ttl",
                "{\"key\":\"a\",\"value\":null,\"ttl\":5} | ttl",
                "{\"key\":\"a\",\"value\":1,\"timestamp\":-1} | timestamp",
                "{\"key\":\"a\",\"value\":1,\"timestamp\":1.5} | timestamp",
                "{\"key\":\"a\",\"value\":1,\"timestamp\":\"1\"} | timestamp",
                "{\"key\":\"a\",\"value\":1,\"timestamp\":99999999999999999999} | timestamp",
                "{\"key\":\"a\",\"value\":1,\"timestamp\":null} | timestamp",
                "{\"key\":\"a\",\"value\":1,\"offset\":\"x\"} | offset",
                "{\"key\":\"a\",\"value\":1,\"headers\":1} | headers",
                "{\"key\":\"a\",\"value\":1,\"headers\":{\"a\":1}} | headers",
                "{\"key\":\"a\",\"value\":1,\"headers\":{\"a\":\"1\",\"a\":\"2\"}} | headers",
                "{\"key\":\"a\",\"value\":1,\"headers\":[1]} | headers",
                "{\"key\":\"a\",\"value\":1,\"headers\":[{}]} | headers",
                "{\"key\":\"a\",\"value\":1,\"headers\":[{\"name\":\"a\"}]} | headers",
                "{\"key\":\"a\",\"value\":1,\"headers\":[{\"name\":\"a\",\"value\":\"\",\"valueBase64\":\"\"}]}"
                        + " | headers",
                "{\"key\":\"a\",\"value\":1,\"headers\":[{\"name\":\"a\",\"value\":\"\",\"x\":1}]}"
                        + " | headers",
                "{\"key\":\"a\",\"value\":} | -",
                "{\"key\":\"a\",\"value\":01} | -",
                "{\"key\":\"a\",\"value\":NaN} | -",
                "{\"key\":\"a\",\"value\":[1,]} | -",
                "{\"key\":\"a\",\"value\":[1} | -",
                "{\"key\":\"a\",\"value\":\"a | -",
                "{\"key\":\"a\",\"value\":1 | -",
                "{\"key\":\"a\",\"value\":1}} | -",
                "{\"key\":\"a\",\"value\":1}{} | -",
                "{'key':\"a\",\"value\":1} | -",
                "[] | -",
                "null | -",
                "`` | -",
            })
    void a_record_of_another_form_is_refused(String json, @Nullable String field) {
        BadRecordException e = assertThrows(BadRecordException.class, () -> read(json));
        assertEquals(field, e.field(), e.getMessage());
        assertTrue(!e.isTooLong());
        assertTrue(e.getMessage() != null && e.getMessage().endsWith("."), e.getMessage());
    }

    @Test
    void bytes_that_are_no_json_text_are_refused() {
        byte[] good = bytes("{\"key\":\"a\",\"value\":\"b\"}");
        for (int bad : new int[] {0, 1, '\n', '\r', '\t', 0x1f, 0x80, 0xc0, 0xed, 0xff}) {
            byte[] json = good.clone();
            json[good.length - 3] = (byte) bad;
            assertThrows(
                    BadRecordException.class, () -> reader.read(json, 0, json.length), "" + bad);
        }
        byte[] utf16 = "{\"key\":\"a\",\"value\":1}".getBytes(StandardCharsets.UTF_16LE);
        assertThrows(BadRecordException.class, () -> reader.read(utf16, 0, utf16.length));
        byte[] marked = bytes("\ufeff{\"key\":\"a\",\"value\":1}");
        assertThrows(BadRecordException.class, () -> reader.read(marked, 0, marked.length));
    }

    @Test
    void nesting_beyond_measure_is_refused() throws Exception {
        read("{\"key\":\"k\",\"value\":" + "[".repeat(500) + "]".repeat(500) + "}");
        assertThrows(
                BadRecordException.class,
                () -> read("{\"key\":\"k\",\"value\":" + "[".repeat(100_000)));
    }

    @Test
    void many_different_names_in_values_cost_no_more() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            read("{\"key\":\"k\",\"value\":{\"name" + i + "\":1}}");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // content type | format | value | what shows
                "application/json | AUTO | {\"a\":1.0} | \"value\":{\"a\":1.0}}",
                "application/json | BINARY | 1 | \"value\":1}",
                "a/b+json; charset=utf-8 | TEXT | 1 |"
                        + " \"value\":1,\"headers\":[{\"name\":\"content-type\",\"value\":\"a/b+json;"
                        + " charset=utf-8\"}]}",
                "text/plain | AUTO | 1 |"
                        + " \"valueText\":\"1\",\"headers\":[{\"name\":\"content-type\",\"value\":\"text/plain\"}]}",
                "application/json | AUTO | {a |"
                        + " \"valueText\":\"{a\",\"headers\":[{\"name\":\"content-type\",\"value\":\"application/json\"}]}",
                "- | AUTO | 1 | \"value\":1,\"headers\":[]}",
                "- | JSON | 1 | \"value\":1,\"headers\":[]}",
                "- | TEXT | 1 | \"valueText\":\"1\"}",
                "- | BINARY | 1 | \"valueBase64\":\"MQ==\"}",
                "- | AUTO | null | \"valueText\":\"null\"}",
                "- | AUTO | ` 1` | \"valueText\":\" 1\"}",
                "- | AUTO | `1 ` | \"valueText\":\"1 \"}",
                "- | AUTO | 1 2 | \"valueText\":\"1 2\"}",
                "- | AUTO | `{\n}` | \"valueText\":\"{\\n}\"}",
                "- | AUTO | `\"\u0001` | \"valueText\":\"\\\"\\u0001\"}",
            })
    void a_value_shows_as_what_it_is(
            String contentType, ValueFormat format, String value, String shown) {
        List<Header> headers =
                contentType.equals("-") ? List.of() : List.of(header("content-type", contentType));
        LogRecord record = new LogRecord(5, 6, bytes("k"), bytes(value), headers);
        assertEquals("{\"offset\":5,\"timestamp\":6,\"key\":\"k\"," + shown, write(record, format));
    }

    @Test
    void bytes_show_as_base64_and_tombstones_as_null() {
        byte[] bytes = {(byte) 0xff};
        assertEquals(
                "{\"offset\":1,\"keyBase64\":\"/w==\",\"valueBase64\":\"/w==\"}",
                write(new LogRecord(1, -1, bytes, bytes, List.of()), ValueFormat.AUTO));
        assertEquals(
                "{\"offset\":1,\"timestamp\":0,\"key\":\"k\",\"value\":null}",
                write(new LogRecord(1, 0, bytes("k"), null, List.of()), ValueFormat.AUTO));
    }

    @Test
    void a_value_as_deep_as_can_go_out_can_come_in_again() throws Exception {
        for (int depth = 480; depth < 530; depth++) {
            byte[] value = bytes("[".repeat(depth) + "]".repeat(depth));
            assertSurvives(new LogRecord(1, 1, bytes("k"), value, List.of()), ValueFormat.AUTO);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void what_goes_out_comes_in_again_as_the_same_bytes(long seed) throws Exception {
        Random random = new Random(Long.getLong("seed", seed));
        for (int i = 0; i < 20_000; i++) {
            LogRecord record = RandomRecords.next(random);
            assertSurvives(record, ValueFormat.values()[random.nextInt(4)]);
        }
    }

    private void assertSurvives(LogRecord record, ValueFormat format) throws Exception {
        String json = write(record, format);
        assertEquals(-1, json.indexOf('\n'), json);
        NewRecord back = read(json);
        assertArrayEquals(record.key(), back.key(), json);
        assertArrayEquals(record.value(), back.value(), json);
        assertEquals(record.headers(), back.headers(), json);
        assertEquals(record.timestamp(), back.timestamp(), json);
    }

    private NewRecord read(String json) throws BadRecordException {
        byte[] bytes = bytes("\n\t" + json + "\n\n\n");
        return reader.read(bytes, 2, bytes.length - 3);
    }

    private static String write(LogRecord record, ValueFormat format) {
        RecordJsonWriter writer = new RecordJsonWriter(format);
        writer.write(record);
        return new String(writer.buffer(), 0, writer.size(), StandardCharsets.UTF_8);
    }

    private static Header header(String name, String value) {
        return new Header(name, bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
