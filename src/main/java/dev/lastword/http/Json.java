package dev.lastword.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.OptionalLong;

/// Small JSON documents, as trees: nothing is reflected on, so that a native image needs no
/// registration.
final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// The JSON object in a body.
    ///
    /// @throws ProblemException 400 where it is none, with the line
    static ObjectNode parseObject(byte[] body) {
        JsonNode node = parse(body);
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new ProblemException(400, "invalid-json", "The body must be a JSON object.");
    }

    private static JsonNode parse(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            ProblemException problem =
                    new ProblemException(
                            400,
                            "invalid-json",
                            e instanceof JsonEOFException
                                    ? "The body is not JSON: it ends too early."
                                    : "The body is not JSON: " + e.getOriginalMessage() + ".");
            throw at == null
                    ? problem
                    : problem.with("line", at.getLineNr()).with("column", at.getColumnNr());
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    static Response.ResponseBuilder response(int status, JsonNode document) {
        try {
            return Response.status(status)
                    .type(MediaType.APPLICATION_JSON_TYPE)
                    .entity(MAPPER.writeValueAsBytes(document));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    /// Adds a time as ISO 8601 in UTC; null where there is none.
    static void putTime(ObjectNode object, String member, OptionalLong epochMs) {
        if (epochMs.isPresent()) {
            object.put(member, Instant.ofEpochMilli(epochMs.getAsLong()).toString());
        } else {
            object.putNull(member);
        }
    }
}
