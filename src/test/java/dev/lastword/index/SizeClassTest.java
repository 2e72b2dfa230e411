package dev.lastword.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SizeClassTest {
    @Test
    void a_size_comes_back_within_nine_percent_or_one_byte() {
        for (int bytes = 7; bytes < 1 << 20; bytes++) {
            assertNear(bytes);
        }
        for (double bytes = 1 << 20; bytes < Integer.MAX_VALUE; bytes *= 1.0001) {
            assertNear((int) bytes);
        }
        assertNear(Integer.MAX_VALUE);
    }

    @Test
    void larger_records_never_get_a_smaller_class() {
        int before = 0;
        for (double bytes = 0;
                bytes < Integer.MAX_VALUE;
                bytes = Math.max(bytes + 1, bytes * 1.001)) {
            int sizeClass = SizeClass.of((int) bytes);
            assertTrue(sizeClass >= before, () -> "class " + sizeClass);
            before = sizeClass;
        }
    }

    @Test
    void all_classes_are_used_and_no_more() {
        assertEquals(0, SizeClass.of(0));
        assertEquals(SizeClass.COUNT - 1, SizeClass.of(Integer.MAX_VALUE));
        for (int i = 0; i < SizeClass.COUNT; i++) {
            assertEquals(i, SizeClass.of(SizeClass.bytes(i)));
        }
    }

    private static void assertNear(int bytes) {
        double error = Math.abs((double) SizeClass.bytes(SizeClass.of(bytes)) - bytes);
        assertTrue(error <= Math.max(1, 0.09 * bytes), () -> bytes + " bytes are off by " + error);
    }
}
