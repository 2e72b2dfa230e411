package dev.lastword.app;

import dev.lastword.http.Subscriptions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/// Ends what has no end by itself once the process is told to stop: the framework waits for
/// requests in flight, and tells nobody that it does.
@Singleton
public class Draining {
    private final Subscriptions subscriptions;
    private final Thread atStop = new Thread(this::endAll, "lastword-drain");

    Draining(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    void start(@Observes StartupEvent event) {
        Runtime.getRuntime().addShutdownHook(atStop);
    }

    void stop(@Observes ShutdownEvent event) {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(atStop);
        } catch (IllegalStateException e) {
            // it runs already
        }
    }

    private void endAll() {
        subscriptions.endAll();
    }
}
