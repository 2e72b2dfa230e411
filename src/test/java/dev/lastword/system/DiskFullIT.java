package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that runs full refuses writes and nothing else, loses nothing, and takes writes again
/// once there is room.
class DiskFullIT {
    private static final int DISK_MEGABYTES = 32;
    private static final int VALUE_BYTES = 1000;
    private static final int LARGE_VALUE_BYTES = 500_000;
    private static final int PUTS_MAX = 1000;
    private static final int BALLAST_RECORDS = 8_000;
    private static final int TOO_MANY_RECORDS = 100_000;
    private static final String BALLAST = "ballast";
    private static final String TOPIC = "full";
    private static final String LATE = "late";

    @TempDir private Path folder;

    @Test
    void a_full_disk_refuses_writes_and_loses_nothing() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder, DISK_MEGABYTES)) {
            long accepted;
            try (ServiceProcess service = ServiceProcess.start(disk.path())) {
                Api api = new Api(service.uri());
                for (String topic : new String[] {BALLAST, TOPIC}) {
                    api.createTopic(
                            topic, 1, "segment.bytes", "1048576", "file.delete.delay.ms", "0");
                }
                assertEquals(200, write(api, BALLAST, BALLAST_RECORDS).statusCode());
                accepted = fill(api);
                fillUp(api);
                assertHolds(api, accepted);
                service.killNow();
                service.awaitEnd();
            }
            try (ServiceProcess service = ServiceProcess.start(disk.path())) {
                Api api = new Api(service.uri());
                assertHolds(api, accepted);
                assertEquals(204, api.delete("/topics/" + BALLAST).statusCode());
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> put(api, LARGE_VALUE_BYTES) == 200);
                assertHolds(api, accepted);
            }
        }
    }

    /// @return how many records are stored
    private static long fill(Api api) throws Exception {
        HttpResponse<String> refused = write(api, TOPIC, TOO_MANY_RECORDS);
        assertEquals(507, refused.statusCode(), refused.body());
        assertEquals(
                "application/problem+json",
                refused.headers().firstValue("Content-Type").orElseThrow());
        JsonNode problem = Api.JSON.readTree(refused.body());
        long accepted = problem.get("accepted").asLong();
        assertTrue(accepted > 0, refused.body());
        assertEquals(accepted + 1, problem.get("line").asLong(), refused.body());
        return accepted;
    }

    /// Takes what room the refused group left.
    private static void fillUp(Api api) throws Exception {
        for (int bytes : new int[] {LARGE_VALUE_BYTES, VALUE_BYTES}) {
            int status = 200;
            for (int i = 0; i < PUTS_MAX && status != 507; i++) {
                status = put(api, bytes);
            }
            assertEquals(507, status);
        }
    }

    private static int put(Api api, int bytes) throws Exception {
        return api.putKey(TOPIC, LATE, "\"" + "x".repeat(bytes) + "\"").statusCode();
    }

    /// The first records are there, and nothing after them.
    private static void assertHolds(Api api, long records) throws Exception {
        Map<String, String> live = api.snapshot(TOPIC);
        assertTrue(live.remove(LATE) != null);
        assertEquals(records, live.size());
        assertEquals(200, api.getKey(TOPIC, "0").statusCode());
        assertEquals(200, api.getKey(TOPIC, Long.toString(records - 1)).statusCode());
        assertEquals(404, api.getKey(TOPIC, Long.toString(records)).statusCode());
    }

    private static HttpResponse<String> write(Api api, String topic, int records) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < records; i++) {
            lines.append("{\"key\":\"").append(i).append("\",\"value\":");
            lines.append('"').append("x".repeat(VALUE_BYTES)).append("\"}\n");
        }
        return api.write(topic, BodyPublishers.ofString(lines.toString()));
    }
}
