package dev.lastword.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk.EntryOrder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a power failure or a kill leaves. "Sometimes" laws look at many seeds: a survivor that
/// never occurs would leave a crash test blind.
class SimulatedCrashTest {

    private static final int SEEDS = 400;
    private static final Path DIR = SimulatedDisk.MOUNT;
    private static final Path A = DIR.resolve("a");
    private static final Path B = DIR.resolve("b");

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void what_was_synced_survives_always() throws IOException {
        byte[] content = DiskContract.random(50_000);
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(content), 0);
            file.sync();
            disk.syncDirectory(DIR);
            file.write(ByteBuffer.wrap(content), 50_000);
        }
        for (int seed = 0; seed < SEEDS; seed++) {
            byte[] found = disk.afterCrash(new Random(seed)).readAll(A);
            assertArrayEquals(content, Arrays.copyOf(found, 50_000), "seed " + seed);
        }
        assertArrayEquals(content, disk.withOnlySynced().readAll(A));
    }

    @Test
    void a_synced_file_whose_directory_was_not_synced_is_sometimes_gone() throws IOException {
        write(A, "abc", true);
        Set<String> found = outcomes(A);
        assertEquals(Set.of("<absent>", "abc"), found);
        assertFalse(disk.withOnlySynced().exists(A));
    }

    @Test
    void a_name_may_survive_without_its_content() throws IOException {
        write(A, "abc", false);
        disk.syncDirectory(DIR);
        Set<String> found = outcomes(A);
        assertTrue(found.containsAll(Set.of("", "abc", "\0\0\0")), found.toString());
        assertFalse(found.contains("<absent>"), found.toString());
        assertEquals("", text(disk.withOnlySynced(), A));
    }

    @Test
    void an_unsynced_page_is_old_or_new_and_at_most_one_is_torn_between_sectors()
            throws IOException {
        int pages = 8;
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(filled('o', pages * 4096), 0);
            file.sync();
            disk.syncDirectory(DIR);
            file.write(filled('n', pages * 4096), 0);
        }
        boolean sawTorn = false;
        Set<Integer> newPages = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            byte[] found = disk.afterCrash(new Random(seed)).readAll(A);
            assertEquals(pages * 4096, found.length);
            int torn = 0;
            int fresh = 0;
            for (int page = 0; page < pages; page++) {
                boolean mixed = false;
                for (int sector = 0; sector < 8; sector++) {
                    int at = page * 4096 + sector * 512;
                    for (int i = at; i < at + 512; i++) {
                        assertEquals(found[at], found[i], "a sector is never torn");
                    }
                    mixed |= found[at] != found[page * 4096];
                }
                torn += mixed ? 1 : 0;
                fresh += !mixed && found[page * 4096] == 'n' ? 1 : 0;
            }
            assertTrue(torn <= 1, "seed " + seed);
            sawTorn |= torn == 1;
            newPages.add(fresh);
        }
        assertTrue(sawTorn);
        assertEquals(Set.of(0, 1, 2, 3, 4, 5, 6, 7, 8), newPages);
    }

    @Test
    void an_unsynced_append_leaves_any_size_between() throws IOException {
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(filled('o', 1_000), 0);
            file.sync();
            disk.syncDirectory(DIR);
            file.write(filled('n', 9_000), 1_000);
        }
        Set<Integer> sizes = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            byte[] found = disk.afterCrash(new Random(seed)).readAll(A);
            sizes.add(found.length);
            for (int i = 0; i < found.length; i++) {
                boolean expected = i < 1_000 ? found[i] == 'o' : found[i] == 'n' || found[i] == 0;
                assertTrue(expected, "seed " + seed + " byte " + i);
            }
        }
        assertTrue(sizes.size() > 20 && sizes.containsAll(Set.of(1_000, 10_000)), sizes.toString());
    }

    @Test
    void an_unsynced_truncation_is_undone_or_done() throws IOException {
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(filled('o', 10_000), 0);
            file.sync();
            disk.syncDirectory(DIR);
            file.truncate(4096);
        }
        Set<Integer> sizes = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            byte[] found = disk.afterCrash(new Random(seed)).readAll(A);
            sizes.add(found.length);
            assertArrayEquals(filled('o', found.length).array(), found);
        }
        assertEquals(Set.of(4096, 10_000), sizes);
    }

    @Test
    void what_was_cut_off_and_synced_never_comes_back() throws IOException {
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(filled('o', 10_000), 0);
            file.sync();
            disk.syncDirectory(DIR);
            file.truncate(100);
            file.sync();
            file.write(filled('n', 1), 9_999);
        }
        for (int seed = 0; seed < SEEDS; seed++) {
            byte[] found = disk.afterCrash(new Random(seed)).readAll(A);
            for (int i = 100; i < found.length; i++) {
                assertTrue(found[i] == 0 || i == 9_999, "seed " + seed + " byte " + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_rename_is_done_or_undone_never_half(EntryOrder order) throws IOException {
        write(B, "old", true);
        disk.syncDirectory(DIR);
        write(A, "new", true);
        disk.rename(A, B);
        Set<String> found = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk after = disk.afterCrash(new Random(seed), order);
            found.add(after.list(DIR) + text(after, B));
        }
        assertEquals(Set.of("[/disk/b]old", "[/disk/a, /disk/b]old", "[/disk/b]new"), found);
    }

    @Test
    void entries_survive_in_their_order_on_a_file_system_with_a_journal() throws IOException {
        write(A, "", true);
        write(B, "", true);
        Set<String> found = lists(EntryOrder.KEPT);
        assertEquals(Set.of("[]", "[/disk/a]", "[/disk/a, /disk/b]"), found);
    }

    @Test
    void entries_survive_in_any_order_on_one_without() throws IOException {
        write(A, "", true);
        write(B, "", true);
        Set<String> found = lists(EntryOrder.REORDERED);
        assertEquals(Set.of("[]", "[/disk/a]", "[/disk/b]", "[/disk/a, /disk/b]"), found);
    }

    @Test
    void changes_of_one_name_keep_their_order_everywhere() throws IOException {
        write(A, "1", true);
        disk.rename(A, B);
        write(A, "2", true);
        disk.delete(B);
        Set<String> found = lists(EntryOrder.REORDERED);
        assertEquals(Set.of("[]", "[/disk/a]", "[/disk/b]", "[/disk/a, /disk/b]"), found);
        assertEquals(
                Set.of("[]", "[/disk/a]", "[/disk/b]", "[/disk/a, /disk/b]"),
                lists(EntryOrder.KEPT));
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk after = disk.afterCrash(new Random(seed), EntryOrder.REORDERED);
            if (after.exists(B)) {
                assertEquals("1", text(after, B));
            }
        }
    }

    @Test
    void an_unsynced_deletion_may_come_back_with_its_content() throws IOException {
        write(A, "abc", true);
        disk.syncDirectory(DIR);
        disk.delete(A);
        assertEquals(Set.of("<absent>", "abc"), outcomes(A));
    }

    @Test
    void a_synced_deletion_stays() throws IOException {
        write(A, "abc", true);
        disk.syncDirectory(DIR);
        disk.delete(A);
        disk.syncDirectory(DIR);
        assertEquals(Set.of("<absent>"), outcomes(A));
    }

    @Test
    void a_lost_directory_takes_what_is_below_with_it() throws IOException {
        Path sub = DIR.resolve("sub");
        disk.createDirectories(sub);
        write(sub.resolve("f"), "x", true);
        disk.syncDirectory(sub);
        assertFalse(disk.withOnlySynced().exists(sub));
        assertEquals(Set.of("<absent>", "x"), outcomes(sub.resolve("f")));
    }

    @Test
    void an_atomic_write_is_old_or_new_after_a_crash_at_any_operation() throws IOException {
        write(A, "old", true);
        disk.syncDirectory(DIR);
        Set<String> found = new TreeSet<>();
        for (int n = 0; n <= 5; n++) {
            for (int seed = 0; seed < SEEDS; seed++) {
                SimulatedDisk run = fresh(seed);
                run.crashAfter(run.operations() + n);
                boolean returned = false;
                try {
                    run.writeAtomically(A, "new".getBytes(StandardCharsets.UTF_8));
                    returned = true;
                } catch (SimulatedCrash expected) {
                    assertTrue(n < 5);
                }
                String after = text(run.afterCrash(new Random(seed)), A);
                found.add(after);
                assertTrue(!returned || after.equals("new"), run::dump);
                assertEquals(returned, n == 5);
            }
        }
        assertEquals(Set.of("old", "new"), found);
    }

    private static SimulatedDisk fresh(long seed) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(seed);
        write(disk, A, "old", true);
        disk.syncDirectory(DIR);
        return disk;
    }

    @Test
    void after_a_crash_everything_is_durable() throws IOException {
        write(A, "abc", false);
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk once = disk.afterCrash(new Random(seed));
            SimulatedDisk twice = once.afterCrash(new Random(seed + 1));
            assertEquals(text(once.withOnlySynced(), A), text(twice, A));
        }
    }

    @Test
    void the_same_seed_leaves_the_same() throws IOException {
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(DiskContract.random(100_000)), 0);
        }
        write(B, "b", false);
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk one = disk.afterCrash(new Random(seed));
            SimulatedDisk two = disk.afterCrash(new Random(seed));
            assertEquals(one.dump(), two.dump());
            assertEquals(text(one, A), text(two, A));
        }
    }

    @Test
    void a_killed_process_loses_nothing_but_its_locks() throws IOException {
        write(A, "abc", false);
        disk.rename(A, B);
        assertNotNull(disk.tryLock(DIR.resolve("lock")));
        SimulatedDisk after = disk.killed();
        assertEquals("abc", text(after, B));
        assertFalse(after.exists(A));
        assertNotNull(after.tryLock(DIR.resolve("lock")));
    }

    @Test
    void what_a_kill_left_unsynced_a_power_failure_may_still_take() throws IOException {
        write(A, "abc", false);
        assertFalse(disk.killed().withOnlySynced().exists(A));
        SimulatedDisk killed = disk.killed();
        try (DiskFile file = killed.open(A, OpenMode.READ)) {
            file.sync();
        }
        killed.syncDirectory(DIR);
        assertEquals("abc", text(killed.withOnlySynced(), A));
    }

    @Test
    void nothing_works_once_the_operations_are_used_up() throws Exception {
        DiskFile file = disk.open(A, OpenMode.CREATE);
        file.write(DiskContract.bytes("abc"), 0);
        assertEquals(2, disk.operations());
        disk.crashAfter(2);
        assertFalse(disk.hasCrashed());
        assertFalse(disk.crashed().isDone());
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThrows(SimulatedCrash.class, () -> file.read(one, 0));
        assertTrue(disk.hasCrashed());
        disk.crashed().get(10, TimeUnit.SECONDS);
        assertThrows(SimulatedCrash.class, () -> file.write(one, 0));
        assertThrows(SimulatedCrash.class, () -> file.transfer(0, 1, file, 5));
        assertThrows(SimulatedCrash.class, file::sync);
        assertThrows(SimulatedCrash.class, file::size);
        assertThrows(SimulatedCrash.class, file::map);
        assertThrows(SimulatedCrash.class, () -> file.truncate(0));
        assertThrows(SimulatedCrash.class, () -> disk.open(A, OpenMode.READ));
        assertThrows(SimulatedCrash.class, () -> disk.exists(A));
        assertThrows(SimulatedCrash.class, () -> disk.isDirectory(A));
        assertThrows(SimulatedCrash.class, () -> disk.list(DIR));
        assertThrows(SimulatedCrash.class, () -> disk.rename(A, B));
        assertThrows(SimulatedCrash.class, () -> disk.delete(A));
        assertThrows(SimulatedCrash.class, () -> disk.createDirectories(B));
        assertThrows(SimulatedCrash.class, () -> disk.syncDirectory(DIR));
        assertThrows(SimulatedCrash.class, () -> disk.usableBytes(DIR));
        assertThrows(SimulatedCrash.class, () -> disk.tryLock(B));
        file.close();
        assertThrows(SimulatedCrash.class, file::sync);
        assertEquals(2, disk.operations());
        assertEquals("abc", text(disk.killed(), A));
    }

    @Test
    void each_operation_that_changes_the_disk_counts_once() throws IOException {
        disk.createDirectories(DIR.resolve("x/y"));
        assertEquals(2, disk.operations());
        DiskFile file = disk.open(A, OpenMode.CREATE);
        file.write(DiskContract.bytes("abc"), 0);
        file.transfer(0, 3, file, 3);
        file.truncate(1);
        file.sync();
        assertEquals(7, disk.operations());
        disk.rename(A, B);
        disk.syncDirectory(DIR);
        disk.delete(B);
        assertEquals(10, disk.operations());
        disk.open(A, OpenMode.CREATE).close();
        assertNotNull(disk.tryLock(A));
        disk.readAll(A);
        disk.list(DIR);
        assertEquals(11, disk.operations());
    }

    @Test
    void the_write_that_meets_the_crash_may_be_done_in_part() throws IOException {
        Set<Integer> sizes = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk run = new SimulatedDisk(seed);
            DiskFile file = run.open(A, OpenMode.CREATE);
            run.crashAfter(1);
            assertThrows(SimulatedCrash.class, () -> file.write(filled('x', 100), 0));
            assertThrows(SimulatedCrash.class, () -> file.write(filled('y', 100), 0));
            byte[] found = run.killed().readAll(A);
            sizes.add(found.length);
            assertArrayEquals(filled('x', found.length).array(), found);
        }
        assertTrue(sizes.size() > 20 && sizes.containsAll(Set.of(0, 100)), sizes.toString());
    }

    @Test
    void a_dump_names_what_is_not_safe() throws IOException {
        write(A, "abc", false);
        disk.rename(A, B);
        String dump = disk.dump();
        assertTrue(dump.contains("/disk: unsynced: +a, a->b"), dump);
        assertTrue(dump.contains("/disk/b: 3 bytes, 0 durable, dirty pages {0}"), dump);
        assertTrue(dump.contains("3 RENAME /disk/a -> b"), dump);
    }

    private Set<String> outcomes(Path path) throws IOException {
        Set<String> found = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            found.add(text(disk.afterCrash(new Random(seed)), path));
        }
        return found;
    }

    private Set<String> lists(EntryOrder order) throws IOException {
        Set<String> found = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            List<Path> list = disk.afterCrash(new Random(seed), order).list(DIR);
            found.add(list.toString());
        }
        return found;
    }

    private void write(Path path, String text, boolean sync) throws IOException {
        write(disk, path, text, sync);
    }

    private static void write(Disk disk, Path path, String text, boolean sync) throws IOException {
        try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
            file.write(DiskContract.bytes(text), 0);
            if (sync) {
                file.sync();
            }
        }
    }

    private static String text(Disk disk, Path path) throws IOException {
        return disk.exists(path)
                ? new String(disk.readAll(path), StandardCharsets.UTF_8)
                : "<absent>";
    }

    private static ByteBuffer filled(char c, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) c);
        return ByteBuffer.wrap(bytes);
    }
}
