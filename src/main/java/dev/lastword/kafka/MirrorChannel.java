package dev.lastword.kafka;

import dev.lastword.log.LogException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// Appends what comes through the channel. Messages are handled beside each other and in no order,
/// which is right because the next of a partition is sent when the one before waits in line at the
/// log.
@ApplicationScoped
public class MirrorChannel {
    private final KafkaMirror mirror;

    MirrorChannel(KafkaMirror mirror) {
        this.mirror = mirror;
    }

    /// Acknowledged when it returns. What can happen in the world is told to the mirror, which
    /// tries again; anything else is a bug, and the channel logs it.
    @Incoming("kafka")
    @RunOnVirtualThread
    void append(MirrorWrite write) {
        try {
            mirror.append(write);
        } catch (LogException | KafkaException | UnusableRecordException e) {
            write.stored().completeExceptionally(e);
        }
    }
}
