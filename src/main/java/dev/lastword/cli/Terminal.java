package dev.lastword.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether somebody looks at what a stream of this process shows.
public final class Terminal {
    private Terminal() {}

    /// Whether standard error is a terminal. The JDK only tells whether input and output both are,
    /// which says nothing where data goes through them.
    public static boolean isStandardError() {
        Path fd = Path.of("/proc/self/fd/2");
        try {
            String target = Files.readSymbolicLink(fd).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // no such system: plain lines are right everywhere
        }
    }
}
