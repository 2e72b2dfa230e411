package dev.lastword.kafka;

import dev.lastword.config.KafkaSettings;
import dev.lastword.config.LastwordConfig;
import dev.lastword.ingest.MirrorBoard;
import dev.lastword.ingest.MirrorControl;
import dev.lastword.log.LogStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.common.annotation.Identifier;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;
import org.jspecify.annotations.Nullable;

/// Kafka as a source: off, without a thread or a client, unless topics to mirror are set.
/// Thread-safe.
@Singleton
public class KafkaMirror implements MirrorControl {
    private static final long RESET_SECONDS_MAX = 60;

    private final KafkaSettings settings;
    private final Map<String, Object> kafka;
    private final MirrorConnector channel;
    private final MirrorBoard board;
    private final MeterRegistry registry;
    private volatile @Nullable Running running;

    private record Running(MirrorLoop loop, BatchAppender appender, DeadLetters deadLetters) {}

    KafkaMirror(
            LastwordConfig config,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            @Connector(MirrorConnector.NAME) MirrorConnector channel,
            MirrorBoard board,
            MeterRegistry registry) {
        this.settings = config.kafka();
        this.kafka = kafka;
        this.channel = channel;
        this.board = board;
        this.registry = registry;
    }

    /// Begins to mirror into the logs, if there is something to mirror.
    public void start(LogStore store) {
        if (!settings.isOn()) {
            return;
        }
        KafkaClients clients = new KafkaClients(kafka, settings.groupId());
        MirrorMeters meters = new MirrorMeters(registry, board);
        DeadLetters deadLetters = new DeadLetters(clients, settings.deadLetterTopic());
        MirrorLoop loop =
                new MirrorLoop(
                        settings,
                        clients,
                        store,
                        channel,
                        board,
                        meters,
                        admin ->
                                new Preparation(
                                        store, admin, settings.onGap(), meters, Clock.systemUTC()));
        running =
                new Running(
                        loop,
                        new BatchAppender(settings.onUnusable(), deadLetters, meters),
                        deadLetters);
        loop.start();
    }

    /// Leaves the group. What is under way is stored or polled again after the next start.
    public void stop() {
        Running r = running;
        if (r == null) {
            return;
        }
        try {
            r.loop.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while stopping", e);
        }
        r.deadLetters.close();
    }

    void append(MirrorWrite write) throws UnusableRecordException {
        Running r = running;
        if (r == null) {
            throw new IllegalStateException("not started");
        }
        r.appender.append(write);
    }

    @Override
    public void reset(String topic, int partition) throws NotPossibleException {
        Running r = running;
        if (r == null || !settings.mirrors(topic)) {
            throw new NotPossibleException("Topic '" + topic + "' is not being mirrored here.");
        }
        try {
            r.loop.reset(new TopicPartition(topic, partition))
                    .get(RESET_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new NotPossibleException(String.valueOf(cause.getMessage()));
        } catch (TimeoutException e) {
            throw new NotPossibleException(
                    "Kafka did not answer within " + RESET_SECONDS_MAX + " s.");
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
