package dev.lastword.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.kafka.common.utils.ByteUtils;
import org.junit.jupiter.api.Test;

class VarintsTest {
    private final ByteBuffer buffer = ByteBuffer.allocate(20);

    @Test
    void an_int_is_encoded_as_kafka_does_it_and_read_back() throws Exception {
        for (int shift = 0; shift < 32; shift++) {
            for (int d = -2; d <= 2; d++) {
                checkInt((1 << shift) + d);
                checkInt(-(1 << shift) + d);
            }
        }
        Seeds.check(20, random -> random.ints(500).forEach(this::checkInt));
    }

    private void checkInt(int value) {
        int end = Varints.putInt(buffer, 3, value);
        ByteBuffer expected = ByteBuffer.allocate(5);
        ByteUtils.writeVarint(value, expected);
        assertEquals(expected.flip(), buffer.slice(3, end - 3), () -> "value " + value);
        assertEquals(end - 3, Varints.sizeOfInt(value));
        assertEquals(end, Varints.endOfInt(buffer, 3, end));
        assertEquals(Varints.MALFORMED, Varints.endOfInt(buffer, 3, end - 1));
        assertEquals(value, Varints.intAt(buffer, 3));
    }

    @Test
    void a_long_is_encoded_as_kafka_does_it_and_read_back() throws Exception {
        for (int shift = 0; shift < 64; shift++) {
            for (int d = -2; d <= 2; d++) {
                checkLong((1L << shift) + d);
                checkLong(-(1L << shift) + d);
            }
        }
        Seeds.check(20, random -> random.longs(500).forEach(this::checkLong));
    }

    private void checkLong(long value) {
        int end = Varints.putLong(buffer, 3, value);
        ByteBuffer expected = ByteBuffer.allocate(10);
        ByteUtils.writeVarlong(value, expected);
        assertEquals(expected.flip(), buffer.slice(3, end - 3), () -> "value " + value);
        assertEquals(end - 3, Varints.sizeOfLong(value));
        assertEquals(end, Varints.endOfLong(buffer, 3, end));
        assertEquals(Varints.MALFORMED, Varints.endOfLong(buffer, 3, end - 1));
        assertEquals(value, Varints.longAt(buffer, 3));
    }

    @Test
    void a_number_with_too_many_bits_is_malformed() {
        assertEquals(5, Varints.endOfInt(hex("ffffffff0f"), 0, 5));
        assertEquals(Varints.MALFORMED, Varints.endOfInt(hex("ffffffff10"), 0, 5));
        assertEquals(Varints.MALFORMED, Varints.endOfInt(hex("808080808000"), 0, 6));
        assertEquals(10, Varints.endOfLong(hex("ffffffffffffffffff01"), 0, 10));
        assertEquals(Varints.MALFORMED, Varints.endOfLong(hex("ffffffffffffffffff02"), 0, 10));
        assertEquals(Varints.MALFORMED, Varints.endOfLong(hex("8080808080808080808000"), 0, 11));
        assertEquals(Varints.MALFORMED, Varints.endOfInt(hex("00"), 1, 1));
    }

    @Test
    void a_number_that_is_longer_than_it_need_be_is_read() {
        assertEquals(3, Varints.endOfInt(hex("828000"), 0, 3));
        assertEquals(1, Varints.intAt(hex("828000"), 0));
        assertEquals(1, Varints.longAt(hex("828000"), 0));
    }

    private static ByteBuffer hex(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }
}
