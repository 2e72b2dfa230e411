package dev.lastword.http;

import dev.lastword.log.NewRecord;
import dev.lastword.log.Once;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.rw.CloudEventRWException;
import io.cloudevents.types.Time;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A CloudEvent as a record, as the Kafka protocol binding has it in its binary mode, so that a
/// consumer of the log sees a standard CloudEvent:
///
/// | event | record |
/// |---|---|
/// | `partitionkey`, else `subject` | key |
/// | data; none is an empty value | value |
/// | `datacontenttype` | header `content-type` |
/// | every other attribute, as text | header `ce_<name>` |
/// | `source` and `id` | the name under which it is stored once |
/// | `time` | timestamp; without it, or before 1970, the time at which it is appended |
final class CloudEvents {
    static final String PREFIX = "ce_";
    static final String KEY_ATTRIBUTE = "partitionkey";

    private static final String SPEC_VERSION = "specversion";
    private static final String DATA_CONTENT_TYPE = "datacontenttype";
    private static final List<String> FIRST = List.of(SPEC_VERSION, "id", "source", "type");

    private CloudEvents() {}

    /// @param tombstoneTypes types of events that delete their key
    /// @throws BadBodyException if nothing in it can be the key, or an attribute is missing
    static NewRecord toRecord(CloudEvent event, Set<String> tombstoneTypes)
            throws BadBodyException {
        requireText("id", event.getId());
        requireText("source", event.getSource().toString());
        requireText("type", event.getType());
        CloudEventData data = event.getData();
        byte[] value = data == null ? new byte[0] : data.toBytes();
        String source = event.getSource().toString();
        return new NewRecord(
                        key(event),
                        tombstoneTypes.contains(event.getType()) ? null : value,
                        timestamp(event.getTime()),
                        headers(event))
                .storedOnce(Once.single(IdempotencyKeys.ofEvent(source, event.getId()), 0));
    }

    private static void requireText(String attribute, String text) throws BadBodyException {
        if (text.isEmpty()) {
            throw invalid("The attribute '" + attribute + "' is empty.", attribute);
        }
    }

    private static byte[] key(CloudEvent event) throws BadBodyException {
        Object partitionKey = event.getExtension(KEY_ATTRIBUTE);
        String key = partitionKey == null ? "" : text(partitionKey);
        if (key.isEmpty()) {
            key = Objects.requireNonNullElse(event.getSubject(), "");
        }
        if (key.isEmpty()) {
            throw invalid(
                    "The event has no key: set its attribute 'partitionkey', or 'subject'.",
                    KEY_ATTRIBUTE);
        }
        return key.getBytes(StandardCharsets.UTF_8);
    }

    private static long timestamp(@Nullable OffsetDateTime time) throws BadBodyException {
        if (time == null) {
            return NewRecord.NOW;
        }
        try {
            return Math.max(NewRecord.NOW, time.toInstant().toEpochMilli());
        } catch (ArithmeticException e) {
            throw invalid("The attribute 'time' is too far away; years have four digits.", "time");
        }
    }

    private static List<Header> headers(CloudEvent event) {
        List<Header> headers = new ArrayList<>();
        Set<String> names = new TreeSet<>(event.getAttributeNames());
        names.removeAll(FIRST);
        names.remove(DATA_CONTENT_TYPE);
        for (String name : FIRST) {
            add(headers, PREFIX + name, event.getAttribute(name));
        }
        for (String name : names) {
            add(headers, PREFIX + name, event.getAttribute(name));
        }
        for (String name : new TreeSet<>(event.getExtensionNames())) {
            add(headers, PREFIX + name, event.getExtension(name));
        }
        add(headers, RecordHeaders.CONTENT_TYPE, event.getDataContentType());
        return headers;
    }

    private static void add(List<Header> headers, String name, @Nullable Object value) {
        if (value != null) {
            headers.add(new Header(name, text(value).getBytes(StandardCharsets.UTF_8)));
        }
    }

    /// An attribute's canonical text.
    private static String text(Object value) {
        return switch (value) {
            case OffsetDateTime time -> Time.writeTime(time);
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            default -> value.toString();
        };
    }

    /// The event in a record, or null if there is none in it. Extensions come back as text.
    static @Nullable CloudEvent ofRecord(LogRecord stored) {
        if (!"1.0".equals(header(stored, PREFIX + SPEC_VERSION))) {
            return null;
        }
        try {
            CloudEventBuilder builder = CloudEventBuilder.fromSpecVersion(SpecVersion.V1);
            for (Header h : stored.headers()) {
                byte[] value = h.value();
                if (value != null && h.name().startsWith(PREFIX)) {
                    attribute(builder, h.name().substring(PREFIX.length()), utf8(value));
                }
            }
            String type = header(stored, RecordHeaders.CONTENT_TYPE);
            if (type != null) {
                builder.withDataContentType(type);
            }
            byte[] value = stored.value();
            if (value != null && value.length > 0) {
                builder.withData(value);
            }
            return builder.build();
        } catch (CloudEventRWException | IllegalStateException e) {
            return null; // others may write such headers too
        }
    }

    /// Sets an attribute from its text.
    ///
    /// @throws CloudEventRWException if it cannot be its value, or it is no name of one
    static void attribute(CloudEventBuilder builder, String name, String text) {
        if (name.equals("source") && text.isEmpty()) {
            builder.withSource(URI.create(""));
        } else if (!name.equals(SPEC_VERSION)) {
            builder.withContextAttribute(name, text);
        }
    }

    private static @Nullable String header(LogRecord stored, String name) {
        for (Header h : stored.headers()) {
            byte[] value = h.value();
            if (value != null && h.name().equals(name)) {
                return utf8(value);
            }
        }
        return null;
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static BadBodyException invalid(String detail, @Nullable String attribute) {
        return BadBodyException.at(attribute, 400, "invalid-cloudevent", detail);
    }
}
