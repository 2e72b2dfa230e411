package dev.lastword.log;

import static dev.lastword.log.TestStore.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.index.KeyHash;
import dev.lastword.io.SimulatedDisk;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an acknowledged write outlives, by what it and its topic ask for.
class AcksTest {
    private final TestStore s = new TestStore(new SimulatedDisk(1));

    private static AppendResult write(PartitionLog log, NewRecord record, @Nullable Acks acks) {
        AppendRequest request = new AppendRequest(List.of(record), Condition.NONE, null, acks);
        log.append(request);
        return request.result().join();
    }

    private static NewRecord record(String key) {
        return new NewRecord(bytes(key), bytes("1"), NewRecord.NOW, List.of());
    }

    private @Nullable String afterPowerLoss(String key) {
        try (TestStore after = new TestStore(s.powerOff())) {
            after.check();
            return after.get(key);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"flushed", "written"})
    void a_write_that_asks_for_it_is_on_disk_when_it_is_acknowledged(String ofTopic) {
        PartitionLog log = s.create("acks", ofTopic);
        write(log, record("b"), Acks.WRITTEN);
        write(log, record("a"), Acks.FLUSHED);
        assertEquals(2, log.flushedOffset());
        assertEquals("1", afterPowerLoss("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"flushed", "written"})
    void a_write_that_does_not_can_be_read_before_it_is_on_disk(String ofTopic) {
        PartitionLog log = s.create("acks", ofTopic);
        var unflushed = new java.util.concurrent.CompletableFuture<Long>();
        AppendRequest request =
                new AppendRequest(List.of(record("a")), Condition.NONE, null, Acks.WRITTEN);
        var _ = request.result().thenAccept(r -> unflushed.complete(log.flushedOffset()));
        log.append(request);
        assertEquals(0, unflushed.join());
        assertEquals("1", s.get("a"));
    }

    @Test
    void a_resend_is_acknowledged_no_sooner_than_it_asks_for() {
        PartitionLog log = s.create();
        KeyHash name = new KeyHash();
        name.hi = 7;
        NewRecord once = record("a").storedOnce(Once.single(name, 0));
        AppendResult first = write(log, once, Acks.WRITTEN);
        assertEquals(first, write(log, once, Acks.FLUSHED));
        assertEquals(1, log.flushedOffset());
        assertEquals("1", afterPowerLoss("a"));
    }

    @Test
    void a_resend_that_cannot_be_flushed_is_of_unknown_outcome() {
        SimulatedDisk disk = (SimulatedDisk) s.disk;
        PartitionLog log = s.create();
        KeyHash name = new KeyHash();
        name.hi = 7;
        NewRecord once = record("a").storedOnce(Once.single(name, 0));
        disk.failSync(1);
        write(log, once, Acks.WRITTEN);
        AppendRequest again = new AppendRequest(List.of(once), Condition.NONE, null, Acks.FLUSHED);
        log.append(again);
        var e =
                org.junit.jupiter.api.Assertions.assertThrows(
                        java.util.concurrent.CompletionException.class,
                        () -> again.result().join());
        assertTrue(e.getCause() instanceof LogException.OutcomeUnknown, e.toString());
        assertEquals(PartitionState.READ_ONLY, log.state());
        assertNull(afterPowerLoss("a"));
    }
}
