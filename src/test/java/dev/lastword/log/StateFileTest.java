package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lastword.io.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is kept in state files comes back as it was, or is refused before it is kept.
class StateFileTest {
    private static final Path FILE = TestStore.DIR.resolve("state");

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @BeforeEach
    void make_the_folder() throws IOException {
        disk.createDirectories(TestStore.DIR);
    }

    @Test
    void values_come_back_as_they_were() throws IOException {
        assertEquals(Map.of(), StateFile.read(disk, FILE));
        for (Map<String, String> values :
                List.of(
                        Map.<String, String>of(),
                        Map.of("a", "", "b", "x=y", "c", " größe "),
                        Map.of("crc32c", "crc32c=0", "z", "crc32c=1"))) {
            StateFile.write(disk, FILE, values);
            assertEquals(values, StateFile.read(disk, FILE));
        }
    }

    @Test
    void a_line_break_is_refused_and_changes_nothing() throws IOException {
        StateFile.write(disk, FILE, Map.of("a", "1"));
        for (String text : List.of("x\ny", "x\ry", "\r", "\n")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> StateFile.write(disk, FILE, Map.of("a", text)));
        }
        assertEquals(Map.of("a", "1"), StateFile.read(disk, FILE));
    }

    @Test
    void a_flipped_bit_anywhere_is_found() throws IOException {
        StateFile.write(disk, FILE, Map.of("a", "1", "b", "2"));
        int bytes = disk.readAll(FILE).length - 1; // but for the line break at the end
        for (int bit = 0; bit < 8 * bytes; bit++) {
            disk.flipBit(FILE, bit / 8, bit % 8);
            assertThrows(StateFile.DamagedException.class, () -> StateFile.read(disk, FILE));
            disk.flipBit(FILE, bit / 8, bit % 8);
        }
        assertEquals(Map.of("a", "1", "b", "2"), StateFile.read(disk, FILE));
    }

    /// Settings are kept in such a file, which the next start must be able to read.
    @Test
    void a_setting_that_could_not_be_kept_is_refused_and_the_store_opens_again() {
        TestStore s = new TestStore(disk);
        Map<String, List<String>> bad =
                Map.of(
                        "compaction.strategy",
                        List.of("header:a\rb", "header:a\nb", "header:a\0b", "header:\uD800"),
                        "retention.ms",
                        List.of("\r5", "5\r", "\n5", "5\n"));
        bad.forEach((name, texts) -> {
            for (String text : texts) {
                LogException.InvalidConfig e =
                        assertThrows(LogException.InvalidConfig.class, () -> s.create(name, text));
                assertEquals(name, e.name());
            }
        });
        s.create("compaction.strategy", "header:größe");
        TestStore.put(s.createNamed("other", "retention.ms", " 5 "), "k", "v");
        TestStore t = new TestStore(s.powerOff());
        assertEquals("header:größe", t.log().config().compactionStrategy().toString());
        assertEquals("v", t.get("other", "k"));
        t.close();
    }
}
