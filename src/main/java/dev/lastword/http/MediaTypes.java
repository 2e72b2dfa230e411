package dev.lastword.http;

import io.vertx.core.MultiMap;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The two media types in which records travel, and how a client chooses.
final class MediaTypes {
    static final String NDJSON = "application/x-ndjson";
    static final String JSON = "application/json";

    private static final MediaType NDJSON_TYPE = new MediaType("application", "x-ndjson");

    private static final MediaType EVENTS_TYPE = MediaType.SERVER_SENT_EVENTS_TYPE;

    private MediaTypes() {}

    /// The type that a request declares for its body. Parameters mean nothing (RFC 8259, 11): JSON
    /// is UTF-8.
    ///
    /// @throws ProblemException 415 for others than the two
    static String ofBody(@Nullable String contentType) {
        String type = contentType == null ? "" : essence(contentType);
        if (type.equals(NDJSON)) {
            return NDJSON;
        }
        if (type.equals(JSON)) {
            return JSON;
        }
        throw new ProblemException(
                        415,
                        "unsupported-media-type",
                        (contentType == null
                                        ? "The Content-Type is missing"
                                        : "Content-Type '" + contentType + "' is not taken here")
                                + "; send application/x-ndjson (a record a line) or"
                                + " application/json (one record or an array of them).")
                .header("Accept-Post", NDJSON + ", " + JSON);
    }

    /// @throws ProblemException 415 for a body of another type than lines of JSON
    static void requireNdjsonBody(@Nullable String contentType) {
        if (contentType == null || !essence(contentType).equals(NDJSON)) {
            throw new ProblemException(
                            415,
                            "unsupported-media-type",
                            "Send records as lines, Content-Type: application/x-ndjson.")
                    .header("Accept-Post", NDJSON);
        }
    }

    /// A media type without its parameters, in lower case.
    static String essence(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /// @throws ProblemException 415 where the body is packed
    static void refuseEncoding(MultiMap headers) {
        String encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ProblemException(
                            415,
                            "unsupported-content-encoding",
                            "A value is stored as it is sent; send it without Content-Encoding.")
                    .header(HttpHeaders.ACCEPT_ENCODING, "identity");
        }
    }

    /// Whether the client would rather have a JSON array than lines; it gets lines where it does
    /// not care.
    ///
    /// @throws ProblemException 406 where it takes neither
    static boolean prefersJson(HttpHeaders headers) {
        double ndjson = quality(headers, NDJSON_TYPE);
        double json = quality(headers, MediaType.APPLICATION_JSON_TYPE);
        if (ndjson <= 0 && json <= 0) {
            throw notAcceptable("application/x-ndjson or application/json");
        }
        return json > ndjson;
    }

    /// @throws ProblemException 406 where the client does not take lines
    static void requireNdjson(HttpHeaders headers) {
        if (quality(headers, NDJSON_TYPE) <= 0) {
            throw notAcceptable(NDJSON);
        }
    }

    /// How the client wants changes; it gets lines where it does not care.
    ///
    /// @throws ProblemException 406 where it takes neither
    static ChangesFormat changesFormat(HttpHeaders headers) {
        double lines = quality(headers, NDJSON_TYPE);
        double events = quality(headers, EVENTS_TYPE);
        if (lines <= 0 && events <= 0) {
            throw notAcceptable("text/event-stream or application/x-ndjson");
        }
        return events > lines ? ChangesFormat.EVENTS : ChangesFormat.LINES;
    }

    private static ProblemException notAcceptable(String offered) {
        return new ProblemException(
                406,
                "not-acceptable",
                "Accept names no type that is served here: " + offered + ".");
    }

    /// The quality that the most specific matching range gives to a type, 0 without one.
    private static double quality(HttpHeaders headers, MediaType type) {
        double quality = 0;
        int best = 0;
        for (MediaType range : acceptable(headers)) {
            int specific = range.isWildcardType() ? 1 : range.isWildcardSubtype() ? 2 : 3;
            if (specific > best && range.isCompatible(type)) {
                best = specific;
                String q = range.getParameters().get("q");
                quality = q == null ? 1 : weight(q);
            }
        }
        return quality;
    }

    private static List<MediaType> acceptable(HttpHeaders headers) {
        try {
            return headers.getAcceptableMediaTypes();
        } catch (IllegalArgumentException e) {
            throw malformedAccept();
        }
    }

    private static double weight(String q) {
        try {
            return Double.parseDouble(q);
        } catch (NumberFormatException e) {
            throw malformedAccept();
        }
    }

    private static ProblemException malformedAccept() {
        return new ProblemException(
                        400,
                        "invalid-header",
                        "Accept takes media types with commas between, such as"
                                + " application/json;q=0.5, */*.")
                .with("field", HttpHeaders.ACCEPT);
    }
}
