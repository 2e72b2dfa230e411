package dev.lastword.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordSourceTest {
    private static final int MAX = 64;

    @Test
    void lines_end_in_lf_or_crlf_or_with_the_body() throws Exception {
        assertEquals(List.of("1:a", "2:b", "3:c"), lines("a\nb\r\nc"));
        assertEquals(List.of("1:a"), lines("a\n"));
        assertEquals(List.of("1:a"), lines("a\r"));
        assertEquals(List.of(), lines(""));
    }

    @Test
    void blank_lines_are_stepped_over_and_counted() throws Exception {
        assertEquals(List.of("3:a", "5:b"), lines("\n \t\r\na\n\nb\n\n\n"));
    }

    @Test
    void a_byte_order_mark_is_stepped_over_at_the_beginning_alone() throws Exception {
        assertEquals(List.of("1:a", "2:\ufeffb"), lines("\ufeffa\n\ufeffb"));
        assertEquals(List.of(), lines("\ufeff"));
    }

    @Test
    void a_line_is_taken_up_to_its_bound() throws Exception {
        String longest = "x".repeat(MAX);
        assertEquals(List.of("1:a", "2:" + longest, "3:b"), lines("a\n" + longest + "\nb"));
        BadRecordException e =
                assertThrows(BadRecordException.class, () -> lines("a\n" + longest + "y\nb"));
        assertTrue(e.isTooLong());
    }

    @Test
    void an_endless_line_is_refused_before_it_is_held() {
        NdjsonLines lines = new NdjsonLines(new Endless(), 1 << 20);
        assertThrows(BadRecordException.class, lines::next);
        assertEquals(1, lines.line());
        assertTrue(lines.bytes().length <= (1 << 20) + 1);
        JsonElements elements = new JsonElements(new Endless(), 1 << 20);
        assertThrows(BadRecordException.class, elements::next);
        assertTrue(elements.bytes().length <= (1 << 20) + 1);
    }

    @Test
    void a_body_that_breaks_off_gives_no_half_line() throws Exception {
        InputStream broken =
                new ThrowsAtEnd("{\"a\":1}\n{\"b\":2}".getBytes(StandardCharsets.UTF_8));
        NdjsonLines lines = new NdjsonLines(broken, MAX);
        assertTrue(lines.next());
        assertThrows(IOException.class, lines::next);
        assertEquals(2, lines.line());
    }

    @Test
    void elements_are_one_object_or_an_array_of_them() throws Exception {
        assertEquals(List.of("1:{\"a\":1}"), elements(" \n{\"a\":1} \n"));
        assertEquals(List.of(), elements(" [ ] "));
        assertEquals(
                List.of("1:{}", "2:{\"a\":[\"}\\\"]\",{}]}", "3:{\n}"),
                elements("\ufeff[{},\n{\"a\":[\"}\\\"]\",{}]}\t,{\n}]"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "1", "\"a\"", "[", "[1]", "[{}", "[{},", "[{},]", "[{}{}]", "[,{}]",
                "[[]]", "{", "{\"a", "{\"a\\", "{}{}", "{} x", "[] x", "[{}]]", "[null]", "]"
            })
    void other_documents_are_refused(String document) {
        BadRecordException e = assertThrows(BadRecordException.class, () -> elements(document));
        assertTrue(!e.isTooLong());
    }

    @Test
    void an_element_is_taken_up_to_its_bound() throws Exception {
        String longest = "{" + "x".repeat(MAX - 2) + "}";
        assertEquals(List.of("1:{}", "2:" + longest), elements("[{}," + longest + "]"));
        BadRecordException e =
                assertThrows(BadRecordException.class, () -> elements("[{},{xyz" + longest + "}]"));
        assertTrue(e.isTooLong());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void arbitrary_bytes_give_records_or_a_typed_error_with_its_line(long seed) throws Exception {
        Random random = new Random(Long.getLong("seed", seed));
        RecordJsonReader reader = new RecordJsonReader();
        int good = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] body = mutated(random);
            InputStream in = new Trickle(new ByteArrayInputStream(body), random);
            RecordSource source =
                    random.nextBoolean() ? new NdjsonLines(in, 1000) : new JsonElements(in, 1000);
            long line = 0;
            try {
                while (source.next()) {
                    assertTrue(source.line() > line);
                    line = source.line();
                    reader.read(source.bytes(), source.from(), source.to());
                    good++;
                }
            } catch (BadRecordException e) {
                assertTrue(source.line() >= line && source.line() >= 1, e.getMessage());
            }
        }
        assertTrue(good > 1000, "only " + good + " good records");
    }

    private static byte[] mutated(Random random) {
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "[" : "");
        for (int n = random.nextInt(4); n >= 0; n--) {
            text.append(
                    switch (random.nextInt(4)) {
                        case 0 -> "{\"key\":\"k\",\"value\":{\"a\":[1,2.5e3]},\"timestamp\":5}";
                        case 1 -> "{\"keyBase64\":\"/w==\",\"valueText\":\"ü\\u0041\"}";
                        case 2 -> "{\"key\":\"a\",\"value\":null,\"headers\":{\"h\":\"v\"}}";
                        default ->
                                "{\"key\":\"a\",\"valueBase64\":\"\",\"headers\":[{\"name\":\"n\",\"value\":\"\"}]}";
                    });
            text.append(random.nextInt(3) == 0 ? ",\n" : "\n");
        }
        byte[] body =
                text.append(random.nextBoolean() ? "]" : "")
                        .toString()
                        .getBytes(StandardCharsets.UTF_8);
        for (int n = random.nextInt(4); n > 0; n--) {
            byte[] marks = "{}[]\":,\\\n\u0000 0e".getBytes(StandardCharsets.UTF_8);
            body[random.nextInt(body.length)] =
                    random.nextBoolean()
                            ? marks[random.nextInt(marks.length)]
                            : (byte) random.nextInt();
        }
        return body;
    }

    private static List<String> lines(String body) throws IOException {
        return all(new NdjsonLines(stream(body), MAX));
    }

    private static List<String> elements(String body) throws IOException {
        return all(new JsonElements(stream(body), MAX));
    }

    private static InputStream stream(String body) {
        return new Trickle(
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), new Random(1));
    }

    private static List<String> all(RecordSource source) throws IOException {
        List<String> all = new ArrayList<>();
        while (source.next()) {
            all.add(
                    source.line()
                            + ":"
                            + new String(
                                    source.bytes(),
                                    source.from(),
                                    source.to() - source.from(),
                                    StandardCharsets.UTF_8));
        }
        return all;
    }

    /// Gives a few bytes at a time.
    private static final class Trickle extends java.io.FilterInputStream {
        private final Random random;

        Trickle(InputStream in, Random random) {
            super(in);
            this.random = random;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return super.read(target, offset, Math.min(length, 1 + random.nextInt(40)));
        }
    }

    private static final class ThrowsAtEnd extends InputStream {
        private final InputStream in;

        ThrowsAtEnd(byte[] bytes) {
            in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            if (b < 0) {
                throw new IOException("broken");
            }
            return b;
        }
    }

    private static final class Endless extends InputStream {
        @Override
        public int read() {
            return '{';
        }
    }
}
