package dev.lastword.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastword.log.LogException;
import dev.lastword.log.NewRecord;
import dev.lastword.record.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// Produce requests and answers as Confluent's REST Proxy (v2) and Strimzi's bridge have them.
///
/// `{"records": [{"key", "value", "partition"?}]}`, in the *json* form with any JSON, in the
/// *binary* form with base64. A JSON value is stored as its text, and so is a JSON key, but a key
/// that is a string without its quotes: so the same record has the same key whichever way it comes.
/// A value of null deletes the key.
///
/// The answer has one entry a record, in order: partition and offset, or what is wrong with it.
/// Both dialects read it: `error` is the proxy's name for the text, `message` the bridge's.
final class RestProxy {
    static final String JSON = "application/vnd.kafka.json.v2+json";
    static final String BINARY = "application/vnd.kafka.binary.v2+json";
    static final String ANSWER = "application/vnd.kafka.v2+json";

    /// The proxy's codes: 42200 and up for what must be sent otherwise, 5000x for the rest.
    static final int INVALID = 42200;

    private static final int RETRIABLE = 50003;
    private static final int FAILED = 50002;
    private static final List<String> MEMBERS = List.of("key", "value", "partition");

    /// Keeps every digit of a number.
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private static final Header JSON_TYPE =
            new Header(
                    RecordHeaders.CONTENT_TYPE,
                    MediaTypes.JSON.getBytes(StandardCharsets.US_ASCII));

    /// A failure of one record or of all, in the proxy's terms. Its status is for the whole answer,
    /// where that fails as a whole.
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final int code;

        Failure(int status, int code, String message) {
            super(message, null, false, false);
            this.status = status;
            this.code = code;
        }

        int status() {
            return status;
        }

        int code() {
            return code;
        }

        /// A failure that others know as a problem.
        static Failure of(ProblemException p) {
            int code =
                    switch (p.slug()) {
                        case "unknown-topic" -> 40401;
                        default ->
                                p.status() == 503
                                        ? RETRIABLE
                                        : p.status() > 500 ? FAILED : p.status();
                    };
            return new Failure(p.status(), code, p.detail());
        }
    }

    private final boolean binary;

    RestProxy(boolean binary) {
        this.binary = binary;
    }

    /// The records of a body, not looked into yet.
    static ArrayNode records(byte[] body) throws Failure {
        try {
            JsonNode json = MAPPER.readTree(body);
            if (json.get("records") instanceof ArrayNode records && !records.isEmpty()) {
                return records;
            }
            throw invalid("The body must be {\"records\": [{\"key\": …, \"value\": …}, …]}.");
        } catch (JsonProcessingException e) {
            throw invalid("The body is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("reading from memory", e);
        }
    }

    /// The record in one of them.
    NewRecord record(JsonNode json) throws Failure {
        if (!json.isObject()) {
            throw invalid("A record is an object with key and value.");
        }
        for (String name : (Iterable<String>) json::fieldNames) {
            if (!MEMBERS.contains(name)) {
                throw invalid("A record has no member '" + name + "'.");
            }
        }
        JsonNode key = json.get("key");
        JsonNode value = json.get("value");
        if (key == null || key.isNull()) {
            throw invalid("The record has no key; a compacted topic needs one.");
        }
        if (value == null) {
            throw invalid("The record has no value; null deletes the key.");
        }
        byte[] keyBytes = binary ? base64(key, "key") : utf8(text(key), "key");
        if (keyBytes.length == 0) {
            throw invalid("The key is empty; it has at least one byte.");
        }
        if (value.isNull()) {
            return new NewRecord(keyBytes, null, NewRecord.NOW, List.of());
        }
        return binary
                ? new NewRecord(keyBytes, base64(value, "value"), NewRecord.NOW, List.of())
                : new NewRecord(
                        keyBytes,
                        utf8(value.toString(), "value"),
                        NewRecord.NOW,
                        List.of(JSON_TYPE));
    }

    /// The partition a record asks for; -1 where it asks for none.
    static int partition(JsonNode json) throws Failure {
        JsonNode partition = json.get("partition");
        if (partition == null || partition.isNull()) {
            return -1;
        }
        if (!partition.canConvertToInt()
                || !partition.isIntegralNumber()
                || partition.intValue() < 0) {
            throw invalid("'partition' must be a whole number, 0 or more.");
        }
        return partition.intValue();
    }

    private static String text(JsonNode key) {
        return key.isTextual() ? key.textValue() : key.toString();
    }

    private static byte[] utf8(String text, String name) throws Failure {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] all = new byte[bytes.remaining()];
            bytes.get(all);
            return all;
        } catch (CharacterCodingException e) {
            throw invalid(
                    "'"
                            + name
                            + "' has half a surrogate pair, which is no character; bytes that"
                            + " are no text go in the binary form.");
        }
    }

    private static byte[] base64(JsonNode json, String name) throws Failure {
        if (!json.isTextual()) {
            throw invalid("'" + name + "' must be a string, the bytes in base64.");
        }
        try {
            return Base64.getDecoder().decode(json.textValue());
        } catch (IllegalArgumentException e) {
            throw invalid("'" + name + "' is not base64: " + e.getMessage() + ".");
        }
    }

    static Failure invalid(String message) {
        return new Failure(422, INVALID, message);
    }

    static Failure failure(LogException e) {
        return Failure.of(Problems.of(e));
    }

    /// Adds what became of a record.
    static void stored(ArrayNode offsets, int partition, long offset) {
        offsets.addObject()
                .put("partition", partition)
                .put("offset", offset)
                .putNull("error_code")
                .putNull("error");
    }

    /// Adds what is wrong with one.
    static void failed(ArrayNode offsets, Failure failure) {
        offsets.addObject()
                .putNull("partition")
                .putNull("offset")
                .put("error_code", failure.code())
                .put("error", failure.getMessage())
                .put("message", failure.getMessage());
    }

    /// An answer that no record has an entry in.
    static ObjectNode document(Failure failure) {
        return Json.object().put("error_code", failure.code()).put("message", failure.getMessage());
    }
}
