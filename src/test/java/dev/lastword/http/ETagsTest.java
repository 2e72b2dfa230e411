package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.log.Condition;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ETagsTest {

    private static ETags parse(String text) {
        return ETags.parse("If-Match", text, "e1-2-");
    }

    @Test
    void a_tag_names_epoch_partition_and_offset() {
        assertEquals("\"e1-2-34\"", ETags.format("e1", 2, 34));
        assertEquals(Set.of(34L), parse(ETags.format("e1", 2, 34)).offsets());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"e1-2-34\"",
                " \"e1-2-34\" ",
                "W/\"e1-2-34\"",
                "\"e1-2-34-gzip\"",
                "W/\"e1-2-34;json\"",
                "\"other\", \"e1-2-34\"",
                "\"a,b\" ,, \"e1-2-34\",",
            })
    void weakened_suffixed_and_listed_tags_match(String text) {
        assertTrue(parse(text).match(34));
        assertFalse(parse(text).match(35));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"e2-2-34\"",
                "\"e1-3-34\"",
                "\"e1-2-\"",
                "\"e1-2-x\"",
                "\"34\"",
                "\"\"",
                "\"e1-2-3400000000000000000000\""
            })
    void tags_of_another_epoch_or_partition_match_nothing(String text) {
        assertEquals(Set.of(), parse(text).offsets());
        assertFalse(parse(text).match(34));
    }

    @Test
    void a_star_matches_any_version() {
        assertTrue(parse(" * ").match(7));
        assertEquals(new Condition.IfPresent(), parse("*").asCondition());
    }

    @Test
    void tags_become_a_condition_on_offsets() {
        assertEquals(
                new Condition.IfOffset(Set.of(3L, 4L)),
                parse("\"e1-2-3\", W/\"e1-2-4\"").asCondition());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", ",", "e1-2-34", "\"e1-2-34", "\"a\" \"b\"", "*, \"a\"", "w/\"a\""})
    void a_malformed_header_is_refused(String text) {
        assertEquals(400, assertThrows(ProblemException.class, () -> parse(text)).status());
    }
}
