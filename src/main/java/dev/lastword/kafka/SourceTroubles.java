package dev.lastword.kafka;

import dev.lastword.ingest.MirrorBoard;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What is in the way of using the source as a whole: what polling runs into, and what the last
/// question about its topics did. Tells the board, and logs when that begins and ends.
///
/// Times are those of [System#nanoTime]. For the thread that owns the consumer.
final class SourceTroubles {
    private static final Logger LOG = Logger.getLogger("dev.lastword.kafka");

    /// So long after the last failure to poll it is over: polls that end early say nothing.
    static final long CALM_NANOS = 5_000_000_000L;

    private static final long BACKOFF_MS_MIN = 500;
    private static final long BACKOFF_MS_MAX = 30_000;

    private final MirrorBoard board;
    private final String bootstrap;

    private @Nullable String polling;
    private int failures;
    private long calmSince;

    private @Nullable String asking;

    /// What was asked when that began: an answer about others does not say that it is over.
    private Set<String> askedThen = Set.of();

    private Set<String> missing = Set.of();

    /// @param bootstrap the brokers' addresses as configured, for people
    SourceTroubles(MirrorBoard board, String bootstrap) {
        this.board = board;
        this.bootstrap = bootstrap;
    }

    /// The exception and its cause, in one line.
    static String describe(Throwable e) {
        Throwable cause = e.getCause();
        String text = e.getClass().getSimpleName() + ": " + e.getMessage();
        return cause == null ? text : text + " (" + cause.getMessage() + ")";
    }

    /// How long to wait after so many failures in a row, in milliseconds.
    static long backoffMs(int failures) {
        return Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN << Math.min(6, failures));
    }

    /// Polling failed; it is tried again after [#restMs].
    void pollFailed(Throwable e) {
        failures++;
        pollRefused(e);
    }

    /// Polling is refused what it asks for, for now.
    void pollRefused(Throwable e) {
        polling = describe(e);
        post();
    }

    /// How long to wait before the next poll.
    long restMs() {
        return backoffMs(failures);
    }

    /// Polling is tried again from now on.
    void pollsAgain(long now) {
        calmSince = now;
    }

    /// Looks, now and then, whether polling has gone well for long enough.
    void noteTime(long now) {
        if (polling != null && now - calmSince > CALM_NANOS) {
            polling = null;
            failures = 0;
            post();
        }
    }

    /// A question about some topics failed, or was refused for some of them.
    void askFailed(Collection<String> topics, Throwable e) {
        asking = describe(e);
        askedThen = Set.copyOf(topics);
        post();
    }

    /// A question about some topics was answered.
    ///
    /// @param stillRefused whether some topic is refused, of these or of others
    void answered(Collection<String> topics, SourceAdmin.Topics answer, boolean stillRefused) {
        if (!answer.refused().isEmpty()) {
            askFailed(topics, answer.refused().values().iterator().next());
        } else if (asking != null && !stillRefused && topics.containsAll(askedThen)) {
            asking = null;
            post();
        }
    }

    /// From now on these topics are all that matters: what else was asked for before does not count
    /// any more.
    void concerns(Collection<String> topics) {
        askedThen = Set.copyOf(topics);
    }

    /// Looks for topics that were configured by name and that the source does not have.
    void lookForMissing(Collection<String> named, SourceAdmin.Topics answer) {
        Set<String> without = new TreeSet<>(named);
        without.removeAll(answer.found().keySet());
        without.removeAll(answer.refused().keySet());
        if (!without.equals(missing) && !without.isEmpty()) {
            LOG.warnf("The source has no topic %s; mirrored as soon as there is one", without);
        }
        missing = without;
    }

    private void post() {
        String trouble = polling == null ? asking : polling;
        String before = board.sourceError();
        if (trouble != null) {
            String text = bootstrap + ": " + trouble;
            if (before == null) {
                LOG.warnf("Kafka cannot be used, what is mirrored is served on: %s", text);
            }
            board.postSourceError(text);
        } else if (before != null) {
            LOG.info("Kafka can be used again");
            board.postSourceError(null);
        }
    }
}
