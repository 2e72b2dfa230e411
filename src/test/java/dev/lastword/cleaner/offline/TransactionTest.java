package dev.lastword.cleaner.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.log.AbortedTransaction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.record.ControlRecordType;
import org.junit.jupiter.api.Test;

/// What cleaning does to the logs of transactional and idempotent producers, which only a broker
/// writes.
class TransactionTest {
    private static final long RETENTION_MS = 1000;

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private long nowMs = BrokerLog.TIME + 1_000_000;

    private BrokerLog log() throws IOException {
        return new BrokerLog(disk);
    }

    private OfflineResult clean() throws IOException {
        return clean(OfflineOptions.defaults(nowMs));
    }

    private OfflineResult clean(OfflineOptions options) throws IOException {
        return OfflineCleaner.clean(
                disk,
                BrokerLog.PARTITION,
                options.withDeleteRetentionMs(RETENTION_MS),
                (phase, done, total) -> {});
    }

    /// By then producers are forgotten and hold nothing back.
    private void waitForProducersToExpire() {
        nowMs += 2 * 86_400_000L;
    }

    private void check(String... content) {
        assertEquals(List.of(content), BrokerLog.content(disk));
    }

    /// Kafka's `testBasicTransactionAwareCleaning`.
    @Test
    void an_aborted_record_goes_at_once_and_supersedes_nothing() throws IOException {
        log().transactional(1, 0, "a=1", "b=1")
                .transactional(2, 0, "a=lost", "c=lost")
                .transactional(1, 2, "b=2")
                .abort(2)
                .commit(1)
                .roll()
                .plain("d=1")
                .roll();
        OfflineResult result = clean();
        // producer 2's last batch stays for its sequence
        check("0:a=1", "2-3:EMPTY 2", "4:b=2", "5:ABORT 2", "6:COMMIT 1", "7:d=1");
        assertEquals(2, result.droppedAborted());
        assertEquals(
                List.of(new AbortedTransaction(2, 2, 5, 0)),
                AbortedTransaction.read(disk, BrokerLog.file(0, ".txnindex")));
    }

    /// Kafka's `testCommitMarkerRemoval`.
    @Test
    void a_commit_marker_goes_after_all_its_data_and_then_its_horizon() throws IOException {
        log().transactional(1, 0, "a=1").commit(1).roll().plain("a=2").roll();
        waitForProducersToExpire();
        clean();
        check("1:COMMIT 1", "2:a=2"); // its data was still there when the cleaning met it
        clean();
        check("1:COMMIT 1", "2:a=2"); // stamped now
        nowMs += RETENTION_MS - 1;
        clean();
        check("1:COMMIT 1", "2:a=2");
        nowMs++;
        clean();
        check("2:a=2");
    }

    /// Kafka's `testAbortMarkerRemoval`.
    @Test
    void an_abort_marker_outlives_the_aborted_data_until_its_horizon() throws IOException {
        log().transactional(1, 0, "a=1").abort(1).roll().plain("a=2").roll();
        waitForProducersToExpire();
        clean();
        check("1:ABORT 1", "2:a=2");
        assertEquals(1, AbortedTransaction.read(disk, BrokerLog.file(0, ".txnindex")).size());
        clean();
        assertFalse(disk.exists(BrokerLog.file(0, ".txnindex")));
        nowMs += RETENTION_MS;
        clean();
        check("2:a=2");
    }

    /// Kafka's `testCommitMarkerRetentionWithEmptyBatch`.
    @Test
    void an_empty_batch_holds_its_commit_marker() throws IOException {
        log().transactional(1, 0, "a=1").commit(1).roll().plain("a=2").roll();
        clean();
        check("0-0:EMPTY 1", "1:COMMIT 1", "2:a=2");
        nowMs += 10 * RETENTION_MS;
        clean();
        clean();
        check("0-0:EMPTY 1", "1:COMMIT 1", "2:a=2");
        waitForProducersToExpire();
        clean();
        check("1:COMMIT 1", "2:a=2");
        clean();
        nowMs += RETENTION_MS;
        clean();
        check("2:a=2");
    }

    /// Kafka's `testAbortMarkerRetentionWithEmptyBatch`.
    @Test
    void an_empty_batch_holds_its_abort_marker_and_index_entry() throws IOException {
        log().transactional(1, 0, "a=1").abort(1).roll().plain("b=2").roll();
        clean();
        clean();
        check("0-0:EMPTY 1", "1:ABORT 1", "2:b=2");
        assertEquals(
                List.of(new AbortedTransaction(1, 0, 1, 2)),
                AbortedTransaction.read(disk, BrokerLog.file(0, ".txnindex")));
    }

    /// Kafka's `testCommittedTransactionSpanningSegments`, `testAbortedTransactionSpanningSegments`
    /// and `testCleanWithTransactionsSpanningSegments`.
    @Test
    void a_transaction_over_several_segments_and_groups_is_decided_as_a_whole() throws IOException {
        log().transactional(1, 0, "a=1")
                .transactional(2, 0, "a=lost")
                .roll()
                .transactional(1, 1, "b=1")
                .transactional(2, 1, "b=lost")
                .roll()
                .commit(1)
                .abort(2)
                .roll();
        String[] clean = {
            "0:a=1", "2:b=1", "3-3:EMPTY 2", "4:COMMIT 1", "5:ABORT 2",
        };
        OfflineOptions small = OfflineOptions.defaults(nowMs).withSegmentBytes(1);
        clean(small);
        check(clean);
        clean(small);
        check(clean);
    }

    /// An abort marker in a segment that is not cleaned counts too.
    @Test
    void data_whose_abort_marker_is_in_the_active_segment_goes() throws IOException {
        log().transactional(1, 0, "a=lost").plain("b=1").roll().abort(1).plain("c=1").close();
        waitForProducersToExpire();
        clean();
        check("1:b=1", "2:ABORT 1", "3:c=1");
    }

    /// Kafka's `testUndecidedTransactionalDataNotCleanable`.
    @Test
    void nothing_from_the_segment_of_an_open_transaction_on_is_touched() throws IOException {
        log().plain("a=1", "a=2")
                .roll()
                .plain("b=1")
                .transactional(1, 0, "a=open")
                .plain("b=2")
                .roll()
                .plain("a=4", "a=5")
                .roll();
        OfflineResult result = clean();
        check("1:a=2", "2:b=1", "3:a=open", "4:b=2", "5:a=4", "6:a=5");
        assertEquals(2, result.toOffset());
    }

    @Test
    void a_record_read_before_the_end_was_known_supersedes_nothing() throws IOException {
        log().plain("a=1").roll().plain("a=2").transactional(1, 0, "b=open").roll().roll();
        clean();
        check("0:a=1", "1:a=2", "2:b=open");
    }

    /// Kafka's `testCleaningWithKeysConflictingWithTxnMarkerKeys`.
    @Test
    void a_key_equal_to_that_of_a_marker_removes_no_marker() throws IOException {
        String markerKey = new String(new byte[] {0, 0, 0, 1}, StandardCharsets.UTF_8);
        log().transactional(1, 0, "a=1")
                .commit(1)
                .plain(markerKey + "=x")
                .plain(markerKey + "=y")
                .roll();
        clean();
        check("0:a=1", "1:COMMIT 1", "3:" + markerKey + "=y");
    }

    /// Kafka's `testLogCleanerRetainsProducerLastSequence`.
    @Test
    void the_last_batch_of_an_active_producer_stays_though_its_records_go() throws IOException {
        log().idempotent(1, 0, "a=1").idempotent(1, 1, "a=2").idempotent(2, 0, "a=3").roll();
        clean();
        check("1-1:EMPTY 1", "2:a=3");
        var kept = BrokerLog.batches(disk).getFirst();
        assertEquals(1, kept.baseSequence());
        assertEquals(1, kept.lastSequence());
        waitForProducersToExpire();
        clean();
        check("2:a=3");
    }

    /// Kafka's `testLogCleanerRetainsLastSequenceEvenIfTransactionAborted`.
    @Test
    void the_last_batch_of_a_producer_stays_even_if_it_was_aborted() throws IOException {
        log().transactional(1, 0, "a=1").transactional(1, 1, "a=2").abort(1).plain("b=1").roll();
        clean();
        check("1-1:EMPTY 1", "2:ABORT 1", "3:b=1");
    }

    /// A producer that wrote on in the active segment frees what it wrote before.
    @Test
    void a_producer_is_followed_into_the_active_segment() throws IOException {
        log().idempotent(1, 0, "a=1").plain("a=2").roll().idempotent(1, 1, "c=1").close();
        clean();
        check("1:a=2", "2:c=1");
    }

    /// Kafka's `testCleanEmptyControlBatch`, and that the marker of a new epoch holds that epoch.
    @Test
    void the_marker_that_alone_shows_a_producers_epoch_stays() throws IOException {
        log().transactional(1, 0, "a=1")
                .marker(1, (short) 1, ControlRecordType.COMMIT)
                .plain("a=2")
                .roll();
        for (int i = 0; i < 4; i++) {
            clean();
            nowMs += RETENTION_MS;
        }
        check("1-1:EMPTY 1", "2:a=2");
        clean();
        check("1-1:EMPTY 1", "2:a=2");
        waitForProducersToExpire();
        clean();
        check("2:a=2");
    }

    /// Kafka's `testEmptyBatchRemovalWithSequenceReuse`: a group coordinator begins each
    /// transaction with sequence 0.
    @Test
    void the_batch_of_a_reused_sequence_does_not_hold_an_empty_one() throws IOException {
        log().transactional(1, 0, "a=1")
                .commit(1)
                .transactional(1, 0, "a=2")
                .commit(1)
                .plain("a=3")
                .roll();
        clean();
        check("1:COMMIT 1", "2-2:EMPTY 1", "3:COMMIT 1", "4:a=3");
    }

    @Test
    void a_marker_stamped_behind_a_batch_that_shrinks_is_whole() throws IOException {
        BrokerLog log = log();
        log.plain("z=1", "y=1", "w=1").transactional(1, 0, "a=1").commit(1).roll();
        log.plain("a=2").roll();
        waitForProducersToExpire();
        clean();
        check("0:z=1", "1:y=1", "2:w=1", "4:COMMIT 1", "5:a=2");
        log.plain("z=2", "y=2").roll();
        clean();
        check("2:w=1", "4:COMMIT 1", "5:a=2", "6:z=2", "7:y=2");
        nowMs += RETENTION_MS;
        clean();
        check("2:w=1", "5:a=2", "6:z=2", "7:y=2");
    }
}
