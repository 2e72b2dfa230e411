package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClientPaceTest {
    private static final long SECOND = 1_000_000_000;

    private int tooSlow;

    /// As by default.
    private ClientPace pace(long bytesPerSecondMin) {
        return new ClientPace(Duration.ofSeconds(60), bytesPerSecondMin, () -> tooSlow++);
    }

    private static void waitFor(ClientPace pace, long nanos, long bytes) throws IOException {
        pace.waited(nanos, bytes);
        pace.check();
    }

    private void assertTooSlow(ClientPace pace, long nanos, long bytes) {
        String message =
                assertThrows(IOException.class, () -> waitFor(pace, nanos, bytes)).getMessage();
        assertTrue(String.valueOf(message).contains("PT1M"), message);
        assertEquals(1, tooSlow);
    }

    @Test
    void who_takes_nothing_for_a_period_is_too_slow() throws IOException {
        ClientPace pace = pace(0);
        waitFor(pace, 30 * SECOND, 1);
        assertEquals(30 * SECOND, pace.patienceNanos());
        waitFor(pace, 30 * SECOND, 1_000_000);
        assertEquals(60 * SECOND, pace.patienceNanos());
        waitFor(pace, 59 * SECOND, 0);
        assertEquals(SECOND, pace.patienceNanos());
        assertTooSlow(pace, SECOND, 0);
    }

    @Test
    void who_drips_is_too_slow_by_the_end_of_a_period() throws IOException {
        ClientPace pace = pace(8192);
        waitFor(pace, 59 * SECOND, 1000);
        assertEquals(SECOND, pace.patienceNanos());
        assertTooSlow(pace, SECOND, 1000);
    }

    @Test
    void any_pace_will_do_where_none_is_asked_for() throws IOException {
        ClientPace pace = pace(0);
        for (int i = 0; i < 100; i++) {
            waitFor(pace, 59 * SECOND, 1);
        }
        assertEquals(0, tooSlow);
    }

    @Test
    void a_megabit_a_second_is_fast_enough_for_any_length() throws IOException {
        ClientPace pace = pace(8192);
        for (int i = 0; i < 100_000; i++) {
            waitFor(pace, SECOND, 125_000);
        }
        // also where much is taken at once
        for (int i = 0; i < 1000; i++) {
            waitFor(pace, 50 * SECOND, 50 * 125_000);
        }
        assertEquals(0, tooSlow);
    }

    @Test
    void what_the_service_needs_itself_is_no_time_of_the_client() throws IOException {
        ClientPace pace = pace(8192);
        for (int i = 0; i < 1000; i++) {
            waitFor(pace, 1, 10); // hours may lie between
        }
        assertEquals(0, tooSlow);
    }

    @Test
    void who_is_done_is_not_judged_any_more() throws IOException {
        ClientPace pace = pace(8192);
        pace.waited(61 * SECOND, 1);
        assertEquals(0, tooSlow);
        assertTooSlow(pace, 0, 0);
    }
}
