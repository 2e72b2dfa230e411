package dev.lastword.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.lastword.ingest.MirrorBoard;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class SourceTroublesTest {
    private static final SourceAdmin.Topics ALL = new SourceAdmin.Topics(Map.of(), Map.of());

    private final MirrorBoard board = new MirrorBoard();
    private final SourceTroubles troubles = new SourceTroubles(board, "broker:9092");

    private static SourceAdmin.Topics refused(String topic) {
        return new SourceAdmin.Topics(
                Map.of(), Map.of(topic, new TopicAuthorizationException(Set.of(topic))));
    }

    @Test
    void a_poll_that_fails_is_told_with_its_cause_and_the_address() {
        troubles.pollFailed(new KafkaException("no", new IllegalStateException("because")));
        assertEquals("broker:9092: KafkaException: no (because)", board.sourceError());
    }

    @Test
    void a_failure_to_poll_is_over_when_polling_has_gone_well_for_a_while() {
        troubles.pollFailed(new KafkaException("no"));
        troubles.pollsAgain(100);
        troubles.noteTime(100 + SourceTroubles.CALM_NANOS);
        assertEquals("broker:9092: KafkaException: no", board.sourceError());
        troubles.noteTime(101 + SourceTroubles.CALM_NANOS);
        assertNull(board.sourceError());
    }

    @Test
    void each_failure_in_a_row_makes_the_rest_longer_up_to_half_a_minute() {
        assertEquals(500, troubles.restMs());
        troubles.pollFailed(new KafkaException("no"));
        assertEquals(1000, troubles.restMs());
        for (int i = 0; i < 100; i++) {
            troubles.pollFailed(new KafkaException("no"));
        }
        assertEquals(30_000, troubles.restMs());
        troubles.pollsAgain(0);
        troubles.noteTime(SourceTroubles.CALM_NANOS + 1);
        assertEquals(500, troubles.restMs());
    }

    @Test
    void what_is_refused_is_told_and_waits_no_longer_each_time() {
        troubles.pollRefused(new TopicAuthorizationException(Set.of("a")));
        assertEquals(
                "broker:9092: TopicAuthorizationException: Not authorized to access topics: [a]",
                board.sourceError());
        assertEquals(500, troubles.restMs());
    }

    @Test
    void a_failed_question_is_over_with_an_answer_about_all_that_it_asked() {
        troubles.askFailed(List.of("a", "b"), new TimeoutException("late"));
        troubles.answered(List.of("a"), ALL, false);
        assertEquals("broker:9092: TimeoutException: late", board.sourceError());
        troubles.answered(List.of("c", "b", "a"), ALL, false);
        assertNull(board.sourceError());
    }

    @Test
    void a_failed_question_is_over_with_an_answer_about_all_that_matters_by_now() {
        troubles.askFailed(List.of("a", "gone"), new TimeoutException("late"));
        troubles.concerns(List.of("a"));
        troubles.answered(List.of("a"), ALL, false);
        assertNull(board.sourceError());
    }

    @Test
    void an_answer_that_refuses_one_topic_is_a_trouble() {
        troubles.answered(List.of("a", "b"), refused("b"), true);
        assertEquals(
                "broker:9092: TopicAuthorizationException: Not authorized to access topics: [b]",
                board.sourceError());
        troubles.answered(List.of("a"), ALL, true);
        assertEquals(
                "broker:9092: TopicAuthorizationException: Not authorized to access topics: [b]",
                board.sourceError());
        troubles.answered(List.of("a", "b"), ALL, true);
        assertEquals(
                "broker:9092: TopicAuthorizationException: Not authorized to access topics: [b]",
                board.sourceError(),
                "while another is refused");
        troubles.answered(List.of("a", "b"), ALL, false);
        assertNull(board.sourceError());
    }

    @Test
    void what_polling_runs_into_is_told_before_what_a_question_does() {
        troubles.askFailed(List.of("a"), new TimeoutException("late"));
        troubles.pollFailed(new KafkaException("no"));
        assertEquals("broker:9092: KafkaException: no", board.sourceError());
        troubles.pollsAgain(0);
        troubles.noteTime(SourceTroubles.CALM_NANOS + 1);
        assertEquals("broker:9092: TimeoutException: late", board.sourceError());
    }
}
