package dev.lastword.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.config.KafkaSettings.OnUnusable;
import dev.lastword.ingest.MirrorBoard;
import dev.lastword.ingest.MirrorBoard.State;
import dev.lastword.io.SimulatedDisk;
import dev.lastword.kafka.PartitionBatch.Reason;
import dev.lastword.log.LogException;
import dev.lastword.log.MirroredRecords;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.TestStore;
import dev.lastword.record.TimestampType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two writes of a partition under way at once, settled in their order.
class SourcePartitionTest {
    private static final TopicPartition TP = new TopicPartition("t", 0);

    private final TestStore s = new TestStore(new SimulatedDisk(1));
    private PartitionLog log;
    private final SpareRecords spare = new SpareRecords();
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

    private static ConsumerRecord<byte[], byte[]> record(long offset, byte[] key) {
        return new ConsumerRecord<>("t", 0, offset, key, new byte[] {(byte) offset});
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(long from, long to) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (long o = from; o < to; o++) {
            records.add(record(o, new byte[] {(byte) o}));
        }
        return records;
    }

    /// Polled, proven, and not joined with what waits.
    private void polled(long from, long to) {
        List<PartitionBatch> begun = p.polled(records(from, to), to, false, spare);
        p.seal();
        begun.forEach(b -> p.offer(b, 0, spare));
    }

    /// The next write, put in line.
    private MirrorWrite queued() {
        MirrorWrite write = p.next();
        assertNotNull(write);
        write.queued().complete(null);
        return write;
    }

    private static long firstOffset(MirrorWrite write) {
        return write.batch().records().firstOffset();
    }

    @Test
    void the_next_goes_when_the_one_before_is_in_line_and_no_third_does() {
        polled(0, 2);
        polled(2, 4);
        polled(4, 6);
        MirrorWrite first = p.next();
        assertNotNull(first);
        assertNull(p.next());
        first.queued().complete(null);
        MirrorWrite second = queued();
        assertEquals(2, firstOffset(second));
        assertSame(first.fence(), second.fence());
        assertNull(p.next());
        first.stored().complete(null);
        assertNull(p.settle(spare));
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
        assertNull(p.settle(spare));
        assertEquals(0, p.storedTo());
        first.stored().complete(null);
        assertNull(p.settle(spare));
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
        assertNull(p.settle(spare));
        assertNull(p.next());
        second.stored().complete(null); // it had nothing to store
        assertSame(full, p.settle(spare));
        assertEquals(0, p.storedTo());
        for (long from = 0; from < 6; from += 2) {
            MirrorWrite again = queued();
            assertEquals(from, firstOffset(again));
            assertNotSame(first.fence(), again.fence());
            again.stored().complete(null);
            assertNull(p.settle(spare));
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
        assertNull(p.settle(spare));
        first.stored().complete(null);
        assertSame(full, p.settle(spare));
        assertEquals(2, p.storedTo());
        assertEquals(2, firstOffset(queued()));
    }

    @Test
    void what_waits_is_joined_up_to_a_size() {
        List<PartitionBatch> batches = new ArrayList<>();
        for (int from = 0; from < 6; from += 2) {
            batches.addAll(p.polled(records(from, from + 2), from + 2, false, spare));
            p.seal();
        }
        assertEquals(3, batches.size());
        long one = batches.getFirst().bytes();
        assertEquals(3 * one, p.bytes());
        batches.forEach(b -> p.offer(b, 2 * one, spare));
        MirrorWrite first = queued();
        assertEquals(4, first.batch().records().count());
        assertEquals(4, first.batch().next());
        assertEquals(2 * one, first.batch().bytes());
        MirrorWrite second = queued();
        assertEquals(4, firstOffset(second));
        first.stored().complete(null);
        second.stored().complete(null);
        assertNull(p.settle(spare));
        assertEquals(0, p.bytes());
        assertEquals(6, p.storedTo());
    }

    @Test
    void what_is_polled_before_it_is_sealed_is_one_batch() {
        List<PartitionBatch> begun = p.polled(records(0, 2), 2, false, spare);
        assertEquals(1, begun.size());
        assertEquals(List.of(), p.polled(records(2, 4), 7, false, spare));
        PartitionBatch batch = begun.getFirst();
        assertEquals(4, batch.records().count());
        assertEquals(7, batch.next());
        assertEquals(batch.bytes(), p.bytes());
        p.seal();
        assertEquals(1, p.polled(records(7, 9), 9, false, spare).size());
        assertEquals(4, batch.records().count());
    }

    @Test
    void a_full_batch_is_followed_by_another() {
        List<ConsumerRecord<byte[], byte[]>> large = new ArrayList<>();
        for (int o = 0; o < 9; o++) {
            large.add(new ConsumerRecord<>("t", 0, o, new byte[] {1}, new byte[1_000_000]));
        }
        List<PartitionBatch> begun = p.polled(large, 20, false, spare);
        assertEquals(List.of(4, 4, 1), begun.stream().map(b -> b.records().count()).toList());
        assertEquals(List.of(4L, 8L, 20L), begun.stream().map(PartitionBatch::next).toList());
        assertEquals(begun.stream().mapToLong(PartitionBatch::bytes).sum(), p.bytes());
    }

    @Test
    void what_cannot_be_stored_is_kept_apart_and_may_stop_what_is_behind_it() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(record(0, new byte[] {1}));
        records.add(record(1, null));
        records.add(new ConsumerRecord<>("t", 0, 2, new byte[] {1}, new byte[2_000_000]));
        records.add(at(3, -2));
        records.add(at(4, -1));
        PartitionBatch skips = p.polled(records, 5, false, spare).getFirst();
        assertEquals(2, skips.records().count());
        assertEquals(2, skips.plainBytes()); // the others do not tell theirs
        assertEquals(
                List.of(Reason.NO_KEY, Reason.TOO_LARGE, Reason.BAD_TIMESTAMP),
                skips.unusable().stream().map(PartitionBatch.Unusable::reason).toList());
        assertEquals("has the timestamp -2", skips.unusable().getLast().why());
        assertTrue(skips.unusable().get(1).why().contains("2000"), skips.unusable().toString());
        p.seal();
        PartitionBatch stops = p.polled(records, 5, true, spare).getFirst();
        assertTrue(stops.stops());
        assertEquals(1, stops.records().count());
        assertEquals(1, stops.unusable().getFirst().record().offset());
        p.seal();
        PartitionBatch behind = p.polled(records(5, 7), 7, true, spare).getFirst();
        assertFalse(stops.join(behind, Long.MAX_VALUE));
    }

    private static ConsumerRecord<byte[], byte[]> at(long offset, long timestamp) {
        return new ConsumerRecord<>(
                "t",
                0,
                offset,
                timestamp,
                org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                1,
                1,
                new byte[] {1},
                new byte[] {1},
                new RecordHeaders(),
                Optional.empty());
    }

    @Test
    void memory_that_is_kept_is_bounded() {
        MirroredRecords large = MirroredRecords.into(log);
        for (int o = 0; o < 4; o++) {
            large.add(
                    o,
                    TimestampType.CREATE_TIME,
                    0,
                    1,
                    new byte[] {1},
                    new byte[1_000_000],
                    List.of());
        }
        assertTrue(large.capacity() > 4_000_000, "" + large.capacity());
        List<MirroredRecords> all = new ArrayList<>(List.of(large));
        for (int i = 0; i < 10_000; i++) {
            all.add(MirroredRecords.into(log));
        }
        all.forEach(spare::giveBack);
        Set<MirroredRecords> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        long bytes = 0;
        for (MirroredRecords r = spare.take(log); all.contains(r); r = spare.take(log)) {
            assertTrue(kept.add(r));
            assertTrue(r.isEmpty());
            bytes += r.capacity();
        }
        assertTrue(kept.contains(large));
        assertTrue(bytes > 15 << 20 && bytes <= 16 << 20, "" + bytes);
        spare.giveBack(large);
        spare.clear();
        assertFalse(all.contains(spare.take(log)));
    }

    @Test
    void what_could_not_be_prepared_waits_longer_each_time_also_as_another() {
        SourcePartition first = new SourcePartition(TP, 0);
        first.stall("no answer", 1_000_000);
        assertFalse(first.isRetryDue());
        SourcePartition again = new SourcePartition(TP, first.failures());
        assertEquals(State.PREPARING, again.state());
        again.stall("no answer", 0);
        assertEquals(2, again.failures());
        assertTrue(again.isRetryDue());
        assertFalse(again.takes());
    }

    @Test
    void what_is_stored_is_filled_again() {
        polled(0, 2);
        MirrorWrite write = queued();
        MirroredRecords buffers = write.batch().records();
        write.stored().complete(null);
        p.settle(spare);
        List<PartitionBatch> begun = p.polled(records(2, 3), 3, false, spare);
        assertSame(buffers, begun.getFirst().records());
        assertEquals(2, buffers.firstOffset());
        assertEquals(1, buffers.count());
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
