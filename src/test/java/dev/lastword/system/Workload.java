package dev.lastword.system;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Several writers, each with keys of its own, some key by key and some in long bodies; and what
/// must be there of it. Only while no writer runs may it be checked.
final class Workload {
    private static final int PUTTERS = 3;
    private static final int STREAMERS = 2;
    private static final int KEYS_PER_WRITER = 150;
    private static final int LINES_PER_BODY = 300;
    private static final int VALUE_CHARS_MAX = 400;
    private static final int DELETIONS_PERCENT = 10;

    private final String topic;
    private final Random seeds;
    private final Map<String, KeyHistory> histories = new TreeMap<>();
    private final List<List<String>> keysOfWriters = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> refusals = new ConcurrentLinkedQueue<>();
    private long sequence;

    Workload(String topic, long seed) {
        this.topic = topic;
        this.seeds = new Random(seed);
        for (int writer = 0; writer < PUTTERS + STREAMERS; writer++) {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < KEYS_PER_WRITER; i++) {
                String key = "writer " + writer + "/key " + i;
                keys.add(key);
                histories.put(key, new KeyHistory());
            }
            keysOfWriters.add(keys);
        }
    }

    /// Writes until the service is gone.
    ///
    /// @param acknowledged is told of every answer
    void writeUntilGone(Api api, Runnable acknowledged) throws InterruptedException {
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < keysOfWriters.size(); i++) {
            List<String> keys = keysOfWriters.get(i);
            boolean streams = i >= PUTTERS;
            Random random = new Random(seeds.nextLong());
            writers.add(
                    Thread.ofVirtual()
                            .start(() -> write(api, keys, streams, random, acknowledged)));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        if (!refusals.isEmpty()) {
            throw new AssertionError("writes were refused: " + refusals);
        }
    }

    private void write(
            Api api, List<String> keys, boolean streams, Random random, Runnable acknowledged) {
        try {
            sendAgain(api, keys);
            while (refusals.isEmpty()) {
                if (streams) {
                    stream(api, keys, random);
                } else {
                    put(api, keys.get(random.nextInt(keys.size())), random);
                }
                acknowledged.run();
            }
        } catch (IOException e) {
            // the service is gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Sends all that was not acknowledged.
    void sendAgain(Api api) throws IOException, InterruptedException {
        for (List<String> keys : keysOfWriters) {
            sendAgain(api, keys);
        }
    }

    private void sendAgain(Api api, List<String> keys) throws IOException, InterruptedException {
        StringBuilder lines = new StringBuilder();
        for (String key : keys) {
            for (String value : histories.get(key).unacknowledged()) {
                appendLine(lines, key, value);
            }
        }
        if (!lines.isEmpty()) {
            post(api, lines.toString(), keys);
        }
    }

    private void stream(Api api, List<String> keys, Random random)
            throws IOException, InterruptedException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < LINES_PER_BODY; i++) {
            String key = keys.get(random.nextInt(keys.size()));
            String value = value(random);
            histories.get(key).sent(value);
            appendLine(lines, key, value);
        }
        post(api, lines.toString(), keys);
    }

    private void post(Api api, String lines, List<String> keys)
            throws IOException, InterruptedException {
        HttpResponse<String> response = api.write(topic, BodyPublishers.ofString(lines));
        if (response.statusCode() == 200) {
            keys.forEach(key -> histories.get(key).acknowledged());
        } else {
            refusals.add(response.body());
        }
    }

    private static void appendLine(StringBuilder lines, String key, String value) {
        lines.append("{\"key\":\"").append(key).append("\",\"value\":").append(value).append("}\n");
    }

    private void put(Api api, String key, Random random) throws IOException, InterruptedException {
        String value = value(random);
        KeyHistory history = histories.get(key);
        history.sent(value);
        boolean deletes = value.equals(KeyHistory.ABSENT);
        HttpResponse<String> response =
                deletes ? api.deleteKey(topic, key) : api.putKey(topic, key, value);
        int status = response.statusCode();
        if (status == 200 || status == 201 || (deletes && status == 404)) {
            history.acknowledged();
        } else {
            refusals.add(response.body());
        }
    }

    private synchronized String value(Random random) {
        if (random.nextInt(100) < DELETIONS_PERCENT) {
            return KeyHistory.ABSENT;
        }
        String filler = "x".repeat(random.nextInt(VALUE_CHARS_MAX));
        return "{\"n\":" + sequence++ + ",\"filler\":\"" + filler + "\"}";
    }

    /// Every acknowledged write is there, or one sent later; nothing is there that was not sent.
    void check(Map<String, String> live) {
        List<String> wrong = new ArrayList<>();
        histories.forEach((key, history) -> {
            String value = live.getOrDefault(key, KeyHistory.ABSENT);
            if (!history.allows(value)) {
                wrong.add(key + " is " + value + ", may be " + history);
            }
            history.found(value);
        });
        live.keySet().stream()
                .filter(key -> !histories.containsKey(key))
                .forEach(key -> wrong.add(key + " was never sent"));
        if (!wrong.isEmpty()) {
            throw new AssertionError(
                    wrong.size()
                            + " keys are wrong: "
                            + wrong.subList(0, Math.min(5, wrong.size())));
        }
    }
}
