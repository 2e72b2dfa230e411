package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.system.RegisterHistory.Call;
import dev.lastword.system.RegisterHistory.Delete;
import dev.lastword.system.RegisterHistory.Read;
import dev.lastword.system.RegisterHistory.Refused;
import dev.lastword.system.RegisterHistory.Step;
import dev.lastword.system.RegisterHistory.Swap;
import dev.lastword.system.RegisterHistory.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The check of histories can fail, and fails where it should alone.
class RegisterHistoryTest {
    private static boolean isLinearizable(Call... calls) {
        return new RegisterHistory(List.of(calls)).isLinearizable(null);
    }

    private static Call call(long began, long ended, Step step) {
        return new Call(began, ended, step);
    }

    @Test
    void one_after_the_other_each_sees_what_was_written_last() {
        assertTrue(
                isLinearizable(
                        call(0, 1, new Write("a", true)),
                        call(2, 3, new Read("a")),
                        call(4, 5, new Swap("a", "b")),
                        call(6, 7, new Refused("a")),
                        call(8, 9, new Delete()),
                        call(10, 11, new Read(null))));
    }

    @Test
    void a_read_after_a_write_must_not_see_what_was_before() {
        assertFalse(
                isLinearizable(
                        call(0, 1, new Write("a", true)),
                        call(2, 3, new Write("b", false)),
                        call(4, 5, new Read("a"))));
    }

    @Test
    void while_a_write_runs_either_may_be_seen_but_not_the_new_before_the_old() {
        Call write = call(2, 20, new Write("b", false));
        Call first = call(0, 1, new Write("a", true));
        assertTrue(
                isLinearizable(first, write, call(3, 4, new Read("a")), call(5, 6, new Read("b"))));
        assertFalse(
                isLinearizable(first, write, call(3, 4, new Read("b")), call(5, 6, new Read("a"))));
    }

    @Test
    void of_two_who_replace_the_same_version_only_one_wins() {
        Call first = call(0, 1, new Write("a", true));
        assertFalse(
                isLinearizable(
                        first, call(2, 9, new Swap("a", "b")), call(2, 9, new Swap("a", "c"))));
        assertTrue(
                isLinearizable(
                        first, call(2, 9, new Swap("a", "b")), call(2, 9, new Refused("a"))));
    }

    @Test
    void of_two_who_create_a_key_only_one_wins() {
        assertFalse(
                isLinearizable(call(0, 9, new Swap(null, "a")), call(0, 9, new Swap(null, "b"))));
    }

    @Test
    void a_refusal_needs_another_version_at_some_time() {
        assertFalse(isLinearizable(call(0, 1, new Write("a", true)), call(2, 3, new Refused("a"))));
    }

    @Test
    void a_long_history_of_overlapping_calls_is_decided() {
        List<Call> calls = new ArrayList<>();
        Random random = new Random(1);
        String version = null;
        for (int i = 0; i < 2000; i++) {
            Step step = next(random, version, "v" + i);
            version = step.after(version);
            // takes effect at 10 i, within a call that overlaps with some others
            calls.add(call(10L * i - random.nextInt(25), 10L * i + random.nextInt(25), step));
        }
        assertTrue(new RegisterHistory(calls).isLinearizable(null));
        calls.add(call(30_000, 30_001, new Read("v0")));
        assertFalse(new RegisterHistory(calls).isLinearizable(null));
    }

    private static Step next(Random random, @Nullable String version, String fresh) {
        return switch (random.nextInt(4)) {
            case 0 -> new Read(version);
            case 1 -> new Write(fresh, version == null);
            case 2 -> new Swap(version, fresh);
            default -> version == null ? new Refused("none") : new Delete();
        };
    }
}
