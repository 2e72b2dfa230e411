import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Fills a topic with keyed records: `Fill BOOTSTRAP TOPIC RECORDS VALUE_BYTES`, a tenth as many
/// keys as records.
public final class Fill {
    private Fill() {}

    public static void main(String[] args) {
        int records = Integer.parseInt(args[2]);
        Random random = new Random(1);
        byte[] value = new byte[Integer.parseInt(args[3])];
        random.nextBytes(value);
        try (var producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                args[0],
                                "linger.ms",
                                5,
                                "batch.size",
                                64 << 10),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (int i = 0; i < records; i++) {
                byte[] key = ("key-" + random.nextInt(records / 10)).getBytes();
                producer.send(new ProducerRecord<>(args[1], key, value));
            }
        }
    }
}
