package dev.lastword.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What holds on every [Disk].
abstract class DiskContract {

    /// Larger than the slice in which a heap buffer goes to the system, and no multiple of it.
    private static final int LARGE_BYTES = 700_001;

    Disk disk;
    Path dir;

    /// A disk, new for each test.
    abstract Disk newDisk();

    /// An empty directory on it.
    abstract Path newDirectory() throws IOException;

    @BeforeEach
    void set_up() throws IOException {
        disk = newDisk();
        dir = newDirectory();
    }

    @Test
    void what_is_written_is_read() throws IOException {
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            file.write(bytes("hello, disk"), 0);
            file.write(bytes("DISK"), 7);
            assertEquals(11, file.size());
            assertEquals("hello, DISK", text(file));
        }
        assertEquals("hello, DISK", text(dir.resolve("f")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_buffer_of_any_size_and_kind_goes_out_and_comes_back_whole(boolean direct)
            throws IOException {
        byte[] content = random(LARGE_BYTES);
        ByteBuffer src = buffer(direct, LARGE_BYTES + 20).put(10, content);
        src.position(10).limit(10 + LARGE_BYTES);
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            file.write(src, 5);
            assertEquals(10 + LARGE_BYTES, src.position());
            assertEquals(10 + LARGE_BYTES, src.limit());
            assertEquals(5 + LARGE_BYTES, file.size());

            ByteBuffer dst = buffer(direct, LARGE_BYTES + 20);
            dst.position(3).limit(3 + LARGE_BYTES);
            file.readFully(dst, 5);
            assertEquals(3 + LARGE_BYTES, dst.position());
            assertEquals(3 + LARGE_BYTES, dst.limit());
            byte[] back = new byte[LARGE_BYTES];
            dst.get(3, back);
            assertArrayEquals(content, back);
        }
    }

    @Test
    void a_read_only_buffer_can_be_written() throws IOException {
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            file.write(bytes("x").asReadOnlyBuffer(), 0);
            assertEquals("x", text(file));
        }
    }

    @Test
    void a_gap_reads_as_zeros() throws IOException {
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            file.write(bytes("a"), 0);
            file.write(bytes("b"), 10_000);
            byte[] expected = new byte[10_001];
            expected[0] = 'a';
            expected[10_000] = 'b';
            assertArrayEquals(expected, disk.readAll(dir.resolve("f")));
        }
    }

    @Test
    void a_read_at_the_end_tells_so() throws IOException {
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            file.write(bytes("abc"), 0);
            assertEquals(-1, file.read(ByteBuffer.allocate(1), 3));
            assertEquals(-1, file.read(ByteBuffer.allocate(1), 1_000_000));
            assertEquals(0, file.read(ByteBuffer.allocate(0), 1));
            ByteBuffer dst = ByteBuffer.allocate(4);
            assertThrows(EOFException.class, () -> file.readFully(dst, 1));
            assertEquals(2, dst.position());
        }
    }

    @Test
    void a_read_stays_within_its_buffers_limit() throws IOException {
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            file.write(bytes("abcdef"), 0);
            ByteBuffer dst = ByteBuffer.allocate(6).limit(2);
            file.readFully(dst, 1);
            assertArrayEquals(new byte[] {'b', 'c', 0, 0, 0, 0}, dst.array());
        }
    }

    @Test
    void a_truncated_file_ends_there_and_grows_with_zeros() throws IOException {
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            file.write(bytes("abcdef"), 0);
            file.truncate(10);
            assertEquals(6, file.size());
            file.truncate(2);
            assertEquals("ab", text(file));
            file.write(bytes("x"), 4);
            assertEquals("ab\0\0x", text(file));
        }
    }

    @Test
    void create_empties_and_read_write_keeps() throws IOException {
        Path path = dir.resolve("f");
        write(path, "old");
        try (DiskFile file = disk.open(path, OpenMode.READ_WRITE)) {
            file.write(bytes("w"), 3);
        }
        assertEquals("oldw", text(path));
        disk.open(path, OpenMode.CREATE).close();
        assertEquals("", text(path));
    }

    @Test
    void a_missing_file_is_named() {
        Path path = dir.resolve("missing");
        for (OpenMode mode : List.of(OpenMode.READ, OpenMode.READ_WRITE)) {
            NoSuchFileException e =
                    assertThrows(NoSuchFileException.class, () -> disk.open(path, mode));
            assertEquals(path.toString(), e.getFile());
        }
        assertThrows(NoSuchFileException.class, () -> disk.delete(path));
        assertThrows(NoSuchFileException.class, () -> disk.rename(path, dir.resolve("to")));
        assertThrows(NoSuchFileException.class, () -> disk.list(path));
        assertThrows(NoSuchFileException.class, () -> disk.syncDirectory(path));
        assertThrows(NoSuchFileException.class, () -> disk.usableBytes(path));
        assertThrows(NoSuchFileException.class, () -> disk.readAll(path));
        assertThrows(
                NoSuchFileException.class, () -> disk.open(path.resolve("f"), OpenMode.CREATE));
        assertThrows(NoSuchFileException.class, () -> disk.tryLock(path.resolve("lock")));
    }

    @Test
    void a_file_open_for_reading_cannot_change() throws IOException {
        write(dir.resolve("f"), "abc");
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.READ)) {
            assertThrows(NonWritableChannelException.class, () -> file.write(bytes("x"), 0));
            assertThrows(NonWritableChannelException.class, () -> file.truncate(0));
            assertEquals("abc", text(file));
        }
    }

    @Test
    void a_closed_file_does_nothing() throws IOException {
        DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE);
        file.close();
        file.close();
        assertThrows(ClosedChannelException.class, () -> file.write(bytes("x"), 0));
        assertThrows(ClosedChannelException.class, () -> file.read(ByteBuffer.allocate(1), 0));
        assertThrows(ClosedChannelException.class, file::size);
        assertThrows(ClosedChannelException.class, file::sync);
        assertThrows(ClosedChannelException.class, file::map);
        assertThrows(ClosedChannelException.class, () -> file.truncate(0));
    }

    @Test
    void a_negative_position_is_refused() throws IOException {
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            assertThrows(IllegalArgumentException.class, () -> file.write(bytes("x"), -1));
            assertThrows(
                    IllegalArgumentException.class, () -> file.read(ByteBuffer.allocate(1), -1));
            assertThrows(IllegalArgumentException.class, () -> file.truncate(-1));
        }
    }

    @Test
    void a_transfer_copies_all_and_moves_nothing_else() throws IOException {
        byte[] content = random(LARGE_BYTES);
        try (DiskFile from = disk.open(dir.resolve("from"), OpenMode.CREATE);
                DiskFile to = disk.open(dir.resolve("to"), OpenMode.CREATE)) {
            from.write(ByteBuffer.wrap(content), 0);
            to.write(bytes("0123456789"), 0);
            from.transferTo(100_000, 600_000, to, 4);
            from.transferTo(7, 3, to, 0);
            from.transferTo(0, 0, to, 0);
            assertEquals(0, from.transfer(0, 0, to, 0));
            assertEquals(-1, from.transfer(LARGE_BYTES, 1, to, 0));
            byte[] expected = new byte[600_004];
            System.arraycopy(content, 7, expected, 0, 3);
            expected[3] = '3';
            System.arraycopy(content, 100_000, expected, 4, 600_000);
            assertArrayEquals(expected, disk.readAll(dir.resolve("to")));
            assertArrayEquals(content, disk.readAll(dir.resolve("from")));
        }
    }

    @Test
    void transfers_from_one_file_do_not_disturb_each_other_or_its_readers() throws Exception {
        byte[] content = random(200_000);
        int tasks = 8;
        try (DiskFile from = disk.open(dir.resolve("from"), OpenMode.CREATE);
                ExecutorService threads = Executors.newFixedThreadPool(tasks)) {
            from.write(ByteBuffer.wrap(content), 0);
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int i = 0; i < tasks; i++) {
                int start = i * 1_000;
                Path target = dir.resolve("to" + i);
                work.add(() -> copiesRightly(from, content, start, target));
            }
            for (Future<Boolean> done : threads.invokeAll(work)) {
                assertTrue(done.get());
            }
        }
    }

    private boolean copiesRightly(DiskFile from, byte[] content, int start, Path target)
            throws IOException {
        try (DiskFile to = disk.open(target, OpenMode.CREATE)) {
            for (int at = 0; at < 100_000; at += 10_000) {
                from.transferTo(start + at, 10_000, to, at);
                ByteBuffer read = ByteBuffer.allocate(10_000);
                from.readFully(read, start + at);
                if (!read.flip().equals(ByteBuffer.wrap(content, start + at, 10_000))) {
                    return false;
                }
            }
        }
        return ByteBuffer.wrap(disk.readAll(target))
                .equals(ByteBuffer.wrap(content, start, 100_000));
    }

    @Test
    void a_transfer_beyond_the_end_fails() throws IOException {
        write(dir.resolve("from"), "abc");
        try (DiskFile from = disk.open(dir.resolve("from"), OpenMode.READ);
                DiskFile to = disk.open(dir.resolve("to"), OpenMode.CREATE)) {
            assertThrows(EOFException.class, () -> from.transferTo(1, 3, to, 0));
            assertThrows(EOFException.class, () -> from.transferTo(4, 1, to, 0));
        }
    }

    @Test
    void a_map_shows_the_whole_file_and_outlives_it() throws IOException {
        byte[] content = random(10_000);
        DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE);
        assertEquals(0, file.map().remaining());
        file.write(ByteBuffer.wrap(content), 0);
        ByteBuffer map = file.map();
        file.close();
        assertTrue(map.isReadOnly());
        assertEquals(ByteOrder.BIG_ENDIAN, map.order());
        byte[] mapped = new byte[map.remaining()];
        map.get(mapped);
        assertArrayEquals(content, mapped);
    }

    @Test
    void a_sync_changes_nothing_to_be_seen() throws IOException {
        try (DiskFile file = disk.open(dir.resolve("f"), OpenMode.CREATE)) {
            file.write(bytes("abc"), 0);
            file.sync();
            disk.syncDirectory(dir);
            assertEquals("abc", text(file));
        }
    }

    @Test
    void directories_are_created_with_those_above() throws IOException {
        Path deep = dir.resolve("a/b/c");
        disk.createDirectories(deep);
        disk.createDirectories(deep);
        assertTrue(disk.isDirectory(deep));
        assertTrue(disk.exists(deep));
        write(deep.resolve("f"), "x");
        assertFalse(disk.isDirectory(deep.resolve("f")));
        assertTrue(disk.exists(deep.resolve("f")));
        assertFalse(disk.isDirectory(dir.resolve("b")));
        assertFalse(disk.exists(dir.resolve("b")));
        assertThrows(IOException.class, () -> disk.createDirectories(deep.resolve("f")));
        assertThrows(IOException.class, () -> disk.list(deep.resolve("f")));
    }

    @Test
    void a_list_is_sorted_by_name() throws IOException {
        for (String name : List.of("b", "a.swap", "C", "a", "00000000000000000010.log")) {
            write(dir.resolve(name), "");
        }
        disk.createDirectories(dir.resolve("d/below"));
        assertEquals(
                List.of("00000000000000000010.log", "C", "a", "a.swap", "b", "d"),
                disk.list(dir).stream().map(dir::relativize).map(Path::toString).toList());
        assertEquals(List.of(), disk.list(dir.resolve("d/below")));
    }

    @Test
    void a_rename_replaces_a_file() throws IOException {
        write(dir.resolve("a"), "new");
        write(dir.resolve("b"), "old");
        disk.rename(dir.resolve("a"), dir.resolve("b"));
        assertFalse(disk.exists(dir.resolve("a")));
        assertEquals("new", text(dir.resolve("b")));
        disk.rename(dir.resolve("b"), dir.resolve("b"));
        assertEquals("new", text(dir.resolve("b")));
    }

    @Test
    void a_directory_is_renamed_with_all_it_holds() throws IOException {
        disk.createDirectories(dir.resolve("a/b"));
        write(dir.resolve("a/b/f"), "x");
        disk.rename(dir.resolve("a"), dir.resolve("z"));
        assertEquals("x", text(dir.resolve("z/b/f")));
        disk.createDirectories(dir.resolve("a"));
        assertThrows(IOException.class, () -> disk.rename(dir.resolve("a"), dir.resolve("z")));
        write(dir.resolve("f"), "y");
        assertThrows(IOException.class, () -> disk.rename(dir.resolve("f"), dir.resolve("z")));
        assertThrows(IOException.class, () -> disk.rename(dir.resolve("z"), dir.resolve("f")));
    }

    @Test
    void a_rename_leaves_its_directory_never() throws IOException {
        disk.createDirectories(dir.resolve("a"));
        write(dir.resolve("f"), "x");
        assertThrows(
                IllegalArgumentException.class,
                () -> disk.rename(dir.resolve("f"), dir.resolve("a/f")));
        assertEquals("x", text(dir.resolve("f")));
    }

    @Test
    void an_open_file_outlives_its_name() throws IOException {
        write(dir.resolve("f"), "abc");
        write(dir.resolve("g"), "def");
        try (DiskFile f = disk.open(dir.resolve("f"), OpenMode.READ_WRITE);
                DiskFile g = disk.open(dir.resolve("g"), OpenMode.READ)) {
            disk.rename(dir.resolve("f"), dir.resolve("g"));
            f.write(bytes("x"), 3);
            assertEquals("def", text(g));
            assertEquals("abcx", text(dir.resolve("g")));
            disk.delete(dir.resolve("g"));
            f.write(bytes("y"), 4);
            assertEquals("abcxy", text(f));
            assertEquals(List.of(), disk.list(dir));
        }
    }

    @Test
    void only_an_empty_directory_is_deleted() throws IOException {
        disk.createDirectories(dir.resolve("a"));
        write(dir.resolve("a/f"), "x");
        assertThrows(DirectoryNotEmptyException.class, () -> disk.delete(dir.resolve("a")));
        disk.delete(dir.resolve("a/f"));
        disk.delete(dir.resolve("a"));
        assertFalse(disk.exists(dir.resolve("a")));
    }

    @Test
    void a_recursive_delete_leaves_nothing_and_bears_absence() throws IOException {
        disk.createDirectories(dir.resolve("a/b/c"));
        write(dir.resolve("a/b/f"), "x");
        write(dir.resolve("a/f"), "x");
        write(dir.resolve("ab"), "x");
        disk.deleteRecursively(dir.resolve("a"));
        assertEquals(List.of(dir.resolve("ab")), disk.list(dir));
        disk.deleteRecursively(dir.resolve("a"));
        disk.deleteRecursively(dir.resolve("ab"));
        assertEquals(List.of(), disk.list(dir));
    }

    @Test
    void an_atomic_write_replaces_and_leaves_nothing_behind() throws IOException {
        Path path = dir.resolve("state");
        disk.writeAtomically(path, new byte[] {1, 2});
        assertArrayEquals(new byte[] {1, 2}, disk.readAll(path));
        write(dir.resolve("state.tmp"), "left by a crash");
        disk.writeAtomically(path, new byte[] {3});
        assertArrayEquals(new byte[] {3}, disk.readAll(path));
        assertEquals(List.of(path), disk.list(dir));
    }

    @Test
    void a_lock_has_one_holder_at_a_time() throws IOException {
        Path path = dir.resolve("lock");
        DiskLock first = disk.tryLock(path);
        assertNotNull(first);
        assertNull(disk.tryLock(path));
        assertNull(disk.tryLock(dir.resolve("x/../lock")));
        DiskLock other = disk.tryLock(dir.resolve("other"));
        assertNotNull(other);
        other.close();
        first.close();
        assertTrue(disk.exists(path));
        try (DiskLock second = disk.tryLock(path)) {
            assertNotNull(second);
            first.close();
            assertNull(disk.tryLock(path));
        }
    }

    @Test
    void there_is_room_on_a_new_disk() throws IOException {
        assertTrue(disk.usableBytes(dir) > 1_000_000);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer buffer(boolean direct, int capacity) {
        return direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
    }

    void write(Path path, String text) throws IOException {
        try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
            file.write(bytes(text), 0);
        }
    }

    String text(Path path) throws IOException {
        return new String(disk.readAll(path), StandardCharsets.UTF_8);
    }

    private static String text(DiskFile file) throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) file.size());
        file.readFully(content, 0);
        return new String(content.array(), StandardCharsets.UTF_8);
    }
}
