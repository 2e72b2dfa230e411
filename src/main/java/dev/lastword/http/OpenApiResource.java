package dev.lastword.http;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// The OpenAPI document, which the build has made: YAML, or JSON to those who ask for it.
@Path("/q/openapi")
public class OpenApiResource {
    private static final String YAML = "application/yaml";
    private static final String JSON = "application/json";

    @GET
    @Operation(hidden = true)
    public Response document(
            @QueryParam("format") @Nullable String format, @Context HttpHeaders headers) {
        boolean json = format == null ? prefersJson(headers) : isJson(format);
        return Response.ok(read(json ? "openapi.json" : "openapi.yaml"))
                .type((json ? JSON : YAML) + ";charset=UTF-8")
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                .build();
    }

    private static boolean isJson(String format) {
        return switch (format.toLowerCase(Locale.ROOT)) {
            case "json" -> true;
            case "yaml", "yml" -> false;
            default ->
                    throw new ProblemException(400, "invalid-parameter", "format is json or yaml.")
                            .with("field", "format");
        };
    }

    /// Whether JSON comes before YAML in what the caller takes, which is in order of preference.
    private static boolean prefersJson(HttpHeaders headers) {
        for (MediaType type : headers.getAcceptableMediaTypes()) {
            if (MediaType.APPLICATION_JSON_TYPE.isCompatible(type)) {
                return !type.isWildcardType() && !type.isWildcardSubtype();
            }
            if (type.getSubtype().equalsIgnoreCase("yaml")) {
                return false;
            }
        }
        return false;
    }

    private static byte[] read(String name) {
        try (InputStream in = OpenApiResource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing: it is made by the build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
