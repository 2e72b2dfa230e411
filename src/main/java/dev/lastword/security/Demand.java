package dev.lastword.security;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a request needs.
///
/// @param role null where anyone may call
/// @param topic the topic it names; null where it is about all of them
record Demand(@Nullable Role role, @Nullable String topic) {
    private static final Demand NOTHING = new Demand(null, null);
    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final Set<String> REPAIRS = Set.of("reopen", "release", "reset");

    /// Of a request. Paths that lead nowhere need a reader, so that nothing is told to others.
    ///
    /// @param path normalised: no dot segments, unreserved characters not encoded. What follows a
    ///   semicolon in a segment does not name anything, for routing ignores it too
    static Demand of(String method, String path) {
        if (method.equals("OPTIONS") || path.startsWith("/q/health") || isDocument(path)) {
            return NOTHING;
        }
        List<String> names = names(path);
        String first = names.isEmpty() ? "" : names.getFirst();
        if (first.equals("compact")) {
            return new Demand(Role.WRITER, null);
        }
        if (!first.equals("topics")) {
            return new Demand(Role.READER, null);
        }
        String topic = names.size() < 2 ? "" : names.get(1);
        if (topic.isEmpty()) {
            return new Demand(READING.contains(method) ? Role.READER : Role.ADMIN, null);
        }
        return new Demand(role(method, names.subList(2, names.size())), topic);
    }

    /// Whether a grant is enough.
    boolean isMetBy(Grant grant) {
        return role == null || grant.allows(role, topic);
    }

    private static boolean isDocument(String path) {
        return path.equals("/q/openapi") || path.startsWith("/q/openapi/");
    }

    /// The segments of a path.
    private static List<String> names(String path) {
        List<String> names = new ArrayList<>();
        int slash = path.indexOf('/');
        while (slash >= 0) {
            int next = path.indexOf('/', slash + 1);
            int end = next < 0 ? path.length() : next;
            int semicolon = path.indexOf(';', slash + 1);
            names.add(path.substring(slash + 1, semicolon < 0 ? end : Math.min(semicolon, end)));
            slash = next;
        }
        return names;
    }

    /// @param names the segments behind the topic
    private static Role role(String method, List<String> names) {
        if (READING.contains(method)) {
            return Role.READER;
        }
        String first = names.isEmpty() ? "" : names.getFirst();
        String last = names.isEmpty() ? "" : names.getLast();
        boolean repair = first.equals("partitions") && REPAIRS.contains(last);
        return switch (first) {
            case "" -> method.equals("POST") ? Role.WRITER : Role.ADMIN;
            case "config", "compactions" -> Role.ADMIN;
            case "keys:get" -> Role.READER;
            default -> repair ? Role.ADMIN : Role.WRITER;
        };
    }
}
