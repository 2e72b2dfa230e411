package dev.lastword.metrics;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerEvent;
import dev.lastword.cleaner.PassResult;
import dev.lastword.log.LogEvent;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class HappeningsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Happenings happenings =
            new Happenings(
                    new LogMetrics(registry),
                    new CleanerMetrics(registry),
                    new PartitionGauges(registry));

    private double counter(String name) {
        return registry.get(name).counter().count();
    }

    private List<Meter> ofTopic() {
        return registry.getMeters().stream()
                .filter(m -> m.getId().getTag("topic") != null)
                .toList();
    }

    @Test
    void appended_groups_are_counted() {
        happenings.log(new LogEvent.GroupAppended("t", 0, 2, 5, 300, 1_000_000));
        happenings.log(new LogEvent.GroupAppended("t", 1, 1, 1, 100, 0));
        assertEquals(2, counter("lastword.groups.appended"));
        assertEquals(3, counter("lastword.requests.appended"));
        assertEquals(6, counter("lastword.records.appended"));
        assertEquals(400, counter("lastword.bytes.appended"));
        assertEquals(1, registry.get("lastword.flush").timer().count());
    }

    @Test
    void a_deleted_topic_leaves_no_meter_behind() {
        happenings.log(new LogEvent.TopicCreated("t", 3));
        happenings.log(new LogEvent.GroupAppended("t", 0, 1, 1, 100, 1));
        assertFalse(ofTopic().isEmpty());
        happenings.log(new LogEvent.TopicDeleted("t", 3));
        assertEquals(List.of(), ofTopic());
    }

    @Test
    void a_gauge_of_a_partition_that_cannot_be_asked_shows_no_number() {
        happenings.log(new LogEvent.TopicCreated("t", 1));
        assertTrue(Double.isNaN(registry.get("lastword.partition.live.keys").gauge().value()));
    }

    @Test
    void cleaning_is_counted() {
        happenings.cleaner(
                new CleanerEvent.Cleaned("t", 0, new PassResult(9, 100, 40, 90, 30, 10, 4, 1), 5));
        happenings.cleaner(new CleanerEvent.Failed("t", 0, "disk", 1, 1000));
        assertEquals(60, counter("lastword.cleaner.bytes.reclaimed"));
        assertEquals(90, counter("lastword.cleaner.bytes.read"));
        assertEquals(30, counter("lastword.cleaner.bytes.written"));
        assertEquals(6, counter("lastword.cleaner.records.removed"));
        assertEquals(1, counter("lastword.cleaner.failures"));
        assertEquals(1, registry.get("lastword.cleaner.runs").timer().count());
    }

    @Test
    void events_without_a_meter_pass() {
        assertDoesNotThrow(() -> {
            happenings.log(new LogEvent.TailCut("t", 0, 5, 10));
            happenings.log(new LogEvent.TurnedReadOnly("t", 0, "fsync"));
            happenings.log(new LogEvent.Quarantined("t", 0, "CRC"));
            happenings.log(new LogEvent.AppendFailed("t", 0, 1, "full"));
            happenings.log(new LogEvent.SegmentRolled("t", 0, 5));
            happenings.log(new LogEvent.CheckpointWritten("t", 0, 5, 100, 3));
            happenings.log(new LogEvent.UpkeepFailed("t", 0, "no room"));
            happenings.log(new LogEvent.PartitionOpened("t", 0, 5, 1, true, 3));
            happenings.cleaner(new CleanerEvent.Cancelled("t", 0));
            happenings.cleaner(new CleanerEvent.Retired("t", 0, 1, 10, "age"));
        });
    }
}
