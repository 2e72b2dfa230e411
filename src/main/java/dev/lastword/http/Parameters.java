package dev.lastword.http;

import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.parameters.Parameter.In;

/// What several operations take and read from the raw request, so that no method has it among its
/// parameters: added to the OpenAPI document, in the build.
final class Parameters {
    private static final List<String> READ = List.of("wait", "ifNewer", "If-None-Match");
    private static final List<String> DELETE =
            List.of("If-Match", "Idempotency-Key", "Lastword-Timestamp", "Lastword-Acks");
    private static final List<String> PUT =
            List.of(
                    "If-Match",
                    "If-None-Match",
                    "Idempotency-Key",
                    "Lastword-Timestamp",
                    "Lastword-TTL",
                    "Lastword-Acks");

    private static final Map<String, List<String>> BY_OPERATION =
            Map.of(
                    "getValue", READ,
                    "findKeys", READ,
                    "putValue", PUT,
                    "putValueByQuery", PUT,
                    "deleteKey", DELETE,
                    "deleteKeyByQuery", DELETE,
                    "writeRecords", List.of("Idempotency-Key", "Lastword-Acks"));

    private Parameters() {}

    static void addTo(OpenAPI openApi) {
        openApi.getPaths()
                .getPathItems()
                .forEach(
                        (path, item) -> item.getOperations().values().forEach(o -> addTo(path, o)));
    }

    private static void addTo(String path, Operation operation) {
        if (path.contains("{key}")) {
            operation.addParameter(
                    text("key", In.PATH, "percent-encoded; it may have slashes").required(true));
        }
        for (String name :
                BY_OPERATION.getOrDefault(String.valueOf(operation.getOperationId()), List.of())) {
            operation.addParameter(parameter(name));
        }
        if (takesKeyInQuery(operation)) {
            operation.addParameter(
                    text("keyBase64", In.QUERY, "a key that is no text, in base64url"));
        }
    }

    private static boolean takesKeyInQuery(Operation operation) {
        List<Parameter> parameters = operation.getParameters();
        return parameters != null
                && parameters.stream()
                        .anyMatch(p -> "key".equals(p.getName()) && p.getIn() == In.QUERY);
    }

    private static Parameter parameter(String name) {
        return switch (name) {
            case "wait" -> text(name, In.QUERY, "wait so long for another version: 30s, up to 10m");
            case "ifNewer" -> text(name, In.QUERY, "the ETag of the version that is known");
            case "If-Match" -> text(name, In.HEADER, "only where this is the key's version");
            case "If-None-Match" ->
                    text(
                            name,
                            In.HEADER,
                            "a read: 304 for this version; a write: *, only where there is none");
            case "Idempotency-Key" ->
                    text(name, In.HEADER, "names the request, which is done once");
            case "Lastword-Acks" -> text(name, In.HEADER, "flushed or written");
            case "Lastword-TTL" -> number(name, "seconds until the key expires");
            case "Lastword-Timestamp" -> number(name, "milliseconds since 1970; now by default");
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Parameter number(String name, String description) {
        return OASFactory.createParameter()
                .name(name)
                .in(In.HEADER)
                .description(description)
                .schema(OASFactory.createSchema().addType(SchemaType.INTEGER).format("int64"));
    }

    private static Parameter text(String name, In in, String description) {
        return OASFactory.createParameter()
                .name(name)
                .in(in)
                .description(description)
                .schema(OASFactory.createSchema().addType(SchemaType.STRING));
    }
}
