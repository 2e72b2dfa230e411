package dev.lastword.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Bodies packed with gzip: those that come in so, and answers, for clients that ask for it.
/// Quickly rather than tightly: the service has better things to do.
final class Encodings {
    static final String GZIP = "gzip";

    private Encodings() {}

    /// Whether `Accept-Encoding` names gzip, or everything, with a quality above 0.
    static boolean acceptsGzip(MultiMap headers) {
        if (!headers.contains(HttpHeaders.ACCEPT_ENCODING)) {
            return false;
        }
        String all = String.join(",", headers.getAll(HttpHeaders.ACCEPT_ENCODING));
        Boolean any = null;
        for (String coding : all.toLowerCase(Locale.ROOT).split(",", -1)) {
            int semicolon = coding.indexOf(';');
            String name = (semicolon < 0 ? coding : coding.substring(0, semicolon)).strip();
            boolean wanted = semicolon < 0 || !isZero(coding.substring(semicolon + 1));
            if (name.equals(GZIP) || name.equals("x-gzip")) {
                return wanted;
            }
            if (name.equals("*")) {
                any = wanted;
            }
        }
        return Boolean.TRUE.equals(any);
    }

    /// What is in a body, unpacked if it is packed.
    ///
    /// @param expansionMax unpacked bytes for each packed one
    /// @throws ProblemException 415 for an encoding other than gzip
    static InputStream unpacked(HttpServerRequest request, RequestBody body, int expansionMax) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        return switch (encoding == null ? "identity" : encoding.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> body;
            case GZIP, "x-gzip" -> new GzipBody(body, expansionMax);
            default ->
                    throw new ProblemException(
                                    415,
                                    "unsupported-encoding",
                                    "Content-Encoding '"
                                            + encoding
                                            + "' is not taken here; send gzip or none.")
                            .header("Accept-Encoding", "gzip, identity");
        };
    }

    private static boolean isZero(String quality) {
        return quality.strip().matches("q\\s*=\\s*0(\\.0*)?");
    }

    /// Whether packing makes values of this media type much smaller.
    static boolean isWorthPacking(String mediaType) {
        String type = mediaType.toLowerCase(Locale.ROOT);
        return type.startsWith("text/")
                || type.contains("json")
                || type.contains("xml")
                || type.contains("javascript");
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(bytes.length / 4 + 64);
        try (OutputStream out = packing(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return packed.toByteArray();
    }

    /// @param to in memory
    static GZIPOutputStream packing(ByteArrayOutputStream to) {
        try {
            return new Quick(to);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    private static final class Quick extends GZIPOutputStream {
        Quick(OutputStream to) throws IOException {
            super(to, 4096);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
