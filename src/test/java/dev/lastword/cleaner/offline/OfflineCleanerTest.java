package dev.lastword.cleaner.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lastword.io.SimulatedDisk;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class OfflineCleanerTest {
    static final long NOW = BrokerLog.TIME + 1_000_000;
    static final long RETENTION_MS = 1000;

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private long nowMs = NOW;

    private OfflineOptions options() {
        return OfflineOptions.defaults(nowMs).withDeleteRetentionMs(RETENTION_MS);
    }

    private OfflineResult clean() throws IOException {
        return clean(options());
    }

    private OfflineResult clean(OfflineOptions options) throws IOException {
        return OfflineCleaner.clean(disk, BrokerLog.PARTITION, options, (phase, done, total) -> {});
    }

    private void check(String... content) {
        assertEquals(List.of(content), BrokerLog.content(disk));
    }

    /// Kafka's `testCleanSegments`.
    @Test
    void a_superseded_record_goes_and_every_other_stays() throws IOException {
        new BrokerLog(disk)
                .plain("a=1", "b=1", "c=1")
                .plain("a=2")
                .roll()
                .plain("b=2", "d=1")
                .roll();
        OfflineResult result = clean();
        check("2:c=1", "3:a=2", "4:b=2", "5:d=1");
        assertEquals(6, result.recordsRead());
        assertEquals(4, result.recordsKept());
        assertEquals(2, result.droppedSuperseded());
        assertEquals(List.of(0L, 6L), BrokerLog.bases(disk));
    }

    @Test
    void the_active_segment_is_neither_touched_nor_looked_at_for_successors() throws IOException {
        new BrokerLog(disk).plain("a=1", "a=2").roll().plain("a=3", "a=4").close();
        clean();
        check("1:a=2", "2:a=3", "3:a=4");
    }

    /// Kafka's `testCleaningWithDeletes`.
    @Test
    void a_tombstone_stays_until_its_horizon() throws IOException {
        new BrokerLog(disk).plain("a=1", "b=1").plain("a").roll().plain("c=1").roll();
        clean();
        check("1:b=1", "2:a", "3:c=1");
        nowMs += RETENTION_MS - 1;
        clean();
        check("1:b=1", "2:a", "3:c=1");
        nowMs++;
        assertEquals(1, clean().droppedTombstones());
        check("1:b=1", "3:c=1");
    }

    /// Kafka's `testCleaningWithUnkeyedMessages`.
    @Test
    void a_record_without_a_key_goes_and_is_counted() throws IOException {
        new BrokerLog(disk).plain("=x", "a=1", "=y").plain("=z").roll().plain("b=1").roll();
        assertEquals(3, clean().droppedWithoutKey());
        check("1:a=1", "4:b=1");
    }

    @Test
    void a_dry_run_tells_the_same_and_changes_nothing() throws IOException {
        new BrokerLog(disk).plain("a=1", "b=1").plain("b").roll().plain("a=2").roll();
        OfflineResult dry = clean(options().withDryRun(true));
        check("0:a=1", "1:b=1", "2:b", "3:a=2");
        OfflineResult wet = clean();
        assertEquals(wet.recordsKept(), dry.recordsKept());
        assertEquals(wet.bytesAfter(), dry.bytesAfter());
        assertEquals(wet.segmentsAfter(), dry.segmentsAfter());
    }

    @Test
    void of_a_batch_of_several_records_exactly_the_live_ones_stay() throws IOException {
        new BrokerLog(disk)
                .plain("p=1", "p=2", "q=1")
                .plain("x=1", "a=1", "b", "c=1", "a=2")
                .plain("q=2")
                .roll()
                .plain("x=2")
                .roll();
        clean();
        check("1:p=2", "5:b", "6:c=1", "7:a=2", "8:q=2", "9:x=2");
        nowMs += RETENTION_MS - 1;
        clean();
        check("1:p=2", "5:b", "6:c=1", "7:a=2", "8:q=2", "9:x=2");
        nowMs++;
        assertEquals(1, clean().droppedTombstones());
        check("1:p=2", "6:c=1", "7:a=2", "8:q=2", "9:x=2");
    }

    @Test
    void what_stays_as_it_is_counts_too() throws IOException {
        new BrokerLog(disk).plain("a=1", "b").roll().plain("a=2", "c=1", "d=1").roll();
        OfflineOptions apart = options().withSegmentBytes(1);
        clean(apart);
        OfflineResult again = clean(apart);
        check("1:b", "2:a=2", "3:c=1", "4:d=1");
        assertEquals(4, again.recordsRead());
        assertEquals(4, again.recordsKept());
        assertEquals(1, again.tombstonesKept());
        assertEquals(2, again.segmentsAfter());
        assertEquals(again.bytesBefore(), again.bytesAfter());
        assertEquals(List.of(0L, 2L, 5L), BrokerLog.bases(disk));
    }

    /// Else a crash in the middle of the swap would leave an old segment beside the new one.
    @Test
    void a_joined_segment_reaches_into_the_last_of_the_old_ones() throws IOException {
        new BrokerLog(disk)
                .plain("a=1")
                .roll()
                .plain("b=1")
                .roll()
                .plain("b=2", "c=" + "x".repeat(500))
                .roll();
        clean(options().withSegmentBytes(200));
        check("0:a=1", "1-1:EMPTY -1", "2:b=2", "3:c=" + "x".repeat(500));
        assertEquals(List.of(0L, 2L, 4L), BrokerLog.bases(disk));
    }

    @Test
    void a_joined_segment_that_reaches_there_anyway_has_no_empty_batch() throws IOException {
        new BrokerLog(disk)
                .plain("a=1")
                .roll()
                .plain("d=1")
                .plain("b=1")
                .roll()
                .plain("b=2", "c=" + "x".repeat(500))
                .roll();
        clean(options().withSegmentBytes(300));
        check("0:a=1", "1:d=1", "3:b=2", "4:c=" + "x".repeat(500));
        assertEquals(List.of(0L, 3L, 5L), BrokerLog.bases(disk));
    }
}
