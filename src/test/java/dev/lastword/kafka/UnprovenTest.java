package dev.lastword.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnprovenTest {
    /// "a1" is of the topic "a".
    private final Unproven<String> unproven = new Unproven<>(polled -> polled.substring(0, 1));

    private void add(String... polled) {
        List.of(polled).forEach(unproven::add);
    }

    @Test
    void all_is_taken_once_in_order() {
        assertFalse(unproven.isAskable());
        add("a1", "b1", "a2");
        assertTrue(unproven.isAskable());
        assertEquals(List.of("a1", "b1", "a2"), unproven.take());
        assertFalse(unproven.isAskable());
        assertEquals(List.of(), unproven.take());
    }

    @Test
    void what_was_not_answered_for_comes_before_what_was_polled_since() {
        add("a1", "b1");
        List<String> taken = unproven.take();
        add("a2");
        unproven.putBack(taken);
        assertEquals(List.of("a1", "b1", "a2"), unproven.take());
    }

    @Test
    void what_is_of_a_refused_topic_waits_in_order_until_it_is_not_refused() {
        add("a1", "b1");
        List<String> taken = unproven.take();
        add("a2", "b2");
        unproven.answered(List.of("a", "b"), Set.of("a"));
        unproven.putBack(List.of(taken.getFirst()));
        assertTrue(unproven.hasRefusals());
        assertEquals(List.of("b2"), unproven.take());
        assertFalse(unproven.isAskable());
        add("a3", "b3");
        unproven.answered(List.of("b"), Set.of());
        assertEquals(List.of("b3"), unproven.take());
        unproven.answered(List.of("b", "a"), Set.of());
        assertFalse(unproven.hasRefusals());
        assertTrue(unproven.isAskable());
        assertEquals(List.of("a1", "a2", "a3"), unproven.take());
    }

    @Test
    void refusals_of_topics_that_do_not_matter_any_more_are_forgotten() {
        unproven.answered(List.of("a", "b"), Set.of("a", "b"));
        add("a1", "b1");
        unproven.keepRefusals(List.of("b", "c"));
        assertEquals(List.of("a1"), unproven.take());
        unproven.keepRefusals(Set.of());
        assertFalse(unproven.hasRefusals());
        assertEquals(List.of("b1"), unproven.take());
    }

    @Test
    void what_is_of_no_use_any_more_is_dropped_also_where_it_is_refused() {
        add("a1", "b1", "a2", "b2");
        unproven.answered(List.of("a", "b"), Set.of("a"));
        unproven.removeIf(polled -> polled.endsWith("1"));
        unproven.keepRefusals(Set.of());
        assertEquals(List.of("a2", "b2"), unproven.take());
    }
}
