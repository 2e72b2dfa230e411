package dev.lastword.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RecordCacheTest {
    private static final long BYTES_MAX = 64 << 10;
    private final RecordCache cache = new RecordCache(BYTES_MAX);

    private static LogRecord record(long offset, int valueBytes, Header... headers) {
        return new LogRecord(offset, 0, new byte[8], new byte[valueBytes], List.of(headers));
    }

    @Test
    void a_record_is_found_by_its_log_and_offset_alone() {
        LogRecord record = record(5, 10);
        cache.put(1, record);
        assertSame(record, cache.get(1, 5));
        assertNull(cache.get(1, 6));
        assertNull(cache.get(2, 5));
    }

    @Test
    void a_slot_is_never_taken_for_another_place_in_a_log() {
        for (long offset = 0; offset < 10_000; offset++) {
            cache.put(1, record(offset, 10));
            LogRecord found = cache.get(1, offset);
            assertNotNull(found);
            assertEquals(offset, found.offset());
            assertNull(cache.get(1, offset + 10_000));
        }
    }

    @Test
    void what_is_held_is_bounded_whatever_the_sizes() {
        SplittableRandom random = new SplittableRandom(1);
        long most = 0;
        for (long offset = 0; offset < 20_000; offset++) {
            cache.put(random.nextInt(3), record(offset, random.nextInt(10_000)));
            most = Math.max(most, cache.bytes());
        }
        assertTrue(most <= BYTES_MAX, most + " bytes");
        assertTrue(most > BYTES_MAX / 2, most + " bytes");
    }

    @Test
    void one_that_is_too_large_is_not_kept_and_drives_nothing_out() {
        cache.put(1, record(5, 10));
        cache.put(1, record(6, RecordCache.RECORD_BYTES_MAX));
        cache.put(1, record(7, 10, new Header("h", new byte[RecordCache.RECORD_BYTES_MAX])));
        assertNotNull(cache.get(1, 5));
        assertNull(cache.get(1, 6));
        assertNull(cache.get(1, 7));
    }

    @Test
    void a_cache_of_no_bytes_keeps_nothing() {
        RecordCache none = new RecordCache(0);
        none.put(1, record(5, 10));
        assertNull(none.get(1, 5));
        assertEquals(0, none.bytes());
    }

    @Test
    void many_threads_leave_the_account_right() {
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            SplittableRandom random = new SplittableRandom(t);
            threads.add(
                    CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < 20_000; i++) {
                            long offset = random.nextInt(500);
                            cache.put(1, record(offset, (int) offset * 8));
                            LogRecord found = cache.get(1, random.nextInt(500));
                            if (found != null) {
                                assertEquals(found.offset() * 8, found.value().length);
                            }
                        }
                    }));
        }
        threads.forEach(CompletableFuture::join);
        long held = 0;
        for (long offset = 0; offset < 500; offset++) {
            LogRecord found = cache.get(1, offset);
            held += found == null ? 0 : RecordCache.sizeOf(found);
        }
        assertEquals(held, cache.bytes());
        assertTrue(held <= BYTES_MAX, held + " bytes");
    }
}
