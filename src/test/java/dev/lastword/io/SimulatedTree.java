package dev.lastword.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;

/// All directories and files of a [SimulatedDisk], found by path. Guarded by its disk's monitor.
final class SimulatedTree {

    private final SimulatedDirectory root;

    private SimulatedTree(SimulatedDirectory root) {
        this.root = root;
    }

    /// A tree with one durable directory in its root.
    static SimulatedTree with(Path mount) {
        SimulatedDirectory root = new SimulatedDirectory();
        root.put(name(mount), new SimulatedDirectory());
        root.sync();
        return new SimulatedTree(root);
    }

    SimulatedTree afterPowerLoss(PowerLoss loss) {
        return new SimulatedTree(root.afterPowerLoss(loss));
    }

    SimulatedTree copy() {
        return new SimulatedTree(root.copy(new HashMap<>()));
    }

    @Nullable SimulatedNode find(Path path) {
        SimulatedNode node = root;
        for (Path name : path.toAbsolutePath().normalize()) {
            if (!(node instanceof SimulatedDirectory dir)) {
                return null;
            }
            node = dir.get(name.toString());
        }
        return node;
    }

    SimulatedDirectory directory(Path path) throws IOException {
        return switch (find(path)) {
            case SimulatedDirectory dir -> dir;
            case null -> throw new NoSuchFileException(path.toString());
            case SimulatedFile _ -> throw new NotDirectoryException(path.toString());
        };
    }

    /// The directory that holds, or would hold, a path's last name.
    SimulatedDirectory parent(Path path) throws IOException {
        Path parent = path.toAbsolutePath().normalize().getParent();
        if (parent == null) {
            throw new FileSystemException(path.toString(), null, "the root has no name");
        }
        return directory(parent);
    }

    /// A path's last name.
    static String name(Path path) {
        return path.toAbsolutePath().normalize().getFileName().toString();
    }

    /// The sum of the sizes of all files that have a name.
    long bytes() {
        return bytes(root);
    }

    private static long bytes(SimulatedDirectory dir) {
        long bytes = 0;
        for (SimulatedNode node : dir.entries().values()) {
            bytes +=
                    switch (node) {
                        case SimulatedFile file -> file.size();
                        case SimulatedDirectory sub -> bytes(sub);
                    };
        }
        return bytes;
    }

    void dropLostPages() {
        dropLostPages(root);
    }

    private static void dropLostPages(SimulatedDirectory dir) {
        for (SimulatedNode node : dir.entries().values()) {
            switch (node) {
                case SimulatedFile file -> file.dropLostPages();
                case SimulatedDirectory sub -> dropLostPages(sub);
            }
        }
    }

    /// One line for each name with its state.
    void describe(StringBuilder out) {
        describe(Path.of("/"), root, out);
    }

    private static void describe(Path path, SimulatedDirectory dir, StringBuilder out) {
        out.append("  %s:%s%n".formatted(path, dir.describePending()));
        dir.entries()
                .forEach((name, node) -> {
                    Path entry = path.resolve(name);
                    switch (node) {
                        case SimulatedFile file -> out.append("  %s: %s%n".formatted(entry, file));
                        case SimulatedDirectory sub -> describe(entry, sub, out);
                    }
                });
    }
}
