package dev.lastword.io;

import com.google.errorprone.annotations.Immutable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The file system of the machine, through [FileChannel].
///
/// Written for Linux and other POSIX systems. Where a directory cannot be opened for reading
/// (Windows), [#syncDirectory] fails, and with it everything that needs a durable name.
///
/// Immutable and thread-safe.
@Immutable
public final class RealDisk implements Disk {

    /// The files this process holds a lock on. Why not leave that to [FileChannel#tryLock]: it
    /// would have to open the file to find out, and closing any descriptor of a file makes POSIX
    /// systems drop the locks that this process holds on it.
    private static final Set<Path> LOCKED_HERE = ConcurrentHashMap.newKeySet();

    @Override
    public DiskFile open(Path file, OpenMode mode) throws IOException {
        try {
            return new RealFile(file, openChannel(file, mode));
        } catch (IOException e) {
            throw DiskErrors.typed(file, e);
        }
    }

    private static FileChannel openChannel(Path file, OpenMode mode) throws IOException {
        return switch (mode) {
            case READ -> FileChannel.open(file, StandardOpenOption.READ);
            case READ_WRITE ->
                    FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            case CREATE ->
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING);
        };
    }

    @Override
    public void createDirectories(Path dir) throws IOException {
        try {
            Files.createDirectories(dir);
        } catch (IOException e) {
            throw DiskErrors.typed(dir, e);
        }
    }

    @Override
    public boolean exists(Path path) throws IOException {
        return attributes(path) != null;
    }

    @Override
    public boolean isDirectory(Path path) throws IOException {
        BasicFileAttributes attributes = attributes(path);
        return attributes != null && attributes.isDirectory();
    }

    private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public List<Path> list(Path dir) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(dir)) {
            stream.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(entries);
        return entries;
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        ensureSiblings(from, to);
        try {
            Files.move(
                    from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw DiskErrors.typed(to, e);
        }
    }

    static void ensureSiblings(Path from, Path to) {
        if (!Objects.equals(parent(from), parent(to))) {
            throw new IllegalArgumentException(
                    "a rename stays in one directory: " + from + " -> " + to);
        }
    }

    private static @Nullable Path parent(Path path) {
        return path.toAbsolutePath().normalize().getParent();
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.delete(path);
    }

    @Override
    public void syncDirectory(Path dir) throws IOException {
        try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw DiskErrors.typed(dir, e);
        }
    }

    @Override
    public long usableBytes(Path dir) throws IOException {
        if (!isDirectory(dir)) {
            throw new NoSuchFileException(dir.toString());
        }
        // Not Files.getFileStore: it searches the mount table, which fails in some containers.
        return dir.toFile().getUsableSpace();
    }

    @Override
    public @Nullable DiskLock tryLock(Path file) throws IOException {
        Path identity = identity(file);
        if (!LOCKED_HERE.add(identity)) {
            return null;
        }
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            locked = lock != null;
            return locked ? new RealLock(channel, identity) : null;
        } catch (OverlappingFileLockException e) {
            return null;
        } catch (IOException e) {
            throw DiskErrors.typed(file, e);
        } finally {
            if (!locked) {
                LOCKED_HERE.remove(identity);
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }

    private static Path identity(Path file) throws IOException {
        Path absolute = file.toAbsolutePath().normalize();
        Path dir = absolute.getParent();
        return dir == null ? absolute : dir.toRealPath().resolve(absolute.getFileName());
    }

    private static final class RealLock implements DiskLock {
        private final FileChannel channel;
        private final Path identity;
        private final AtomicBoolean closed = new AtomicBoolean();

        RealLock(FileChannel channel, Path identity) {
            this.channel = channel;
            this.identity = identity;
        }

        @Override
        public void close() throws IOException {
            if (closed.compareAndSet(false, true)) {
                try {
                    channel.close();
                } finally {
                    LOCKED_HERE.remove(identity);
                }
            }
        }
    }
}
