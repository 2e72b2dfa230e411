package dev.lastword.system;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// A file system of a few megabytes in memory, for as long as a test needs it. Skips the test where
/// none can be mounted: that takes Linux and root.
final class SmallDisk implements AutoCloseable {
    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    static SmallDisk mount(Path path, int megabytes) {
        String error = run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", path);
        Assumptions.assumeTrue(error.isEmpty(), () -> "no small disk can be mounted: " + error);
        return new SmallDisk(path);
    }

    Path path() {
        return path;
    }

    /// Lazily: the killed service may not be quite gone.
    @Override
    public void close() {
        run("umount", "-l", path);
    }

    /// What went wrong; empty where nothing did.
    private static String run(Object... command) {
        String[] words = new String[command.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = command[i].toString();
        }
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0
                    ? ""
                    : "failed: " + output.strip();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }
}
