package dev.lastword.cli.quickstart;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawLogParserTest {
    private static final String NO_ID = "0".repeat(40);
    private static final String BLOB = "b".repeat(40);
    private static final String COMMIT = "c".repeat(40);

    private static RawLogParser parser(String latin1) {
        return new RawLogParser(
                new ByteArrayInputStream(latin1.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static List<Change> changes(String latin1) throws IOException {
        RawLogParser parser = parser(latin1);
        List<Change> changes = new ArrayList<>();
        for (Change c = parser.next(); c != null; c = parser.next()) {
            changes.add(c);
        }
        return changes;
    }

    private static String commit(long seconds) {
        return "commit " + COMMIT + " " + seconds + "\0";
    }

    private static String added(String path) {
        return ":000000 100644 " + NO_ID + " " + BLOB + " A\0" + path + "\0";
    }

    @Test
    void a_change_has_what_its_commit_and_its_line_say() throws IOException {
        assertEquals(
                List.of(new Change(new FilePath("a"), "100644", BLOB, COMMIT, 1_234_000)),
                changes(commit(1234) + "\n" + added("a")));
    }

    @Test
    void a_deletion_is_told_by_its_mode() throws IOException {
        String deleted = ":100755 000000 " + BLOB + " " + NO_ID + " D\0a\0";
        assertTrue(changes(commit(1) + "\n" + deleted).getFirst().isDeletion());
        assertFalse(changes(commit(1) + "\n" + added("a")).getFirst().isDeletion());
    }

    @Test
    void commits_without_a_change_are_counted_and_stepped_over() throws IOException {
        RawLogParser parser =
                parser(commit(1) + commit(2) + "\n" + added("a") + commit(3) + commit(4));
        assertEquals(2000, parser.next().timestampMs());
        assertNull(parser.next());
        assertEquals(4, parser.commits());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "line\nfeed",
                "\nleading line feed",
                "tab\tin it",
                "\"quoted\" and 'quoted' and \\",
                "-leading-dash",
                " spaces around ",
                ":000000 100644 looks like a line",
                "commit looks like a commit 1",
                "\u00e4 is not UTF-8 \u00ff\u0001"
            })
    void any_path_works(String latin1) throws IOException {
        List<Change> changes = changes(commit(1) + "\n" + added(latin1) + added("next"));
        assertEquals(
                List.of(new FilePath(latin1), new FilePath("next")),
                changes.stream().map(Change::path).toList());
    }

    @Test
    void a_path_is_a_key_as_text_only_where_it_is_utf8() throws IOException {
        byte[] utf8 = "ünïcode/€".getBytes(StandardCharsets.UTF_8);
        assertEquals("ünïcode/€", FilePath.of(utf8).utf8());
        assertArrayEquals(utf8, FilePath.of(utf8).bytes());
        assertNull(new FilePath("\u00e4").utf8());
        assertEquals(
                "{\"keyBase64\":\"5A==\",\"value\":null,\"timestamp\":5}\n",
                json(new Change(new FilePath("\u00e4"), "000000", NO_ID, COMMIT, 5)));
        assertEquals(
                "{\"key\":\"a\\n\\\"\",\"value\":{\"mode\":\"100644\",\"blob\":\"b\","
                        + "\"commit\":\"c\"},\"timestamp\":5}\n",
                json(new Change(new FilePath("a\n\""), "100644", "b", "c", 5)));
    }

    private static String json(Change change) throws IOException {
        return new String(ChangeJson.line(change), StandardCharsets.UTF_8);
    }

    @Test
    void what_breaks_off_or_makes_no_sense_fails() {
        String whole = commit(1) + "\n" + added("some path");
        for (int length = commit(1).length() + 2; length < whole.length(); length++) {
            String part = whole.substring(0, length);
            assertThrows(IOException.class, () -> changes(part), part);
        }
        assertThrows(IOException.class, () -> changes("fatal: bad\0"));
        assertThrows(IOException.class, () -> changes(added("before any commit")));
        assertThrows(IOException.class, () -> changes("commit abc notanumber\0"));
    }
}
