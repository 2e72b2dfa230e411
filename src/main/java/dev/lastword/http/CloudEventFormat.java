package dev.lastword.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lastword.json.Utf8;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.rw.CloudEventRWException;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The forms in which CloudEvents 1.0 travel over HTTP: in *binary* mode the attributes are headers
/// `ce-<name>` and the data is the body; in *structured* mode the body is the event as JSON, and in
/// *batched* mode an array of those.
final class CloudEventFormat {
    static final String STRUCTURED = "application/cloudevents+json";
    static final String BATCHED = "application/cloudevents-batch+json";
    static final String SPEC_VERSION = "ce-specversion";

    private static final String HTTP_PREFIX = "ce-";
    private static final String VERSION = "1.0";
    private static final String SPEC_VERSION_MEMBER = "\"specversion\"";

    /// Numbers in data keep all their digits.
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .addModule(JsonFormat.getCloudEventJacksonModule())
                    .build();

    private static final JsonFormat JSON = new JsonFormat();
    private static final JsonFormat JSON_WITH_BYTES = JSON.withForceJsonDataToBase64();

    private CloudEventFormat() {}

    /// The modes.
    enum Mode {
        BINARY,
        STRUCTURED,
        BATCHED
    }

    /// In which mode a request carries events; null where it carries none.
    ///
    /// @throws ProblemException 415 for a format other than JSON
    static @Nullable Mode modeOf(MultiMap headers) {
        String type = headers.get("Content-Type");
        String declared = type == null ? "" : type.strip().toLowerCase(Locale.ROOT);
        if (declared.startsWith("application/cloudevents")) {
            return switch (MediaTypes.essence(declared)) {
                case STRUCTURED -> Mode.STRUCTURED;
                case BATCHED -> Mode.BATCHED;
                default ->
                        throw new ProblemException(
                                        415,
                                        "unsupported-media-type",
                                        "Events in the format '"
                                                + type
                                                + "' are not taken here; send "
                                                + STRUCTURED
                                                + ", "
                                                + BATCHED
                                                + ", or the attributes as ce- headers.")
                                .header("Accept-Post", STRUCTURED + ", " + BATCHED);
            };
        }
        return headers.contains(SPEC_VERSION) ? Mode.BINARY : null;
    }

    /// The event of a request in binary mode.
    static CloudEvent ofBinary(MultiMap headers, byte[] body) throws BadBodyException {
        if (!VERSION.equals(headers.get(SPEC_VERSION))) {
            throw wrongVersion();
        }
        CloudEventBuilder builder = CloudEventBuilder.fromSpecVersion(SpecVersion.V1);
        for (Map.Entry<String, String> h : headers) {
            String name = h.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith(HTTP_PREFIX)) {
                String attribute = name.substring(HTTP_PREFIX.length());
                if (headers.getAll(h.getKey()).size() > 1) {
                    throw CloudEvents.invalid("It has " + name + " more than once.", attribute);
                }
                try {
                    CloudEvents.attribute(builder, attribute, decoded(attribute, h.getValue()));
                } catch (CloudEventRWException e) {
                    throw CloudEvents.invalid(reason(e), attribute);
                }
            }
        }
        String type = headers.get("Content-Type");
        if (type != null) {
            builder.withDataContentType(type);
        }
        if (body.length > 0) {
            builder.withData(body);
        }
        try {
            return builder.build();
        } catch (IllegalStateException | CloudEventRWException e) {
            throw CloudEvents.invalid(reason(e), null);
        }
    }

    /// The value of a header as the HTTP binding encodes it: perhaps in double quotes, and what is
    /// not printable ASCII as the percent-encoded bytes of its UTF-8.
    private static String decoded(String attribute, String header) throws BadBodyException {
        String text = header;
        if (text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")) {
            text = text.substring(1, text.length() - 1).replaceAll("\\\\(.)", "$1");
        }
        byte[] in = text.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer out = ByteBuffer.allocate(in.length);
        for (int i = 0; i < in.length; i++) {
            int high = in[i] == '%' && i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(in[i + 2], 16);
            if (low >= 0) {
                out.put((byte) (high << 4 | low));
                i += 2;
            } else {
                out.put(in[i]); // as the binding has it: what is no escape stands for itself
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(out.flip()).toString();
        } catch (CharacterCodingException e) {
            throw CloudEvents.invalid(
                    "The header ce-"
                            + attribute
                            + " is not UTF-8; percent-encode what is not printable ASCII.",
                    attribute);
        }
    }

    /// The event in a range of bytes, as JSON.
    static CloudEvent ofJson(byte[] bytes, int from, int to) throws BadBodyException {
        if (Utf8.firstInvalid(bytes, from, to) >= 0) {
            throw CloudEvents.invalid("It is not UTF-8.", null);
        }
        try {
            JsonNode json = MAPPER.readTree(bytes, from, to - from);
            requireScalars(json);
            requireCharacters(json, bytes, from, to);
            CloudEvent event = MAPPER.treeToValue(json, CloudEvent.class);
            if (event == null || event.getSpecVersion() != SpecVersion.V1) {
                throw wrongVersion();
            }
            return event;
        } catch (JsonProcessingException e) {
            throw CloudEvents.invalid(reason(e), null);
        } catch (BadBodyException e) {
            throw e;
        } catch (CloudEventRWException | IllegalStateException | IllegalArgumentException e) {
            throw CloudEvents.invalid(reason(e), null);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    /// Attributes are text, numbers and booleans, which the library does not insist on.
    private static void requireScalars(JsonNode event) throws BadBodyException {
        for (Map.Entry<String, JsonNode> member : event.properties()) {
            if (member.getValue().isContainerNode() && !member.getKey().equals("data")) {
                throw CloudEvents.invalid(
                        "The attribute '" + member.getKey() + "' is an object or an array.",
                        member.getKey());
            }
        }
    }

    /// Half a surrogate pair, which only an escape can smuggle in, has no bytes: a question mark
    /// would be stored in its place.
    private static void requireCharacters(JsonNode event, byte[] bytes, int from, int to)
            throws BadBodyException {
        for (int i = from; i + 2 < to; i++) {
            if (bytes[i] == '\\' && bytes[i + 1] == 'u' && (bytes[i + 2] | 0x20) == 'd') {
                if (!StandardCharsets.UTF_8.newEncoder().canEncode(event.toString())) {
                    throw CloudEvents.invalid(
                            "It has half a surrogate pair, which is no character; bytes go in"
                                    + " data_base64.",
                            null);
                }
                return;
            }
        }
    }

    /// The event as JSON.
    static byte[] toJson(CloudEvent event) {
        CloudEventData data = event.getData();
        boolean embeds = data == null || isJson(data.toBytes());
        return (embeds ? JSON : JSON_WITH_BYTES).serialize(event);
    }

    private static boolean isJson(byte[] data) {
        try {
            return Utf8.isValid(data) && !MAPPER.readTree(data).isMissingNode();
        } catch (IOException e) {
            return false;
        }
    }

    private static BadBodyException wrongVersion() {
        return CloudEvents.invalid(
                "Events of specversion 1.0 are taken; set "
                        + SPEC_VERSION_MEMBER
                        + " (or the header ce-specversion) to 1.0.",
                "specversion");
    }

    private static String reason(Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message =
                cause instanceof JsonProcessingException json
                        ? json.getOriginalMessage()
                        : cause.getMessage();
        return "It is no CloudEvent 1.0: " + (message == null ? cause.toString() : message) + ".";
    }
}
