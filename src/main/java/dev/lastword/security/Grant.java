package dev.lastword.security;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A role for some topics, written `reader`, `writer` or `admin` for all, or `writer@orders-*` for
/// those whose name the pattern matches; `*` stands for any characters.
///
/// @param role what it allows
/// @param topics the pattern
record Grant(Role role, String topics) {
    /// The pattern of all topics, and what is asked for where a request is about no single one.
    static final String ALL = "*";

    /// Reads the written form.
    ///
    /// @throws IllegalArgumentException that says what is wrong
    static Grant parse(String text) {
        int at = text.indexOf('@');
        String role = at < 0 ? text : text.substring(0, at);
        String topics = at < 0 ? ALL : text.substring(at + 1);
        for (Role r : Role.values()) {
            if (r.name().toLowerCase(Locale.ROOT).equals(role) && !topics.isEmpty()) {
                return new Grant(r, topics);
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no grant, such as reader, writer@orders-* or admin");
    }

    /// Whether a text is the written form of one.
    static boolean isGrant(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// @param topic null where a request is about all topics, which a pattern does not allow
    boolean allows(Role needed, @Nullable String topic) {
        return role.compareTo(needed) >= 0
                && (topics.equals(ALL) || (topic != null && matches(topics, topic)));
    }

    /// Whether a name matches a pattern; takes time with the product of their lengths at most.
    static boolean matches(String pattern, String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int retry = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                retry = n;
            } else if (p < pattern.length() && pattern.charAt(p) == name.charAt(n)) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
