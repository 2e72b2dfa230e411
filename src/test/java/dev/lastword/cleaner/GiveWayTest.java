package dev.lastword.cleaner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.log.FlushTimes;
import org.junit.jupiter.api.Test;

/// How fast the cleaner may go beside writers, by a clock that the test moves.
class GiveWayTest {
    private static final long MS = 1_000_000L;

    private final FlushTimes flushes = new FlushTimes();
    private long now = 5_000_000_000L;
    private final GiveWay giveWay = new GiveWay(flushes, now);

    private void flush(int times, long nanos, long bytes) {
        for (int i = 0; i < times; i++) {
            flushes.record(nanos, bytes);
        }
    }

    private long after(long ms) {
        now += ms * MS;
        return giveWay.bytesPerSecond(now);
    }

    /// A while without a cleaning in which flushes take a millisecond, then the start of one.
    private void begin() {
        flush(1_000, MS, 300);
        assertEquals(GiveWay.START, after(2_000));
    }

    @Test
    void while_nobody_writes_there_is_no_limit() {
        assertEquals(0, after(2_000));
        assertEquals(0, after(200));
        assertEquals(0, after(200));
    }

    @Test
    void it_slows_down_as_soon_as_somebody_writes_and_lets_go_when_nobody_does() {
        assertEquals(0, after(2_000));
        flush(10, MS, 300);
        assertTrue(after(200) > 0);
        for (int i = 0; i < 4; i++) {
            assertTrue(after(200) > 0);
        }
        assertEquals(0, after(200));
    }

    @Test
    void flushes_as_fast_as_usual_make_it_faster_up_to_a_ceiling() {
        begin();
        long rate = GiveWay.START;
        for (int i = 0; i < 100; i++) {
            flush(20, MS, 300);
            long next = after(200);
            assertTrue(next > rate || next == GiveWay.CEILING);
            rate = next;
        }
        assertEquals(GiveWay.CEILING, rate);
    }

    @Test
    void slower_flushes_make_it_slower_and_it_always_goes_on() {
        begin();
        flush(20, 2 * MS, 300);
        assertEquals(GiveWay.START / 2, after(200));
        for (int i = 0; i < 100; i++) {
            flush(20, 50 * MS, 300);
            assertTrue(after(200) >= GiveWay.FLOOR);
        }
        assertEquals(GiveWay.FLOOR, after(10));
    }

    @Test
    void it_is_never_slower_than_garbage_comes() {
        begin();
        for (int i = 0; i < 100; i++) {
            flush(10, 500 * MS, 1 << 20); // 50 MiB a second
            assertTrue(after(200) >= 200L << 20);
        }
    }

    @Test
    void slow_means_slower_than_without_a_cleaning() {
        flush(1_000, 40 * MS, 300); // a slow disk
        after(2_000);
        flush(20, 40 * MS, 300);
        assertTrue(after(200) > GiveWay.START);
    }

    @Test
    void a_bucket_is_a_quarter_of_an_octave() {
        int last = -1;
        for (long nanos = 1; nanos < 1L << 40; nanos += Math.max(1, nanos / 100)) {
            int bucket = FlushTimes.bucket(nanos);
            assertTrue(bucket == last || bucket == last + 1, "at " + nanos);
            last = bucket;
        }
        assertTrue(FlushTimes.bucket(Long.MAX_VALUE) < FlushTimes.BUCKETS);
    }
}
