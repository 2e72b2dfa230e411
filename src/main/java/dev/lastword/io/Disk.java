package dev.lastword.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The few file system operations the log needs.
///
/// Every method fails with an [IOException] that says why (a missing file: [NoSuchFileException];
/// no room: [DiskFullIOException]); none ignores a failure.
///
/// Durability has two halves. A file's content and length are durable after [DiskFile#sync]. Its
/// entry in a directory (a creation, a rename, a deletion) is durable after [#syncDirectory] of
/// that directory, and before it a power failure may undo it. Neither half implies the other.
///
/// Why an interface: tests replace the disk by one that stops after any operation, forgets what was
/// not synced, and fails on demand.
///
/// Thread-safe.
public interface Disk {

    /// Opens a regular file. The entry of a file that [OpenMode#CREATE] makes is not yet durable.
    ///
    /// @throws NoSuchFileException if the file (or, for `CREATE`, its directory) does not exist
    DiskFile open(Path file, OpenMode mode) throws IOException;

    /// Creates a directory and those above it that are missing; fine if it exists. Each new entry
    /// is durable after the directory that holds it is synced.
    void createDirectories(Path dir) throws IOException;

    /// Whether there is a file or a directory of this name. An error is thrown, not taken for "no".
    boolean exists(Path path) throws IOException;

    /// Whether there is a directory of this name. An error is thrown, not taken for "no".
    boolean isDirectory(Path path) throws IOException;

    /// The entries of a directory, each resolved against `dir`, sorted by name.
    List<Path> list(Path dir) throws IOException;

    /// Renames a file or a directory in one step: whoever looks, also after a crash, finds the old
    /// state or the new one. A file at `to` is replaced; a directory may only take a free name.
    /// Durable after [#syncDirectory].
    ///
    /// @throws IllegalArgumentException if the names are not in the same directory, for then a
    ///   power failure could leave both or neither
    void rename(Path from, Path to) throws IOException;

    /// Deletes a file or an empty directory. Whoever has the file open goes on using it.
    ///
    /// @throws NoSuchFileException if there is nothing of this name
    /// @throws DirectoryNotEmptyException if it is a directory that still has entries
    void delete(Path path) throws IOException;

    /// Makes all earlier creations, renames and deletions in a directory durable.
    void syncDirectory(Path dir) throws IOException;

    /// The bytes that may still be written to the file system that holds an existing directory.
    long usableBytes(Path dir) throws IOException;

    /// Takes the exclusive lock on a file, created if need be, without waiting. The file stays when
    /// the lock is closed. Never open a lock file in another way: on POSIX systems closing it would
    /// release the lock.
    ///
    /// @return the lock, or null while another process, or this one, holds it
    @Nullable DiskLock tryLock(Path file) throws IOException;

    /// Deletes a file, or a directory with all it holds; fine if there is nothing of this name. A
    /// symbolic link is deleted, not followed. A failure leaves part of it.
    default void deleteRecursively(Path path) throws IOException {
        try {
            delete(path);
        } catch (NoSuchFileException e) {
            return;
        } catch (DirectoryNotEmptyException e) {
            for (Path entry : list(path)) {
                deleteRecursively(entry);
            }
            delete(path);
        }
    }

    /// The whole content of a small file.
    ///
    /// @throws IOException also if the file is too large for an array
    default byte[] readAll(Path file) throws IOException {
        try (DiskFile in = open(file, OpenMode.READ)) {
            long size = in.size();
            if (size > Integer.MAX_VALUE - 8) {
                throw new IOException(file + " has " + size + " bytes, too many to read at once");
            }
            byte[] content = new byte[(int) size];
            in.readFully(ByteBuffer.wrap(content), 0);
            return content;
        }
    }

    /// Replaces a file's content durably: a crash leaves the old content (or no file) or the new,
    /// never a mix. Goes through `<name>.tmp` in the same directory; such a file found later is
    /// waste and is overwritten. Callers serialise calls for one file.
    ///
    /// After an exception the old content is in place, unless syncing the directory failed: then
    /// the new is, and a crash may bring the old back.
    default void writeAtomically(Path file, byte[] content) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path dir = absolute.getParent();
        if (dir == null) {
            throw new IOException(file + " is not the name of a file");
        }
        Path tmp = dir.resolve(absolute.getFileName() + ".tmp");
        try {
            try (DiskFile out = open(tmp, OpenMode.CREATE)) {
                out.write(ByteBuffer.wrap(content), 0);
                out.sync();
            }
            rename(tmp, absolute);
        } catch (IOException e) {
            try {
                deleteRecursively(tmp);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
        syncDirectory(dir);
    }
}
