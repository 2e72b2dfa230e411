package dev.lastword.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// Sends records that cannot be stored to a topic of the source, with headers that tell where they
/// were and why: at least once, before anything behind them is stored. Its producer is made when it
/// is needed first. Thread-safe.
final class DeadLetters implements AutoCloseable {
    private final KafkaClients clients;
    private final String topic;
    private @Nullable Producer<byte[], byte[]> producer;

    DeadLetters(KafkaClients clients, String topic) {
        this.clients = clients;
        this.topic = topic;
    }

    /// Returns when it is stored there.
    ///
    /// @throws KafkaException if it is not
    void send(ConsumerRecord<byte[], byte[]> r, String why) {
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(topic, null, r.key(), r.value(), r.headers());
        letter.headers()
                .add("lastword-topic", utf8(r.topic()))
                .add("lastword-partition", utf8(Integer.toString(r.partition())))
                .add("lastword-offset", utf8(Long.toString(r.offset())))
                .add("lastword-reason", utf8(why));
        try {
            producer().send(letter).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException k ? k : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            throw new KafkaException("interrupted", e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private synchronized Producer<byte[], byte[]> producer() {
        if (producer == null) {
            producer = clients.producer();
        }
        return producer;
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(Duration.ZERO);
        }
    }
}
