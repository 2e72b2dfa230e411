package dev.lastword.read;

import static dev.lastword.log.TestStore.bytes;
import static dev.lastword.log.TestStore.put;
import static dev.lastword.log.TestStore.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerSteps;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadsTest {
    private final TestStore s = new TestStore(new SimulatedDisk(1));
    private final Reads reads = new Reads(1 << 20);
    private PartitionLog log;

    @BeforeEach
    void create() {
        log = s.create();
    }

    @AfterEach
    void close() {
        s.close();
    }

    private @Nullable String cached(String key) {
        Reads.Found found = reads.cached(s.store.topic("t"), bytes(key));
        return found == null ? null : text(found.record());
    }

    private @Nullable String read(String key) {
        Reads.Found found = reads.get(s.store.topic("t"), bytes(key));
        return found == null ? null : text(found.record());
    }

    @Test
    void what_was_read_is_remembered_until_the_key_is_written() {
        put(log, "k", "one");
        assertNull(cached("k"));
        assertEquals("one", read("k"));
        assertEquals("one", cached("k"));
        put(log, "k", "two");
        assertNull(cached("k"));
        assertEquals("two", read("k"));
        assertEquals("two", cached("k"));
        put(log, "k", null);
        assertNull(cached("k"));
        assertNull(read("k"));
    }

    @Test
    void what_is_remembered_needs_no_file() {
        put(log, "k", "v");
        read("k");
        ((SimulatedDisk) s.disk).flipBit(TestStore.logFile(log, 0), 80, 1);
        assertEquals("v", cached("k"));
        assertEquals("v", read("k"));
    }

    @Test
    void a_topic_made_again_remembers_nothing_of_the_one_before() {
        put(log, "k", "old");
        assertEquals("old", read("k"));
        s.store.delete("t");
        log = s.create();
        assertNull(read("k"));
        assertEquals(0, put(log, "k", "new"));
        assertNull(cached("k"));
        assertEquals("new", read("k"));
    }

    @Test
    void what_lies_below_the_start_of_the_log_is_gone() throws IOException {
        PartitionLog aged =
                s.createNamed("aged", "cleanup.policy", "delete", "retention.ms", "1000");
        put(aged, "k", "v");
        assertNotNull(reads.get(s.store.topic("aged"), bytes("k")));
        assertNotNull(reads.cached(s.store.topic("aged"), bytes("k")));
        aged.rollActive().join();
        s.clock.step(1_000_000);
        put(aged, "other", "v");
        assertTrue(CleanerSteps.retain(aged, s.clock.millis()));
        assertNull(reads.cached(s.store.topic("aged"), bytes("k")));
        assertNull(reads.get(s.store.topic("aged"), bytes("k")));
    }
}
