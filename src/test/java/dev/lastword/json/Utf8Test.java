package dev.lastword.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    private static final CharsetDecoder DECODER = StandardCharsets.UTF_8.newDecoder();

    @Test
    void agrees_with_the_jdk_on_every_sequence_of_up_to_three_bytes_with_a_high_first_one() {
        byte[] bytes = new byte[3];
        for (int a = 0x7e; a < 0x100; a++) {
            for (int b = 0; b < 0x100; b++) {
                for (int c : new int[] {0, 0x7f, 0x80, 0x8f, 0x90, 0xa0, 0xbf, 0xc0, 0xff}) {
                    bytes[0] = (byte) a;
                    bytes[1] = (byte) b;
                    bytes[2] = (byte) c;
                    assertAgrees(bytes);
                }
            }
        }
    }

    @Test
    void agrees_with_the_jdk_on_damaged_text() {
        Random random = new Random(42);
        byte[] text =
                "plain ascii, then ünïcode, 漢字 and 😀 and more ascii"
                        .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 100_000; i++) {
            byte[] damaged = text.clone();
            for (int k = random.nextInt(3); k >= 0; k--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            assertAgrees(damaged);
        }
    }

    @Test
    void names_the_first_byte_that_begins_no_character() {
        byte[] bytes = {'a', (byte) 0xc3, (byte) 0xa9, 'b', (byte) 0xff, 'c'};
        assertEquals(4, Utf8.firstInvalid(bytes, 0, bytes.length));
        assertEquals(-1, Utf8.firstInvalid(bytes, 0, 4));
        assertEquals(2, Utf8.firstInvalid(bytes, 2, 4));
    }

    private static void assertAgrees(byte[] bytes) {
        boolean expected;
        try {
            DECODER.decode(ByteBuffer.wrap(bytes));
            expected = true;
        } catch (CharacterCodingException e) {
            expected = false;
        }
        assertEquals(expected, Utf8.isValid(bytes), () -> Arrays.toString(bytes));
    }
}
