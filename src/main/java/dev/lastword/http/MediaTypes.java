package dev.lastword.http;

import io.vertx.core.MultiMap;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The two media types in which records travel, and how a client chooses.
final class MediaTypes {
    static final String NDJSON = "application/x-ndjson";
    static final String JSON = "application/json";

    private static final MediaType NDJSON_TYPE = new MediaType("application", "x-ndjson");

    private static final MediaType EVENTS_TYPE = MediaType.SERVER_SENT_EVENTS_TYPE;

    /// From 0 to 1 (RFC 9110, 12.4.2), with any number of digits, and without the first as Java's
    /// own client has it.
    private static final Pattern WEIGHT = Pattern.compile("0?\\.\\d+|0\\.?|1(\\.0*)?");

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
        Wish ndjson = wish(headers, NDJSON_TYPE);
        Wish json = wish(headers, MediaType.APPLICATION_JSON_TYPE);
        if (ndjson.isNone() && json.isNone()) {
            throw notAcceptable("application/x-ndjson or application/json");
        }
        return json.isStrongerThan(ndjson);
    }

    /// @throws ProblemException 406 where the client does not take lines
    static void requireNdjson(HttpHeaders headers) {
        if (wish(headers, NDJSON_TYPE).isNone()) {
            throw notAcceptable(NDJSON);
        }
    }

    /// How the client wants changes; it gets lines where it does not care.
    ///
    /// @throws ProblemException 406 where it takes neither
    static ChangesFormat changesFormat(HttpHeaders headers) {
        Wish lines = wish(headers, NDJSON_TYPE);
        Wish events = wish(headers, EVENTS_TYPE);
        if (lines.isNone() && events.isNone()) {
            throw notAcceptable("text/event-stream or application/x-ndjson");
        }
        return events.isStrongerThan(lines) ? ChangesFormat.EVENTS : ChangesFormat.LINES;
    }

    private static ProblemException notAcceptable(String offered) {
        return new ProblemException(
                406,
                "not-acceptable",
                "Accept names no type that is served here: " + offered + ".");
    }

    /// How much a client wants a type: by the weight that it gives it; among equals, which is what
    /// most clients send, that counts which it names more exactly, and then before the other.
    ///
    /// @param specific 3 for the type itself, 2 for `application/*`, 1 for `*/*`, 0 for none
    /// @param place in the header, from 0 on
    private record Wish(double quality, int specific, int place) {
        boolean isNone() {
            return quality <= 0;
        }

        boolean isStrongerThan(Wish other) {
            if (quality != other.quality) {
                return quality > other.quality;
            }
            return specific == other.specific ? place < other.place : specific > other.specific;
        }
    }

    /// What the most specific range that matches says.
    private static Wish wish(HttpHeaders headers, MediaType type) {
        Wish best = new Wish(0, 0, 0);
        int place = 0;
        for (MediaType range : acceptable(headers)) {
            int specific = range.isWildcardType() ? 1 : range.isWildcardSubtype() ? 2 : 3;
            if (specific > best.specific && range.isCompatible(type)) {
                String q = range.getParameters().get("q");
                best = new Wish(q == null ? 1 : weight(q), specific, place);
            }
            place++;
        }
        return best;
    }

    private static List<MediaType> acceptable(HttpHeaders headers) {
        try {
            return headers.getAcceptableMediaTypes();
        } catch (IllegalArgumentException e) {
            throw malformedAccept();
        }
    }

    private static double weight(String q) {
        if (!WEIGHT.matcher(q).matches()) {
            throw malformedAccept();
        }
        return Double.parseDouble(q);
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
