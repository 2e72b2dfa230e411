package dev.lastword.http;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What can be asked for at a path: for the answers to a wrong method or media type, where Quarkus
/// names neither.
///
/// @param allow the methods, as in the `Allow` header
/// @param accepts the media types of a request body
record Endpoint(Pattern path, String allow, String accepts) {
    private static final String JSON = "application/json";
    private static final String PRODUCE = RestProxy.JSON + " or " + RestProxy.BINARY;
    private static final String ANY = "any media type";

    private static final List<Endpoint> ALL =
            List.of(
                    of("/compact", "POST, OPTIONS", "application/x-ndjson"),
                    of("/topics", "GET, HEAD, POST, OPTIONS", JSON),
                    of("/topics/[^/]+", "GET, HEAD, POST, DELETE, OPTIONS", PRODUCE),
                    of("/topics/[^/]+/partitions/[^/]+", "POST, OPTIONS", PRODUCE),
                    of("/topics/[^/]+/config", "GET, HEAD, PATCH, OPTIONS", JSON),
                    of(
                            "/topics/[^/]+/records",
                            "POST, OPTIONS",
                            "application/x-ndjson or application/json"),
                    of("/topics/[^/]+/keys:get", "POST, OPTIONS", JSON),
                    of("/topics/[^/]+/keys(/.*)?", "GET, HEAD, PUT, DELETE, OPTIONS", ANY),
                    of("/topics/[^/]+/partitions/[^/]+/records", "GET, HEAD, OPTIONS", ANY),
                    of(
                            "/topics/[^/]+/partitions/[^/]+/(reopen|release|reset)",
                            "POST, OPTIONS",
                            ANY),
                    of("/topics/[^/]+/snapshot", "GET, HEAD, OPTIONS", ANY),
                    of("/topics/[^/]+/changes", "GET, HEAD, OPTIONS", ANY),
                    of("/topics/[^/]+/compactions", "GET, HEAD, POST, OPTIONS", ANY),
                    of("/topics/[^/]+/compactions/[^/]+", "GET, HEAD, DELETE, OPTIONS", ANY));

    private static final Endpoint OTHER = of(".*", "GET, HEAD, OPTIONS", ANY);

    private static Endpoint of(String path, String allow, String accepts) {
        return new Endpoint(Pattern.compile(path), allow, accepts);
    }

    static @Nullable Endpoint find(@Nullable String path) {
        for (Endpoint e : ALL) {
            if (path != null && e.path.matcher(path).matches()) {
                return e;
            }
        }
        return null;
    }

    static Endpoint at(@Nullable String path) {
        Endpoint found = find(path);
        return found == null ? OTHER : found;
    }

    boolean allows(String method) {
        return List.of(allow.split(", ")).contains(method);
    }
}
