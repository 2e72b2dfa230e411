package dev.lastword.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastword.ingest.MirrorBoard;
import dev.lastword.log.Damage;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionStats;
import dev.lastword.log.Salvage;
import dev.lastword.log.Topic;
import dev.lastword.log.TopicConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Topics as JSON: what is asked for, and how they are described.
final class TopicJson {
    private static final int PARTITIONS_MAX = 1000;

    private TopicJson() {}

    /// A topic that a request wants.
    record NewTopic(String name, int partitions, Map<String, String> config) {}

    /// @throws ProblemException 400 that names the member at fault
    static NewTopic newTopic(ObjectNode body) {
        for (String member : (Iterable<String>) body::fieldNames) {
            if (!member.equals("name")
                    && !member.equals("partitions")
                    && !member.equals("config")) {
                throw invalid(
                        member, "A topic has name, partitions and config, no " + member + ".");
            }
        }
        JsonNode name = body.get("name");
        if (name == null || !name.isTextual()) {
            throw invalid("name", "Give the topic's name, a string.");
        }
        JsonNode config = body.get("config");
        return new NewTopic(
                name.textValue(),
                partitions(body.get("partitions")),
                config == null ? Map.of() : settings(config));
    }

    private static int partitions(@Nullable JsonNode node) {
        if (node == null) {
            return 1;
        }
        if (!node.isInt() || node.intValue() < 1 || node.intValue() > PARTITIONS_MAX) {
            throw invalid(
                    "partitions", "partitions is a whole number from 1 to " + PARTITIONS_MAX + ".");
        }
        return node.intValue();
    }

    /// Topic settings: an object of strings, numbers and booleans.
    static Map<String, String> settings(JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            throw invalid("config", "config is an object of settings and their values.");
        }
        Map<String, String> settings = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> e : object.properties()) {
            JsonNode value = e.getValue();
            if (!value.isTextual() && !value.isNumber() && !value.isBoolean()) {
                throw invalid(e.getKey(), e.getKey() + " takes a string, a number or a boolean.");
            }
            settings.put(e.getKey(), value.asText());
        }
        return settings;
    }

    private static ProblemException invalid(String field, String detail) {
        return new ProblemException(400, "invalid-request", detail).with("field", field);
    }

    static ObjectNode describe(Topic topic, MirrorBoard mirrors) {
        ObjectNode json = Json.object();
        json.put("name", topic.name());
        json.put("epoch", topic.epoch());
        json.put("source", topic.isMirrored() ? "kafka" : "http");
        String sourceError = topic.isMirrored() ? mirrors.sourceError() : null;
        if (sourceError != null) {
            json.put("sourceError", sourceError);
        }
        json.set("config", describe(topic.config()));
        ArrayNode partitions = json.putArray("partitions");
        for (PartitionLog partition : topic.partitions()) {
            ObjectNode one = describe(partition.stats());
            if (topic.isMirrored()) {
                describeMirror(one, mirrors.find(topic.name(), partition.partition()));
            }
            partitions.add(one);
        }
        return json;
    }

    private static void describeMirror(ObjectNode json, MirrorBoard.@Nullable Status status) {
        MirrorBoard.State state = status == null ? MirrorBoard.State.UNASSIGNED : status.state();
        json.put("mirrorState", state.name().toLowerCase(Locale.ROOT));
        json.put("mirrorReason", status == null ? "" : status.reason());
        if (status == null || status.lag() < 0) {
            json.putNull("lag");
        } else {
            json.put("lag", status.lag());
        }
    }

    /// Every setting with its value, defaults included; as strings, as Kafka has them.
    static ObjectNode describe(TopicConfig config) {
        ObjectNode json = Json.object();
        config.asMap().forEach(json::put);
        return json;
    }

    static ObjectNode describe(PartitionStats stats) {
        ObjectNode json = Json.object();
        json.put("partition", stats.partition());
        json.put("startOffset", stats.startOffset());
        json.put("endOffset", stats.endOffset());
        json.put("flushedOffset", stats.flushedOffset());
        json.put("sizeBytes", stats.sizeBytes());
        json.put("segments", stats.segments());
        json.put("liveKeys", stats.liveKeys());
        json.put("deadRecords", stats.deadRecords());
        json.put("deadBytes", stats.deadBytes());
        json.put("dirtyRatio", stats.dirtyRatio());
        Json.putTime(json, "lastCleanedAt", stats.lastCleanedAtMs());
        Json.putTime(json, "oldestTombstoneAt", stats.oldestTombstoneAtMs());
        json.put("state", stats.state().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        json.put("reason", stats.reason());
        putDamages(json, stats.damages());
        return json;
    }

    /// Adds where exactly a partition is damaged, if it is.
    static void putDamages(ObjectNode partition, List<Damage> damages) {
        if (!damages.isEmpty()) {
            ArrayNode all = partition.putArray("damage");
            damages.forEach(d -> put(all.addObject(), d));
        }
    }

    private static void put(ObjectNode json, Damage damage) {
        json.put("file", damage.file());
        json.put("position", damage.position());
        json.put("offset", damage.offset());
        json.put("what", damage.what());
    }

    /// A partition that was taken back into service.
    static ObjectNode describe(PartitionStats stats, List<Salvage.Moved> moved) {
        ObjectNode json = describe(stats);
        ArrayNode all = json.putArray("moved");
        for (Salvage.Moved m : moved) {
            ObjectNode one = all.addObject();
            put(one, m.damage());
            one.put("bytes", m.bytes());
            one.put("to", m.to().toString());
        }
        return json;
    }
}
