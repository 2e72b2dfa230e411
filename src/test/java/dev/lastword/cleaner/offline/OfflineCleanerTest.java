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
}
