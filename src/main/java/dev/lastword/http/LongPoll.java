package dev.lastword.http;

import dev.lastword.log.Topic;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A wish to wait for a key: `?wait=30s&ifNewer=<etag>`.
///
/// @param waitMs for so long
/// @param known the tags of the versions that the client knows; null where it knows none
record LongPoll(Topic topic, long waitMs, @Nullable String known) {
    private static final String IF_NEWER = "ifNewer";
    private static final Pattern DURATION = Pattern.compile("(\\d{1,7})(ms|s|m|)");
    private static final long WAIT_MS_MAX = 600_000;

    /// What a request wishes; null where it does not wait.
    ///
    /// @throws ProblemException 400 that names the parameter
    static @Nullable LongPoll of(RoutingContext context, Topic topic) {
        String query = RawTarget.query(RawTarget.of(context));
        String wait = KeyParam.textInQuery(query, "wait");
        if (wait == null) {
            return null;
        }
        LongPoll poll = new LongPoll(topic, millis(wait), KeyParam.textInQuery(query, IF_NEWER));
        poll.knownIn(0); // refuses what is no tag
        return poll;
    }

    /// The versions in a partition that the client knows; null where it knows none.
    @Nullable ETags knownIn(int partition) {
        return known == null ? null : ETags.ofQuery(IF_NEWER, known, topic, partition);
    }

    private static long millis(String text) {
        Matcher m = DURATION.matcher(text);
        if (m.matches()) {
            long n = Long.parseLong(m.group(1));
            long ms =
                    switch (m.group(2)) {
                        case "ms" -> n;
                        case "m" -> n * 60_000;
                        default -> n * 1000;
                    };
            if (ms <= WAIT_MS_MAX) {
                return ms;
            }
        }
        throw new ProblemException(
                        400,
                        "invalid-parameter",
                        "'wait' takes a duration of up to 10m, such as 30s or 500ms.")
                .with("field", "wait");
    }

    /// Whether the client wants to hear of the key's state.
    ///
    /// @param offset of its value in the partition, or -1 where it has none
    boolean isNews(int partition, long offset) {
        ETags tags = knownIn(partition);
        return offset < 0 ? tags != null : tags == null || !tags.match(offset);
    }
}
