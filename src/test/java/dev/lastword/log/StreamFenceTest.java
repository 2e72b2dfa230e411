package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lastword.io.SimulatedDisk;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class StreamFenceTest {
    @Test
    void a_write_behind_a_failed_one_of_its_stream_is_refused_with_the_first_cause() {
        LogException first = new LogException.Closed("The first");
        StreamFence fence = new StreamFence();
        fence.breakStream(first);
        fence.breakStream(new LogException.Closed("The second"));
        try (LogStore store =
                LogStore.open(
                        new SimulatedDisk(1),
                        SimulatedDisk.MOUNT.resolve("data"),
                        LogStoreOptions.defaults(),
                        InstantSource.system(),
                        e -> {})) {
            PartitionLog log = store.create("t", 1, Map.of()).partition(0);
            byte[] key = "k".getBytes(StandardCharsets.UTF_8);
            NewRecord record = new NewRecord(key, key, NewRecord.NOW, List.of());
            AppendRequest request = new AppendRequest(List.of(record), Condition.NONE, fence);
            log.append(request);
            var refused = assertThrows(CompletionException.class, () -> request.result().join());
            assertSame(first, refused.getCause());
            assertEquals(0, log.endOffset());
        }
    }
}
