package dev.lastword.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lastword.config.KafkaSettings.OnUnusable;
import dev.lastword.ingest.MirrorBoard;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.LogException;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two writes of a partition under way at once, settled in their order.
class SourcePartitionTest {
    private static final TopicPartition TP = new TopicPartition("t", 0);

    private final TestStore s = new TestStore(new SimulatedDisk(1));
    private PartitionLog log;
    private SourcePartition p;

    @BeforeEach
    void create() {
        log = s.store.createMirrored("t", 1, "id").partition(0);
        p = SourcePartition.at(TP, new Preparation.Ready("id", log, 0, Optional.empty()));
    }

    @AfterEach
    void close() {
        s.close();
    }

    private static PartitionBatch batch(long from, long to) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (long o = from; o < to; o++) {
            records.add(
                    new ConsumerRecord<>("t", 0, o, new byte[] {(byte) o}, new byte[] {(byte) o}));
        }
        return PartitionBatch.of(records, to);
    }

    private void polled(long from, long to) {
        PartitionBatch batch = batch(from, to);
        p.polled(batch);
        p.offer(batch);
    }

    /// The next write, of one batch, put in line.
    private MirrorWrite queued() {
        MirrorWrite write = p.next(1);
        assertNotNull(write);
        write.queued().complete(null);
        return write;
    }

    private static long firstOffset(MirrorWrite write) {
        return write.batch().records().getFirst().offset();
    }

    @Test
    void the_next_goes_when_the_one_before_is_in_line_and_no_third_does() {
        polled(0, 2);
        polled(2, 4);
        polled(4, 6);
        MirrorWrite first = p.next(1);
        assertNotNull(first);
        assertNull(p.next(1));
        first.queued().complete(null);
        MirrorWrite second = queued();
        assertEquals(2, firstOffset(second));
        assertSame(first.fence(), second.fence());
        assertNull(p.next(1));
        first.stored().complete(null);
        assertNull(p.settle());
        assertEquals(2, p.storedTo());
        assertEquals(4, firstOffset(queued()));
    }

    @Test
    void the_second_counts_as_stored_only_after_the_first() {
        polled(0, 2);
        polled(2, 4);
        MirrorWrite first = queued();
        MirrorWrite second = queued();
        second.stored().complete(null);
        assertNull(p.settle());
        assertEquals(0, p.storedTo());
        first.stored().complete(null);
        assertNull(p.settle());
        assertEquals(4, p.storedTo());
        assertEquals(0, p.bytes());
    }

    @Test
    void after_a_failure_all_behind_it_is_sent_again_but_not_before_it_has_ended() {
        polled(0, 2);
        polled(2, 4);
        MirrorWrite first = queued();
        MirrorWrite second = queued();
        polled(4, 6);
        var full = new LogException.DiskFull("t-0", new IOException("full"));
        first.stored().completeExceptionally(full);
        assertNull(p.settle());
        assertNull(p.next(1));
        second.stored().complete(null); // it had nothing to store
        assertSame(full, p.settle());
        assertEquals(0, p.storedTo());
        for (long from = 0; from < 6; from += 2) {
            MirrorWrite again = queued();
            assertEquals(from, firstOffset(again));
            assertNotSame(first.fence(), again.fence());
            again.stored().complete(null);
            assertNull(p.settle());
        }
        assertEquals(6, p.storedTo());
    }

    @Test
    void a_failure_of_the_second_leaves_the_first_stored() {
        polled(0, 2);
        polled(2, 4);
        MirrorWrite first = queued();
        MirrorWrite second = queued();
        var full = new LogException.DiskFull("t-0", new IOException("full"));
        second.stored().completeExceptionally(full);
        assertNull(p.settle());
        first.stored().complete(null);
        assertSame(full, p.settle());
        assertEquals(2, p.storedTo());
        assertEquals(2, firstOffset(queued()));
    }

    @Test
    void what_waits_is_joined_up_to_a_size() {
        polled(0, 2);
        polled(2, 4);
        polled(4, 6);
        long one = batch(0, 2).bytes();
        MirrorWrite write = p.next(one + 1);
        assertNotNull(write);
        assertEquals(4, write.batch().records().size());
        assertEquals(4, write.batch().next());
        assertEquals(2 * one, write.batch().bytes());
    }

    /// What was under way when a partition was reset must not get into the log that took its place.
    @Test
    void a_write_on_its_way_when_the_partition_is_reset_is_refused() {
        var appender =
                new BatchAppender(
                        OnUnusable.SKIP,
                        new DeadLetters(new KafkaClients(Map.of(), "g"), "dead"),
                        new MirrorMeters(new SimpleMeterRegistry(), new MirrorBoard()));
        polled(0, 2);
        polled(2, 4);
        MirrorWrite first = queued();
        assertDoesStore(appender, first);
        MirrorWrite second = queued();
        s.store.reset("t", 0, "another id");
        assertThrows(LogException.Closed.class, () -> appender.append(second));
        PartitionLog fresh = s.store.topic("t").partition(0);
        assertEquals(0, fresh.endOffset());
    }

    private void assertDoesStore(BatchAppender appender, MirrorWrite write) {
        try {
            appender.append(write);
        } catch (UnusableRecordException e) {
            throw new AssertionError(e);
        }
        assertEquals(write.batch().next(), log.endOffset());
    }
}
