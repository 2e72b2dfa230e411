package dev.lastword.cli.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the service keeps its data: the folder the user named, or a temporary one. That is deleted
/// in the end, unless it was found worth keeping. Thread-safe.
final class DataFolder implements AutoCloseable {
    private final Path path;
    private boolean kept;

    private DataFolder(Path path, boolean kept) {
        this.path = path;
        this.kept = kept;
    }

    /// @param given null for a temporary one
    static DataFolder of(@Nullable Path given) throws QuickstartException {
        if (given != null) {
            return new DataFolder(given.toAbsolutePath().normalize(), true);
        }
        try {
            return new DataFolder(Files.createTempDirectory("lastword-quickstart-"), false);
        } catch (IOException e) {
            throw new QuickstartException(
                    "No temporary folder can be made, give one with --data-dir: " + e.getMessage(),
                    e);
        }
    }

    Path path() {
        return path;
    }

    synchronized void keep() {
        kept = true;
    }

    @Override
    public synchronized void close() {
        if (kept) {
            return;
        }
        kept = true; // once is enough
        try (Stream<Path> files = Files.walk(path)) {
            List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println(path + " cannot be deleted: " + e.getMessage());
        }
    }
}
