package dev.lastword.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastword.log.Topic;
import dev.lastword.read.Reads;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers reads of several keys at once: those that are named, or a page of those that are there.
/// Thread-safe.
@Singleton
final class KeyLists {
    /// Keys in one request.
    static final int KEYS_MAX = 1000;

    private static final int LIMIT = 100;
    private static final int BODY_BYTES_MAX = 8 << 20;

    private final TopicAccess topics;
    private final Bodies bodies;
    private final Reads reads;
    private final StreamSlots slots;
    private final ClientPaces paces;

    KeyLists(TopicAccess topics, Bodies bodies, Reads reads, StreamSlots slots, ClientPaces paces) {
        this.topics = topics;
        this.bodies = bodies;
        this.reads = reads;
        this.slots = slots;
        this.paces = paces;
    }

    /// Answers with the keys that begin with `prefix`, behind `after`, in the order of their bytes.
    ///
    /// @param query of the target, still encoded
    Uni<@Nullable Void> page(
            String topicName, String query, boolean asArray, HttpServerRequest request) {
        Topic topic = topics.forRead(topicName);
        byte[] prefix = KeyParam.inQuery(query, "prefix");
        byte[] after = KeyParam.inQuery(query, "after");
        int limit =
                (int)
                        PageQuery.number(
                                "limit", KeyParam.textInQuery(query, "limit"), LIMIT, 1, KEYS_MAX);
        return Blocking.call(() -> {
            try (StreamSlots.Slot _ = slots.take()) {
                Reads.KeyPage page = reads.keys(topic, prefix, after, limit);
                RecordAnswer answer = answer(request, topic, asArray);
                if (page.more()) {
                    answer.header("Link", next(topic, prefix, page.keys().getLast(), limit));
                }
                send(topic, page.keys(), answer);
            }
            return null;
        });
    }

    private static String next(Topic topic, byte @Nullable [] prefix, byte[] last, int limit) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return "</topics/"
                + topic.name()
                + "/keys?"
                + (prefix == null ? "" : "prefixBase64=" + base64.encodeToString(prefix) + "&")
                + "limit="
                + limit
                + "&afterBase64="
                + base64.encodeToString(last)
                + ">; rel=\"next\"";
    }

    /// Answers with those of the keys named in the body that have a value, in the order asked.
    Uni<@Nullable Void> batch(String topicName, boolean asArray, HttpServerRequest request) {
        Topic topic = topics.forRead(topicName);
        return bodies.read(request, BODY_BYTES_MAX)
                .map(body -> named(Json.parseObject(body)))
                .chain(keys ->
                        Blocking.<@Nullable Void>call(() -> {
                            send(topic, keys, answer(request, topic, asArray));
                            return null;
                        }));
    }

    private RecordAnswer answer(HttpServerRequest request, Topic topic, boolean asArray) {
        return new RecordAnswer(request, topic, asArray, paces.begin());
    }

    private void send(Topic topic, List<byte[]> keys, RecordAnswer answer) {
        answer.send(() -> {
            for (byte[] key : keys) {
                Reads.Found found = reads.get(topic, key);
                if (found != null) {
                    answer.add(found.partition(), found.record());
                }
            }
        });
    }

    private static List<byte[]> named(ObjectNode body) {
        JsonNode array = body.get("keys");
        if (array == null || !array.isArray() || body.size() != 1) {
            throw invalid("keys", "The body is {\"keys\": [\"a\", {\"keyBase64\": \"/w==\"}]}.");
        }
        if (array.size() > KEYS_MAX) {
            throw invalid(
                    "keys",
                    "At most "
                            + KEYS_MAX
                            + " keys may be asked for at once, not "
                            + array.size()
                            + "; send several requests.");
        }
        List<byte[]> keys = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            keys.add(key(array.get(i), "keys[" + i + "]"));
        }
        return keys;
    }

    private static byte[] key(JsonNode node, String field) {
        JsonNode text = node.isObject() ? node.get("key") : node;
        JsonNode base64 = node.get("keyBase64");
        if (node.isObject() && node.size() != 1) {
            throw notAKey(field);
        }
        if (text != null && text.isTextual()) {
            byte[] key = text.textValue().getBytes(StandardCharsets.UTF_8);
            if (new String(key, StandardCharsets.UTF_8).equals(text.textValue())) {
                return key;
            }
        } else if (base64 != null && base64.isTextual()) {
            try {
                return Base64.getDecoder().decode(base64.textValue());
            } catch (IllegalArgumentException e) {
                throw notAKey(field);
            }
        }
        throw notAKey(field);
    }

    private static ProblemException notAKey(String field) {
        return invalid(
                field,
                field
                        + " is no key: give a string of Unicode text, or {\"key\": …} or"
                        + " {\"keyBase64\": …} with base64.");
    }

    private static ProblemException invalid(String field, String detail) {
        return new ProblemException(400, "invalid-request", detail).with("field", field);
    }
}
