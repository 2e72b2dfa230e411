package dev.lastword.kafka;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.smallrye.reactive.messaging.connector.InboundConnector;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;

/// The way from the consumer's thread into the channel `kafka`. Nothing flows while nothing is
/// mirrored. The channel's buffer needs no bound of its own, for a partition has at most two
/// messages under way. Thread-safe.
@ApplicationScoped
@Connector(MirrorConnector.NAME)
public class MirrorConnector implements InboundConnector {
    static final String NAME = "lastword-kafka";

    private final CompletableFuture<MultiEmitter<? super Message<MirrorWrite>>> emitter =
            new CompletableFuture<>();

    @Override
    public Flow.Publisher<? extends Message<?>> getPublisher(Config config) {
        return Multi.createFrom()
                .<Message<MirrorWrite>>emitter(emitter::complete, BackPressureStrategy.BUFFER);
    }

    /// Sends a write; its [MirrorWrite#stored] tells how it ended.
    void send(MirrorWrite write) {
        var _ = emitter.thenAccept(e -> e.emit(message(write)));
    }

    private static Message<MirrorWrite> message(MirrorWrite write) {
        return Message.of(
                write,
                () -> {
                    write.stored().complete(null);
                    return done();
                },
                failure -> {
                    write.stored().completeExceptionally(failure);
                    return done();
                });
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
