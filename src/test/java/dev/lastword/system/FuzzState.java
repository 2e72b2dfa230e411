package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the service should hold: topics, their settings, how far each partition reaches, and the
/// value of every key. It learns of a change by reading what was appended, and from nothing else;
/// who asks for a look says how much may have changed.
final class FuzzState {
    private final Api api;
    private final Map<String, Topic> topics = new TreeMap<>();

    /// A topic as it should be.
    private static final class Topic {
        private final String epoch;
        private final long[] ends;
        private final Map<String, String> values = new TreeMap<>();
        private JsonNode config;

        Topic(JsonNode description) {
            this.epoch = description.get("epoch").asText();
            this.ends = new long[description.get("partitions").size()];
            this.config = description.get("config");
        }

        void apply(StoredRecord record) {
            if (record.value() == null) {
                values.remove(record.key());
            } else {
                values.put(record.key(), record.value());
            }
        }
    }

    /// What is different since the last look.
    ///
    /// @param appended how many records
    /// @param records those that were appended and are still there
    record Change(int made, int gone, int configured, long appended, List<StoredRecord> records) {
        boolean isNone() {
            return made == 0 && gone == 0 && configured == 0 && appended == 0;
        }

        @Override
        public String toString() {
            return made
                    + " topics made, "
                    + gone
                    + " gone, "
                    + configured
                    + " configured, "
                    + appended
                    + " records appended";
        }
    }

    FuzzState(Api api) {
        this.api = api;
    }

    List<String> topics() {
        return List.copyOf(topics.keySet());
    }

    Map<String, String> values(String topic) {
        return topics.get(topic).values;
    }

    Change look() throws IOException, InterruptedException {
        Map<String, JsonNode> there = new TreeMap<>();
        for (JsonNode topic : json("/topics")) {
            there.put(topic.get("name").asText(), topic);
        }
        int gone = 0;
        for (Iterator<String> names = topics.keySet().iterator(); names.hasNext(); ) {
            if (!there.containsKey(names.next())) {
                names.remove();
                gone++;
            }
        }
        int made = 0;
        int configured = 0;
        long appended = 0;
        List<StoredRecord> records = new ArrayList<>();
        for (JsonNode description : there.values()) {
            String name = description.get("name").asText();
            Topic topic = topics.get(name);
            if (topic == null) {
                topic = new Topic(description);
                topics.put(name, topic);
                made++;
            }
            assertEquals(topic.epoch, description.get("epoch").asText(), name + " was made anew");
            if (!topic.config.equals(description.get("config"))) {
                topic.config = description.get("config");
                configured++;
            }
            for (JsonNode partition : description.get("partitions")) {
                appended += follow(name, topic, partition, records);
            }
        }
        return new Change(made, gone, configured, appended, records);
    }

    private long follow(String name, Topic topic, JsonNode partition, List<StoredRecord> records)
            throws IOException, InterruptedException {
        int p = partition.get("partition").asInt();
        long from = topic.ends[p];
        long end = partition.get("endOffset").asLong();
        assertTrue(end >= from, () -> name + " lost records: " + partition);
        if (end > from) {
            String target = "/topics/" + name + "/partitions/" + p + "/records?limit=10000&offset=";
            for (String line : get(target + from).lines().toList()) {
                StoredRecord record = StoredRecord.parse(line);
                topic.apply(record);
                records.add(record);
            }
            topic.ends[p] = end;
        }
        return end - from;
    }

    /// Everything is there, and nothing else.
    void check() throws IOException, InterruptedException {
        Change change = look();
        assertTrue(change.isNone(), change::toString);
        for (Map.Entry<String, Topic> topic : topics.entrySet()) {
            Map<String, String> live = new TreeMap<>();
            for (String line : get("/topics/" + topic.getKey() + "/snapshot").lines().toList()) {
                StoredRecord record = StoredRecord.parse(line);
                live.put(record.key(), String.valueOf(record.value()));
            }
            assertEquals(topic.getValue().values, live, topic.getKey());
        }
    }

    private JsonNode json(String target) throws IOException, InterruptedException {
        return Api.JSON.readTree(get(target));
    }

    private String get(String target) throws IOException, InterruptedException {
        HttpResponse<String> response = api.get(target);
        assertEquals(200, response.statusCode(), () -> target + ": " + response.body());
        return response.body();
    }
}
