package dev.lastword.http;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Failures that come when their client has left, and nobody is there any more to be told. That a
/// client was refused what it sent is no error of the service.
@Singleton
final class DroppedFailures {
    private static final Logger LOG = Logger.getLogger(DroppedFailures.class);

    void register(@Observes StartupEvent started) {
        Infrastructure.setDroppedExceptionHandler(DroppedFailures::log);
    }

    private static void log(Throwable failure) {
        if (failure instanceof ProblemException) {
            LOG.debugf(failure, "A client left before it was refused");
        } else {
            LOG.error("A failure that nobody was there to be told of", failure);
        }
    }
}
