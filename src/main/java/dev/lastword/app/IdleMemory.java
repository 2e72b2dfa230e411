package dev.lastword.app;

import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/// Keeps a native service small while it has nothing to do: most of what is resident after a start
/// or a busy time is garbage, and code and constants of the binary that are not needed again soon.
/// From time to time it looks how much of the processor was used and how much became resident;
/// after an idle time it collects the garbage and lets go of the binary's pages. They stay in the
/// system's page cache, from where the next requests take those they need.
///
/// On the JVM it does nothing: what the JVM keeps is for its options to say.
@Singleton
public class IdleMemory {
    private static final Logger LOG = Logger.getLogger(IdleMemory.class);

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private static final long FIRST_LOOK_MS = 1_000;
    private static final long LOOK_MS = 10_000;

    /// A service that uses less of a processor between two looks is idle: it answers health checks,
    /// or asks a source that has nothing new.
    private static final Duration IDLE_MAX = Duration.ofMillis(100);

    private static final long GROWTH_KB_MIN = 4 << 10;

    private final Vertx vertx;
    private Duration used = Duration.ZERO;

    /// What was resident after memory was given back last.
    private long keptKb;

    IdleMemory(Vertx vertx) {
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        if (ImageMode.current().isNativeImage()) {
            used = processorTime().orElse(Duration.ZERO);
            lookIn(FIRST_LOOK_MS);
        }
    }

    private void lookIn(long ms) {
        vertx.setTimer(
                ms,
                id ->
                        vertx.executeBlocking(this::look)
                                .onSuccess(v -> lookIn(LOOK_MS))
                                .onFailure(e -> LOG.info("Idle memory is not given back", e)));
    }

    private Void look() throws IOException {
        Duration before = used;
        used = processorTime().orElseThrow();
        if (used.minus(before).compareTo(IDLE_MAX) < 0
                && residentKb() > keptKb + Math.max(GROWTH_KB_MIN, keptKb / 8)) {
            System.gc();
            ImagePages.letGo();
            keptKb = residentKb();
        }
        return null;
    }

    private static Optional<Duration> processorTime() {
        return ProcessHandle.current().info().totalCpuDuration();
    }

    private static long residentKb() throws IOException {
        Matcher resident = RESIDENT.matcher(Files.readString(STATUS));
        if (!resident.find()) {
            throw new IOException("no VmRSS in " + STATUS);
        }
        return Long.parseLong(resident.group(1));
    }
}
