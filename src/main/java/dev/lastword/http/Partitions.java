package dev.lastword.http;

import dev.lastword.log.Topic;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads `partitions=`, a list such as `0,3,7-20`.
final class Partitions {
    private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");

    private Partitions() {}

    /// The partitions named; all of the topic where none are.
    ///
    /// @param max how many may be asked for at once
    /// @throws ProblemException 400
    static SortedSet<Integer> parse(@Nullable String text, Topic topic, int max) {
        int count = topic.partitions().size();
        SortedSet<Integer> named = new TreeSet<>();
        if (text == null) {
            for (int p = 0; p < count; p++) {
                named.add(p);
            }
        } else {
            for (String range : text.split(",", -1)) {
                Matcher m = RANGE.matcher(range.strip());
                int first = m.matches() ? Integer.parseInt(m.group(1)) : count;
                int last =
                        first < count && m.group(2) != null ? Integer.parseInt(m.group(2)) : first;
                if (last >= count || last < first) {
                    throw invalid(
                            "takes numbers and ranges from 0 to "
                                    + (count - 1)
                                    + ", such as 0,3,7-20");
                }
                for (int p = first; p <= last; p++) {
                    named.add(p);
                }
            }
        }
        if (named.size() > max) {
            throw invalid(
                    "must name at most "
                            + max
                            + " of the topic's "
                            + count
                            + " partitions for one stream, such as 0-"
                            + (max - 1)
                            + "; open several");
        }
        return named;
    }

    private static ProblemException invalid(String rule) {
        return new ProblemException(400, "invalid-parameter", "'partitions' " + rule + ".")
                .with("field", "partitions");
    }
}
