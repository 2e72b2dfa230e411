package dev.lastword.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class KafkaPartitionerTest {

    @Test
    void a_key_has_the_partition_that_kafkas_producer_gives_it() throws Exception {
        Seeds.check(
                100,
                random -> {
                    byte[] key = new byte[random.nextInt(70)];
                    random.nextBytes(key);
                    int partitions = 1 + random.nextInt(500);
                    assertEquals(Utils.murmur2(key), KafkaPartitioner.murmur2(key));
                    assertEquals(
                            BuiltInPartitioner.partitionForKey(key, partitions),
                            KafkaPartitioner.partition(key, partitions));
                });
    }
}
