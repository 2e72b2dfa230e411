package dev.lastword.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetsVectorTest {
    @ParameterizedTest
    @ValueSource(strings = {"e1a2;0:123,1:456", "0;7:0", "ab;3:9223372036854775807,900:1"})
    void what_is_written_is_read_back(String text) {
        assertEquals(text, OffsetsVector.parse(text).toString());
    }

    @Test
    void the_order_of_partitions_does_not_matter() {
        assertEquals("a;0:1,2:3", OffsetsVector.parse("a;2:3,0:1").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "a",
                "a;",
                "a;0",
                "a;0:",
                "a;:1",
                "a;0:1,",
                "a;0:1;1:2",
                "a;0:-1",
                "a;0:1,0:2",
                "g;0:1",
                "A;0:1",
                "a;00000:1",
                "a;0:9223372036854775808",
                "a;0:12345678901234567890",
                "12345678901234567;0:1",
                "a;٣:1"
            })
    void anything_else_is_refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> OffsetsVector.parse(text));
    }

    @Test
    void the_length_of_what_is_refused_does_not_matter() {
        String text = "a;" + "0:1,".repeat(100_000);
        assertThrows(IllegalArgumentException.class, () -> OffsetsVector.parse(text));
    }
}
