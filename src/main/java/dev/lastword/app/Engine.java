package dev.lastword.app;

import dev.lastword.cleaner.Cleaner;
import dev.lastword.cleaner.CleanerOptions;
import dev.lastword.config.LastwordConfig;
import dev.lastword.http.Availability;
import dev.lastword.ingest.Ingest;
import dev.lastword.ingest.MirrorBoard;
import dev.lastword.io.RealDisk;
import dev.lastword.kafka.KafkaMirror;
import dev.lastword.log.LogStore;
import dev.lastword.log.LogStoreOptions;
import dev.lastword.metrics.Happenings;
import dev.lastword.read.Reads;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Opens the logs, starts the cleaner, and stops both in order.
///
/// The logs are opened beside the start of the HTTP server, which waits for them no longer than
/// [#HEAD_START_MS]: after an orderly stop they are open by then; a data directory that another
/// process is still letting go of, or a log that has to be read, must not keep the service from
/// being live. Requests that come earlier are refused ([Availability]).
@Singleton
public class Engine {
    private static final Logger LOG = Logger.getLogger(Engine.class);
    private static final long HEAD_START_MS = 500;

    private final LastwordConfig config;
    private final Availability availability;
    private final Happenings happenings;
    private final KafkaMirror mirror;
    private final CompletableFuture<Opened> opening = new CompletableFuture<>();

    /// What there is once the logs are open.
    private record Opened(LogStore store, Cleaner cleaner) {}

    Engine(
            LastwordConfig config,
            Availability availability,
            Happenings happenings,
            KafkaMirror mirror) {
        this.config = config;
        this.availability = availability;
        this.happenings = happenings;
        this.mirror = mirror;
    }

    void start(@Observes StartupEvent event) {
        Thread opener = new Thread(this::open, "lastword-open");
        opener.setDaemon(true);
        opener.start();
        try {
            opening.get(HEAD_START_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.infof("Opening %s; requests are refused until that is done", config.dataDir());
            var _ = opening.whenComplete((opened, failure) -> giveUpOn(failure));
        } catch (ExecutionException e) {
            throw StartupFailure.of(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while opening the logs", e);
        }
    }

    private void open() {
        try {
            LogStore store =
                    LogStore.open(
                            new RealDisk(),
                            config.dataDir(),
                            storeOptions(),
                            Clock.systemUTC(),
                            happenings::log);
            Cleaner cleaner =
                    new Cleaner(store, cleanerOptions(), Clock.systemUTC(), happenings::cleaner);
            cleaner.start();
            happenings.watch(store);
            opening.complete(new Opened(store, cleaner));
            availability.open();
            mirror.start(store);
            LOG.infof("%s is open with %d topics", config.dataDir(), store.topics().size());
        } catch (Throwable e) {
            opening.completeExceptionally(e);
        }
    }

    private LogStoreOptions storeOptions() {
        return new LogStoreOptions(
                config.lockWait(),
                config.queueBytesMax(),
                config.partitionQueueBytesMax(),
                config.topicDefaults());
    }

    private CleanerOptions cleanerOptions() {
        return new CleanerOptions(
                config.cleanerThreads(),
                config.cleanerBackoff().toMillis(),
                config.cleanerIoBytesPerSecondMax());
    }

    private static void giveUpOn(@Nullable Throwable failure) {
        if (failure != null) {
            StartupFailure.report(failure);
            Quarkus.asyncExit(1);
        }
    }

    /// Runs after the requests in flight are answered (`quarkus.shutdown.timeout`).
    void stop(@Observes ShutdownEvent event) {
        availability.close("The service is stopping.");
        Opened opened = openedOrNull();
        if (opened != null) {
            mirror.stop();
            opened.cleaner.close();
            opened.store.close();
            LOG.infof("%s is closed", config.dataDir());
        }
    }

    private @Nullable Opened openedOrNull() {
        return opening.isDone() && !opening.isCompletedExceptionally() ? opening.join() : null;
    }

    private Opened opened() {
        Opened opened = openedOrNull();
        if (opened == null) {
            throw new IllegalStateException("the logs are not open");
        }
        return opened;
    }

    @Produces
    @Singleton
    LogStore store() {
        return opened().store;
    }

    @Produces
    @Singleton
    Cleaner cleaner() {
        return opened().cleaner;
    }

    @Produces
    @Singleton
    Ingest ingest() {
        return new Ingest();
    }

    @Produces
    @Singleton
    static MirrorBoard mirrorBoard() {
        return new MirrorBoard();
    }

    @Produces
    @Singleton
    Reads reads() {
        return new Reads(config.readCacheBytesMax());
    }
}
