package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.system.RegisterHistory.Call;
import dev.lastword.system.RegisterHistory.Refused;
import dev.lastword.system.RegisterHistory.Swap;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients who read, write and delete the same few keys at the same time, with and without
/// conditions, while the topic is compacted again and again: each key is linearizable. The seed
/// fixes what each client does, though not how they take turns.
class ConditionalWritesIT {
    private static final int CLIENTS = 8;
    private static final int CALLS_PER_CLIENT = 400;
    private static final List<String> KEYS = List.of("a", "b", "c", "d");

    private final long seed = Long.getLong("seed", System.nanoTime());

    @TempDir private Path dataDir;

    @Test
    void each_key_does_one_thing_after_the_other() throws Exception {
        System.out.println("ConditionalWritesIT: -Dseed=" + seed);
        List<RegisterClient> clients = new ArrayList<>();
        try (ServiceProcess service = ServiceProcess.start(dataDir)) {
            Api api = new Api(service.uri());
            api.createTopic("registers", 2);
            URI topic = service.uri().resolve("/topics/registers/");
            for (int i = 0; i < CLIENTS; i++) {
                Version version = i % 2 == 0 ? Version.HTTP_1_1 : Version.HTTP_2;
                clients.add(new RegisterClient("client" + i, version, topic, new Random(seed + i)));
            }
            run(clients, api);
        }
        check(clients);
    }

    private static void run(List<RegisterClient> clients, Api api) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (RegisterClient client : clients) {
                running.add(
                        threads.submit(() -> {
                            client.callAtRandom(KEYS, CALLS_PER_CLIENT);
                            return null;
                        }));
            }
            while (!running.stream().allMatch(Future::isDone)) {
                HttpResponse<String> compacted =
                        api.post("/topics/registers/compactions?wait=true");
                assertEquals(200, compacted.statusCode(), compacted.body());
            }
            for (Future<?> client : running) {
                client.get();
            }
        }
    }

    private void check(List<RegisterClient> clients) {
        int won = 0;
        int lost = 0;
        for (String key : KEYS) {
            List<Call> calls = new ArrayList<>();
            clients.forEach(client -> calls.addAll(client.calls(key)));
            won += (int) calls.stream().filter(c -> c.step() instanceof Swap).count();
            lost += (int) calls.stream().filter(c -> c.step() instanceof Refused).count();
            RegisterHistory history = new RegisterHistory(calls);
            assertTrue(
                    history.isLinearizable(null),
                    () -> key + " is not linearizable with -Dseed=" + seed + ":\n" + history);
        }
        int swaps = won;
        int refusals = lost;
        assertTrue(
                won > CALLS_PER_CLIENT / 4 && lost > CALLS_PER_CLIENT / 4,
                () -> "hardly any contention: " + swaps + " won, " + refusals + " lost");
        checkValues(clients);
    }

    /// Whoever saw a version saw the same value.
    private static void checkValues(List<RegisterClient> clients) {
        Map<String, String> values = new HashMap<>();
        for (RegisterClient client : clients) {
            client.values()
                    .forEach((version, value) -> {
                        String other = values.putIfAbsent(version, value);
                        assertTrue(other == null || other.equals(value), version);
                    });
        }
    }
}
