package dev.lastword.http;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Gives the service under test a data directory of its own.
public class TemporaryData implements QuarkusTestResourceLifecycleManager {
    private static final String PROPERTY = "test.lastword.data-dir";

    /// The data directory of the service that runs now.
    static Path directory() {
        return Path.of(System.getProperty(PROPERTY));
    }

    @Override
    public Map<String, String> start() {
        try {
            Path directory = Files.createTempDirectory(Path.of("target"), "data").toAbsolutePath();
            System.setProperty(PROPERTY, directory.toString());
            return Map.of(
                    "lastword.data-dir",
                    directory.toString(),
                    // what the cleaner does by itself, tests need not wait long for
                    "lastword.cleaner.backoff",
                    "200ms");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        System.clearProperty(PROPERTY);
    }
}
