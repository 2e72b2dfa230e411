package dev.lastword.log;

import static dev.lastword.log.TestStore.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A roll whose directory flush fails, and whose file then cannot be taken away again: the file is
/// there, empty, and the segment before goes on beyond its first offset.
@Timeout(60)
class FailedRollsTest {
    /// Where a batch's header holds the last byte of it; its CRC covers it.
    private static final int LAST_OFFSET_DELTA = 26;

    private static IOException eio() {
        return new IOException("Input/output error");
    }

    /// A log with one record, perhaps reopened in order, which notes its end as the recovery point.
    private static TestStore store(SimulatedDisk d, boolean restarted) {
        TestStore s = new TestStore(d);
        put(s.create("segment.bytes", "1024"), "a", "a" + "x".repeat(500));
        if (restarted) {
            s.close();
            s = new TestStore(d);
        }
        return s;
    }

    /// Lets a roll leave its file behind, and the segment go on by one record.
    private static Path leaveBehind(SimulatedDisk d, PartitionLog log, String key)
            throws IOException {
        Path file = TestStore.logFile(log, log.endOffset());
        d.fail(Operation.SYNC_DIRECTORY, p -> p.endsWith("t-0"), 1, eio());
        d.failEvery(Operation.DELETE, file::equals, FailedRollsTest::eio);
        assertThrows(LogException.class, () -> put(log, "refused", "x".repeat(900)));
        d.heal();
        put(log, key, key);
        assertTrue(d.exists(file));
        return file;
    }

    @Test
    void what_it_left_behind_is_no_damage() throws IOException {
        for (String end : List.of("kill", "power", "close", "reopen")) {
            for (boolean restarted : new boolean[] {false, true}) {
                for (int rolls = 1; rolls < 4; rolls++) {
                    for (boolean rolled : new boolean[] {false, true}) {
                        run(end, restarted, rolls, rolled);
                    }
                }
            }
        }
    }

    private static void run(String end, boolean restarted, int rolls, boolean rolled)
            throws IOException {
        SimulatedDisk d = new SimulatedDisk(1);
        TestStore s = store(d, restarted);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < rolls; i++) {
            files.add(leaveBehind(d, s.log(), "k" + i));
        }
        if (rolled) {
            put(s.log(), "rolled", "x".repeat(800));
        }
        long logEnd = s.log().endOffset();
        TestStore t =
                switch (end) {
                    case "kill" -> new TestStore(s.kill());
                    case "power" -> {
                        d.syncDirectory(s.log().directory());
                        yield new TestStore(s.powerOff());
                    }
                    case "close" -> {
                        s.close();
                        yield new TestStore(d);
                    }
                    default -> {
                        d.failSync(1);
                        assertThrows(LogException.class, () -> put(s.log(), "a", "no"));
                        s.store.reopen("t", 0);
                        yield s;
                    }
                };
        assertEquals(PartitionState.ONLINE, t.log().state(), t.log()::reason);
        assertEquals(logEnd, t.log().endOffset(), end);
        assertEquals("a" + "x".repeat(500), t.get("a"));
        for (int i = 0; i < rolls; i++) {
            assertEquals("k" + i, t.get("k" + i));
            assertFalse(t.disk.exists(files.get(i)), end);
        }
        t.check();
        assertEquals(logEnd, put(t.log(), "next", "n"), "no offset twice");
        t.close();
    }

    /// The last file is empty and the log's own: it stays, whether that is noted or not, and damage
    /// before it is told and never cut.
    @Test
    void an_empty_active_segment_stays_and_damage_before_it_is_not_cut() throws IOException {
        for (boolean noted : new boolean[] {false, true}) {
            SimulatedDisk d = new SimulatedDisk(1);
            TestStore s = store(d, false);
            put(s.log(), "b", "1");
            put(s.log(), "c", "2");
            Path first = TestStore.logFile(s.log(), 0);
            if (!noted) {
                d.failEvery(
                        Operation.WRITE,
                        p -> p.toString().contains("recovery"),
                        FailedRollsTest::eio);
            }
            s.log().rollActive().join();
            Path active = TestStore.logFile(s.log(), 3);
            long size = s.sizeOf(first);
            d.flipBit(first, LAST_OFFSET_DELTA, 2); // the first batch seems to reach offset 4
            TestStore t = new TestStore(s.kill());
            assertTrue(t.disk.exists(active));
            assertEquals(PartitionState.QUARANTINED, t.log().state());
            assertEquals(size, t.sizeOf(first), "nothing is cut");
            assertEquals(3, t.log().endOffset());
            t.close();
        }
    }

    @Test
    void a_forced_release_moves_no_good_record_aside() throws IOException {
        SimulatedDisk d = new SimulatedDisk(1);
        TestStore s = store(d, false);
        put(s.log(), "b", "1");
        leaveBehind(d, s.log(), "c");
        leaveBehind(d, s.log(), "d");
        Path log = TestStore.logFile(s.log(), 0);
        d.flipBit(log, 100, 1); // in the first batch
        assertThrows(LogException.Corrupt.class, () -> s.get("a"));
        assertEquals(PartitionState.QUARANTINED, s.log().state());
        List<Salvage.Moved> moved = s.store.release("t", 0, true);
        assertEquals(1, moved.size(), moved::toString);
        assertEquals(0, moved.getFirst().damage().offset());
        assertEquals(PartitionState.ONLINE, s.log().state());
        assertEquals("1", s.get("b"));
        assertEquals("c", s.get("c"));
        assertEquals("d", s.get("d"));
        assertEquals(4, s.log().endOffset());
        s.check();
        s.close();
    }

    @Test
    void a_check_of_the_closed_folder_takes_nothing_for_damaged() throws IOException {
        SimulatedDisk d = new SimulatedDisk(1);
        TestStore s = store(d, true);
        Path first = leaveBehind(d, s.log(), "c");
        Path second = leaveBehind(d, s.log(), "d");
        s.close();
        List<Finding> findings = new ArrayList<>();
        VerifyResult result =
                DirectoryVerifier.verify(
                        d, LogFolders.of(d, TestStore.DIR), findings::add, (r, b) -> {});
        assertTrue(result.isSound(), findings::toString);
        assertEquals(List.of(first, second), findings.stream().map(Finding::file).toList());
        assertTrue(d.exists(first) && d.exists(second), "nothing is changed");
    }
}
