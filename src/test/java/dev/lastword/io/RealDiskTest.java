package dev.lastword.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealDiskTest extends DiskContract {

    @TempDir Path tmp;

    @Override
    Disk newDisk() {
        return new RealDisk();
    }

    @Override
    Path newDirectory() {
        return tmp;
    }

    @Test
    void a_full_disk_has_a_type_of_its_own() {
        for (IOException error :
                List.of(
                        new IOException("No space left on device"),
                        new IOException("Disk quota exceeded"),
                        new FileSystemException("/d/f", null, "No space left on device"))) {
            IOException typed = DiskErrors.typed(Path.of("/d/f"), error);
            assertInstanceOf(DiskFullIOException.class, typed);
            assertSame(error, typed.getCause());
            assertTrue(typed.toString().contains(": /d/f: "), typed::toString);
        }
        for (IOException error :
                List.of(
                        new IOException("Input/output error"),
                        new IOException(),
                        new DiskFullIOException("already"))) {
            assertSame(error, DiskErrors.typed(Path.of("/d/f"), error));
        }
    }

    /// Linux has a device that is always full.
    @Test
    void a_write_to_a_full_device_says_so() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full));
        try (DiskFile file = disk.open(full, OpenMode.READ_WRITE)) {
            ByteBuffer src = bytes("x");
            assertThrows(DiskFullIOException.class, () -> file.write(src, 0));
            assertEquals(1, src.limit());
        }
    }

    /// A second attempt must not open the file: closing it would drop the first lock, unseen by
    /// Java.
    @Test
    void a_refused_lock_does_not_drop_the_lock_against_other_processes() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/locks")));
        Path path = dir.resolve("lock");
        try (DiskLock lock = disk.tryLock(path)) {
            assertNotNull(lock);
            assertEquals(1, locksOfTheSystemOn(path));
            assertNull(disk.tryLock(path));
            assertNull(new RealDisk().tryLock(dir.resolve("../" + dir.getFileName() + "/lock")));
            assertEquals(1, locksOfTheSystemOn(path));
        }
        assertEquals(0, locksOfTheSystemOn(path));
    }

    private static long locksOfTheSystemOn(Path path) throws IOException {
        String inode = ":" + Files.getAttribute(path, "unix:ino") + " ";
        String pid = " " + ProcessHandle.current().pid() + " ";
        try (var lines = Files.lines(Path.of("/proc/locks"))) {
            return lines.filter(line -> line.contains(inode) && line.contains(pid)).count();
        }
    }

    @Test
    void a_recursive_delete_does_not_follow_links() throws IOException {
        Path outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "x");
        Path inside = Files.createDirectory(dir.resolve("inside"));
        Files.createSymbolicLink(inside.resolve("link"), outside);
        disk.deleteRecursively(inside);
        assertEquals(List.of(outside), disk.list(dir));
        assertEquals("x", Files.readString(outside.resolve("precious")));
    }
}
