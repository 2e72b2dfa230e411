package dev.lastword.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/// Keeps the request target as it was sent.
///
/// Routing works on a normalised path: dot segments removed, double slashes merged, `%2e` decoded.
/// A key may hold any of these, so a target in whose key normalising would change something (or
/// fail) is routed under a stand-in for the key, and the resource reads the key from here.
@Singleton
final class RawTarget {
    private static final String ORIGINAL = RawTarget.class.getName();
    private static final String STAND_IN = "/keys/stand-in";
    private static final int FIRST = 10_000;

    /// Normalising takes time that grows with the square of the length.
    private static final int NORMALISED_MAX = 4096;

    void register(@Observes Filters filters) {
        filters.register(RawTarget::keep, FIRST);
    }

    private static void keep(RoutingContext context) {
        String target = context.request().uri();
        String path = path(target);
        int keys = KeyParam.keysSegment(path);
        String head = keys < 0 ? path : path.substring(0, keys);
        if (head.length() > NORMALISED_MAX) {
            BadRequests.refuse(
                    context, 414, "target-too-long", "The path is too long to name anything here.");
        } else if (hasBadEscape(head)) {
            BadRequests.refuse(
                    context,
                    400,
                    "invalid-target",
                    "The path has a percent sign without two hexadecimal digits; it is %25 itself.");
        } else if (keys >= 0 && isFragile(path, keys)) {
            context.put(ORIGINAL, target);
            context.reroute(context.request().method(), head + STAND_IN);
        } else {
            context.next();
        }
    }

    /// The target of a request before any rerouting.
    static String of(RoutingContext context) {
        String original = context.get(ORIGINAL);
        return original == null ? context.request().uri() : original;
    }

    /// The path of a target, still encoded.
    static String path(String target) {
        int start = target.startsWith("/") ? 0 : pathOfAbsolute(target);
        int query = target.indexOf('?', start);
        return target.substring(start, query < 0 ? target.length() : query);
    }

    private static int pathOfAbsolute(String target) {
        int scheme = target.indexOf("://");
        int slash = target.indexOf('/', scheme < 0 ? 0 : scheme + 3);
        return slash < 0 ? target.length() : slash;
    }

    /// The query of a target, still encoded; empty where there is none.
    static String query(String target) {
        int query = target.indexOf('?');
        return query < 0 ? "" : target.substring(query + 1);
    }

    private static boolean hasBadEscape(String path) {
        int percent = path.indexOf('%');
        while (percent >= 0) {
            if (!isEscape(path, percent, path.length())) {
                return true;
            }
            percent = path.indexOf('%', percent + 1);
        }
        return false;
    }

    private static boolean isFragile(String path, int start) {
        if (path.length() > NORMALISED_MAX) {
            return true;
        }
        for (int i = start; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '/' && i + 1 < path.length()) {
                char next = path.charAt(i + 1);
                if (next == '/' || next == '.') {
                    return true;
                }
            } else if (c == '%' && (!isEscape(path, i, path.length()) || isDot(path, i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isDot(String path, int percent) {
        return path.regionMatches(true, percent, "%2e", 0, 3);
    }

    /// Whether two hexadecimal digits follow a percent sign.
    static boolean isEscape(String text, int percent, int end) {
        return percent + 2 < end
                && Character.digit(text.charAt(percent + 1), 16) >= 0
                && Character.digit(text.charAt(percent + 2), 16) >= 0
                && text.charAt(percent + 1) < 0x80
                && text.charAt(percent + 2) < 0x80;
    }
}
