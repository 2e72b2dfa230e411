package dev.lastword.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Failures that a [SimulatedDisk] shows on demand.
class SimulatedFaultTest {

    private static final Path DIR = SimulatedDisk.MOUNT;
    private static final Path A = DIR.resolve("a");

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final IOException error = new IOException("Input/output error");

    @Test
    void pages_of_a_failed_sync_are_read_but_never_become_durable() throws IOException {
        byte[] first = DiskContract.random(4096);
        byte[] second = DiskContract.random(5000);
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            disk.syncDirectory(DIR);
            file.write(ByteBuffer.wrap(first), 0);
            file.sync();
            file.write(ByteBuffer.wrap(second), 4096);
            disk.failSync(1);
            assertThrows(IOException.class, file::sync);
            assertEquals(9096, disk.readAll(A).length);
            file.sync();
        }
        assertArrayEquals(second, Arrays.copyOfRange(disk.readAll(A), 4096, 9096));
        for (int seed = 0; seed < 100; seed++) {
            byte[] found = disk.afterCrash(new Random(seed)).readAll(A);
            assertArrayEquals(first, Arrays.copyOf(found, 4096));
            assertArrayEquals(new byte[5000], Arrays.copyOfRange(found, 4096, 9096));
        }
        byte[] killed = disk.killed().readAll(A);
        assertArrayEquals(second, Arrays.copyOfRange(killed, 4096, 9096));
    }

    @Test
    void a_page_written_again_after_a_failed_sync_becomes_durable() throws IOException {
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            disk.syncDirectory(DIR);
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            disk.failSync(1);
            assertThrows(IOException.class, file::sync);
            file.write(ByteBuffer.wrap(new byte[] {4}), 3);
            file.sync();
        }
        assertArrayEquals(new byte[] {1, 2, 3, 4}, disk.withOnlySynced().readAll(A));
    }

    @Test
    void a_cache_that_drops_the_lost_pages_shows_the_medium() throws IOException {
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(new byte[] {1}), 0);
            file.sync();
            file.write(ByteBuffer.wrap(new byte[] {2, 2}), 0);
            disk.failSync(1);
            assertThrows(IOException.class, file::sync);
        }
        assertArrayEquals(new byte[] {2, 2}, disk.readAll(A));
        disk.dropLostPages();
        assertArrayEquals(new byte[] {1, 0}, disk.readAll(A));
    }

    @Test
    void a_full_disk_takes_a_part_and_says_so_until_there_is_room() throws IOException {
        Set<Integer> sizes = new TreeSet<>();
        for (int seed = 0; seed < 100; seed++) {
            SimulatedDisk small = new SimulatedDisk(seed);
            small.capacity(150);
            try (DiskFile file = small.open(A, OpenMode.CREATE)) {
                file.write(ByteBuffer.allocate(100), 0);
                assertEquals(50, small.usableBytes(DIR));
                ByteBuffer tooMuch = ByteBuffer.allocate(51);
                assertThrows(DiskFullIOException.class, () -> file.write(tooMuch, 100));
                sizes.add((int) file.size());
                assertThrows(DiskFullIOException.class, () -> file.transferTo(0, 100, file, 100));
                file.write(ByteBuffer.allocate(100), 0);
                file.truncate(100);
                file.write(ByteBuffer.allocate(50), 100);
                assertEquals(0, small.usableBytes(DIR));
                small.capacity(140);
                file.write(ByteBuffer.allocate(150), 0);
                assertThrows(
                        DiskFullIOException.class, () -> file.write(ByteBuffer.allocate(1), 150));
            }
        }
        assertTrue(sizes.size() > 10 && sizes.containsAll(Set.of(100, 150)), sizes.toString());
    }

    @Test
    void space_is_free_once_a_file_has_neither_name_nor_reader() throws IOException {
        disk.capacity(1000);
        DiskFile file = disk.open(A, OpenMode.CREATE);
        file.write(ByteBuffer.allocate(400), 0);
        disk.delete(A);
        assertEquals(600, disk.usableBytes(DIR));
        file.close();
        assertEquals(1000, disk.usableBytes(DIR));

        Path b = DIR.resolve("b");
        for (Path path : List.of(A, b)) {
            try (DiskFile other = disk.open(path, OpenMode.CREATE)) {
                other.write(ByteBuffer.allocate(300), 0);
            }
        }
        disk.rename(A, b);
        assertEquals(700, disk.usableBytes(DIR));
        disk.open(b, OpenMode.CREATE).close();
        assertEquals(1000, disk.usableBytes(DIR));
    }

    @Test
    void the_capacity_outlives_a_crash_and_faults_do_not() throws IOException {
        disk.capacity(1000);
        disk.failSync(1);
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(ByteBuffer.allocate(400), 0);
        }
        SimulatedDisk after = disk.killed();
        assertEquals(600, after.usableBytes(DIR));
        try (DiskFile file = after.open(A, OpenMode.READ_WRITE)) {
            file.sync();
        }
        assertEquals(1000, disk.withOnlySynced().usableBytes(DIR));
    }

    @Test
    void the_chosen_write_fails_and_leaves_a_part() throws IOException {
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            disk.failWrite(2, error);
            file.write(ByteBuffer.allocate(10), 0);
            assertSame(
                    error,
                    assertThrows(IOException.class, () -> file.write(ByteBuffer.allocate(10), 10)));
            assertTrue(file.size() >= 10 && file.size() <= 20);
            file.write(ByteBuffer.allocate(10), 10);
            assertEquals(20, file.size());
        }
    }

    @Test
    void a_transfer_is_short_now_and_then_and_is_continued() throws IOException {
        byte[] content = new byte[1000];
        new Random(1).nextBytes(content);
        int shortOnes = 0;
        try (DiskFile from = disk.open(A, OpenMode.CREATE);
                DiskFile to = disk.open(DIR.resolve("b"), OpenMode.CREATE)) {
            from.write(ByteBuffer.wrap(content), 0);
            for (int at = 0; at < 100; at++) {
                long n = from.transfer(at, 900, to, at);
                assertTrue(n > 0 && n <= 900, at + ": " + n);
                shortOnes += n < 900 ? 1 : 0;
                from.transferTo(at, 900, to, at);
            }
            assertTrue(shortOnes > 5, "only " + shortOnes);
            byte[] copied = disk.readAll(DIR.resolve("b"));
            assertArrayEquals(Arrays.copyOf(content, 999), copied);
        }
    }

    @Test
    void the_chosen_read_fails() throws IOException {
        try (DiskFile file = disk.open(A, OpenMode.CREATE)) {
            file.write(ByteBuffer.allocate(10), 0);
            disk.failRead(1, error);
            assertThrows(IOException.class, () -> file.read(ByteBuffer.allocate(1), 0));
            file.readFully(ByteBuffer.allocate(10), 0);
            disk.failRead(1, error);
            assertThrows(IOException.class, file::map);
            disk.failRead(1, error);
            assertThrows(IOException.class, () -> file.transfer(0, 1, file, 10));
            assertEquals(10, file.size());
        }
    }

    @Test
    void a_fault_hits_only_where_it_is_meant_to_until_healed() throws IOException {
        Path b = DIR.resolve("b");
        disk.failEvery(Operation.CREATE, b::equals, () -> new IOException("not here"));
        disk.fail(Operation.RENAME, A::equals, 1, error);
        disk.open(A, OpenMode.CREATE).close();
        assertThrows(IOException.class, () -> disk.open(b, OpenMode.CREATE));
        assertThrows(IOException.class, () -> disk.open(b, OpenMode.CREATE));
        assertThrows(IOException.class, () -> disk.rename(A, b));
        disk.rename(A, b);
        disk.heal();
        disk.open(b, OpenMode.CREATE).close();
        disk.failEvery(Operation.MKDIR, path -> true, () -> error);
        disk.failEvery(Operation.DELETE, path -> true, () -> error);
        disk.failEvery(Operation.TRUNCATE, path -> true, () -> error);
        assertThrows(IOException.class, () -> disk.createDirectories(DIR.resolve("x")));
        assertThrows(IOException.class, () -> disk.delete(b));
        try (DiskFile file = disk.open(b, OpenMode.READ_WRITE)) {
            assertThrows(IOException.class, () -> file.truncate(0));
        }
        assertFalse(disk.exists(DIR.resolve("x")));
        assertTrue(disk.exists(b));
    }

    @Test
    void a_failed_directory_sync_leaves_its_changes_unsafe() throws IOException {
        disk.open(A, OpenMode.CREATE).close();
        disk.fail(Operation.SYNC_DIRECTORY, path -> true, 1, error);
        assertThrows(IOException.class, () -> disk.syncDirectory(DIR));
        assertFalse(disk.withOnlySynced().exists(A));
    }

    @Test
    void a_failed_atomic_write_leaves_the_old_content_and_no_waste() throws IOException {
        disk.writeAtomically(A, new byte[] {1});
        for (Operation step :
                List.of(Operation.CREATE, Operation.WRITE, Operation.SYNC, Operation.RENAME)) {
            disk.fail(step, path -> true, 1, error);
            assertThrows(IOException.class, () -> disk.writeAtomically(A, new byte[] {2}));
            assertArrayEquals(new byte[] {1}, disk.readAll(A));
            assertEquals(List.of(A), disk.list(DIR));
        }
        disk.writeAtomically(A, new byte[] {3});
        assertArrayEquals(new byte[] {3}, disk.readAll(A));
    }

    @Test
    void a_flipped_bit_is_flipped_on_the_medium_too() throws IOException {
        disk.writeAtomically(A, new byte[] {0, 0, 0});
        disk.flipBit(A, 1, 4);
        assertArrayEquals(new byte[] {0, 16, 0}, disk.readAll(A));
        assertArrayEquals(new byte[] {0, 16, 0}, disk.withOnlySynced().readAll(A));
        assertThrows(IllegalArgumentException.class, () -> disk.flipBit(A, 3, 0));
        assertThrows(IllegalArgumentException.class, () -> disk.flipBit(A, 0, 8));
    }
}
