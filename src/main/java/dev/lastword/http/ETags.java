package dev.lastword.http;

import dev.lastword.log.Condition;
import dev.lastword.log.Topic;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The entity tags of a precondition header, as far as they can name a version of one key.
///
/// A tag is `"<topic epoch>-<partition>-<offset>"`. Behind the offset a proxy or another encoding
/// of the same value may have put a suffix (`-gzip`), and `W/` before it; both are let through,
/// since either way the tag names one record.
///
/// @param any the header is `*`
/// @param offsets of the tags that belong to the key's topic epoch and partition; others match
///   nothing
record ETags(boolean any, Set<Long> offsets) {

    static String format(String epoch, int partition, long offset) {
        return '"' + epoch + '-' + partition + '-' + offset + '"';
    }

    /// The tags of one key's versions that a parameter of the query names; the quotes may be left
    /// out.
    static ETags ofQuery(String parameter, String text, Topic topic, int partition) {
        String quoted = text.indexOf('"') >= 0 || text.equals("*") ? text : '"' + text + '"';
        return parse(parameter, quoted, topic.epoch() + '-' + partition + '-');
    }

    /// The tag of another representation of the same record.
    static String withSuffix(String tag, String suffix) {
        return tag.substring(0, tag.length() - 1) + suffix + '"';
    }

    /// The header's tags, or null where the request has no such header.
    ///
    /// @throws ProblemException 400 where it is malformed
    static @Nullable ETags of(MultiMap headers, String header, Topic topic, int partition) {
        if (!headers.contains(header)) {
            return null;
        }
        List<String> lines = headers.getAll(header);
        return parse(header, String.join(",", lines), topic.epoch() + '-' + partition + '-');
    }

    /// The header's tags as far as they can be told without a topic: whether they are any at all.
    ///
    /// @throws ProblemException 400 where it is malformed
    static ETags check(MultiMap headers, String header) {
        return parse(header, String.join(",", headers.getAll(header)), "");
    }

    static ETags parse(String header, String text, String prefix) {
        if (text.strip().equals("*")) {
            return new ETags(true, Set.of());
        }
        Set<Long> offsets = new HashSet<>();
        int tags = 0;
        int i = skipBlank(text, 0);
        while (i < text.length()) {
            int open = text.startsWith("W/", i) ? i + 2 : i;
            int close = text.startsWith("\"", open) ? text.indexOf('"', open + 1) : -1;
            if (close < 0) {
                throw malformed(header);
            }
            long offset = offset(text.substring(open + 1, close), prefix);
            if (offset >= 0) {
                offsets.add(offset);
            }
            tags++;
            int next = skipBlank(text, close + 1);
            int comma = text.indexOf(',', close);
            if (next < text.length() && (comma < 0 || comma >= next)) {
                throw malformed(header);
            }
            i = next;
        }
        if (tags == 0) {
            throw malformed(header);
        }
        return new ETags(false, offsets);
    }

    private static int skipBlank(String text, int start) {
        int i = start;
        while (i < text.length() && " \t,".indexOf(text.charAt(i)) >= 0) {
            i++;
        }
        return i;
    }

    private static long offset(String tag, String prefix) {
        if (!tag.startsWith(prefix)) {
            return -1;
        }
        int end = prefix.length();
        while (end < tag.length() && tag.charAt(end) >= '0' && tag.charAt(end) <= '9') {
            end++;
        }
        int digits = end - prefix.length();
        return digits == 0 || digits > 18 ? -1 : Long.parseLong(tag, prefix.length(), end, 10);
    }

    /// Whether the version at this offset is one of them.
    boolean match(long offset) {
        return any || offsets.contains(offset);
    }

    /// What `If-Match` asks of the key when it is written.
    Condition asCondition() {
        return any ? new Condition.IfPresent() : new Condition.IfOffset(offsets);
    }

    private static ProblemException malformed(String header) {
        return new ProblemException(
                        400,
                        "invalid-precondition",
                        header + " takes *, or entity tags in double quotes with commas between.")
                .with("field", header);
    }
}
