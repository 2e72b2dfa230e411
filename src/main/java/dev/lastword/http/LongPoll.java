package dev.lastword.http;

import dev.lastword.log.Topic;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A wish to wait for a key: `?wait=30s&ifNewer=<etag>`.
///
/// @param waitMs for so long
/// @param ifNewer the versions that the client knows; null where it knows none
record LongPoll(long waitMs, @Nullable ETags ifNewer) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,7})(ms|s|m|)");
    private static final long WAIT_MS_MAX = 600_000;

    /// What a request wishes; null where it does not wait.
    ///
    /// @throws ProblemException 400 that names the parameter
    static @Nullable LongPoll of(RoutingContext context, Topic topic, byte[] key) {
        String query = RawTarget.query(RawTarget.of(context));
        String wait = KeyParam.textInQuery(query, "wait");
        if (wait == null) {
            return null;
        }
        String tag = KeyParam.textInQuery(query, "ifNewer");
        int partition = topic.partitionFor(key).partition();
        return new LongPoll(
                millis(wait), tag == null ? null : ETags.ofQuery("ifNewer", tag, topic, partition));
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
    /// @param offset of its value, or -1 where it has none
    boolean isNews(long offset) {
        return offset < 0 ? ifNewer != null : ifNewer == null || !ifNewer.match(offset);
    }
}
