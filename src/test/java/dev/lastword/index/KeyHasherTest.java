package dev.lastword.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyHasherTest {
    /// SipHash-1-3-128 of 0, 1, ... 16 bytes 00 01 02 ..., made with OpenSSL 3 (`openssl mac
    /// -macopt size:16 -macopt c-rounds:1 -macopt d-rounds:3 ... SIPHASH`).
    private static final String[] SIP_1_3 = {
        "e77ebcb22788a5befd62db6add303001",
        "fc6f370460d3eda85e0573cc2b2ff063",
        "75787f090569839b855bc9548c6aea95",
        "6bc5ccfa1edcf79f4823187712ebd743",
        "0c784e71ac2b285a9f8e92e78fbf2c25",
        "f328db89345b620c795229a42695843e",
        "dcd03d29f743e7100951b0e83985a6f8",
        "1084b923f2aae0c3a62f2ec80848ab77",
        "aa12fee1d5e3dab4724f16ab35f9c799",
        "81ddb8042cf33994f4720e0094137c42",
        "4faa541d5d498e89ba0ea4c387b22fb4",
        "723b9af3554491dbb1d6633dfc6e0c4e",
        "e53f92859e4819a8dc0695739fea8c65",
        "b2f858c7c9ea801d53d603596d657844",
        "87e76268dbc9227226b0ca665f64e378",
        "c17e5505b2bd526c2921cdec1e7e0109",
        "d0a8d95715518eebb513b0f83d9e1793",
    };

    /// SipHash-2-4-128 of 0 to 4 bytes, as its authors publish them.
    private static final String[] SIP_2_4 = {
        "a3817f04ba25a8e66df67214c7550293",
        "da87c1d86b99af44347659119b22fc45",
        "8177228da4a45dc7fca38bdef60affe4",
        "9c70b60c5267a94e5f33b6b02985ed51",
        "f88164c12d9c8faf7d0f6e7c7bcd5579",
    };

    private static final long K0 = 0x0706050403020100L;
    private static final long K1 = 0x0f0e0d0c0b0a0908L;

    private final KeyHasher hasher = KeyHasher.keyed(K0, K1);
    private final KeyHash hash = new KeyHash();

    @Test
    void it_is_siphash_1_3_128() {
        for (int length = 0; length < SIP_1_3.length; length++) {
            hasher.hash(counting(length), hash);
            assertEquals(SIP_1_3[length], hex(hash), "length " + length);
        }
        hasher.hash(counting(63), hash);
        assertEquals("4c5800e34efe426f079f6b0aa75260ad", hex(hash));
    }

    @Test
    void the_reference_of_this_test_is_siphash() {
        for (int length = 0; length < SIP_2_4.length; length++) {
            KeyHash reference = reference(K0, K1, counting(length), 2, 4);
            assertEquals(SIP_2_4[length], hex(reference), "length " + length);
        }
    }

    @Test
    void any_key_under_any_secret_agrees_with_the_reference() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] key = new byte[random.nextInt(300)];
            random.nextBytes(key);
            long k0 = random.nextLong();
            long k1 = random.nextLong();
            KeyHasher.keyed(k0, k1).hash(key, hash);
            assertEquals(hex(reference(k0, k1, key, 1, 3)), hex(hash), "key " + i);
        }
    }

    @Test
    void every_buffer_hashes_like_its_bytes_and_stays_as_it_is() {
        Random random = new Random(2);
        for (int length = 0; length < 100; length++) {
            byte[] key = new byte[length];
            random.nextBytes(key);
            hasher.hash(key, hash);
            String expected = hex(hash);
            for (ByteOrder order :
                    new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
                int position = random.nextInt(20);
                int after = random.nextInt(3);
                ByteBuffer direct = ByteBuffer.allocateDirect(position + length + after);
                ByteBuffer heap =
                        ByteBuffer.allocate(7 + position + length + after)
                                .slice(7, position + length + after);
                for (ByteBuffer buffer : new ByteBuffer[] {direct, heap}) {
                    buffer.order(order).put(position, key).position(buffer.limit());
                    hasher.hash(buffer, position, length, hash);
                    assertEquals(expected, hex(hash));
                    hasher.hash(buffer.asReadOnlyBuffer(), position, length, hash);
                    assertEquals(expected, hex(hash));
                    assertEquals(buffer.capacity(), buffer.position());
                    assertEquals(buffer.capacity(), buffer.limit());
                    assertEquals(order, buffer.order());
                }
            }
        }
    }

    @Test
    void nothing_beyond_the_limit_is_read() {
        ByteBuffer buffer = ByteBuffer.allocate(32).limit(20);
        for (int[] range :
                new int[][] {{0, 21}, {13, 8}, {21, 0}, {-1, 4}, {4, -1}, {8, Integer.MAX_VALUE}}) {
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> hasher.hash(buffer, range[0], range[1], hash),
                    () -> Arrays.toString(range));
        }
        hasher.hash(buffer, 20, 0, hash);
        assertEquals(SIP_1_3[0], hex(hash));
    }

    @Test
    void one_buffer_can_be_hashed_by_many_threads() throws Exception {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64).put(counting(64));
        String[][] seen = new String[4][200];
        Thread[] threads = new Thread[seen.length];
        for (int t = 0; t < threads.length; t++) {
            String[] mine = seen[t];
            threads[t] = Thread.ofPlatform().start(() -> hashRanges(buffer, mine));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        String[] alone = new String[200];
        hashRanges(buffer, alone);
        for (String[] mine : seen) {
            assertArrayEquals(alone, mine);
        }
    }

    private void hashRanges(ByteBuffer buffer, String[] out) {
        KeyHash own = new KeyHash();
        for (int i = 0; i < out.length; i++) {
            hasher.hash(buffer, i % 20, i % 41, own);
            out[i] = hex(own);
        }
    }

    private static byte[] counting(int length) {
        byte[] key = new byte[length];
        for (int i = 0; i < length; i++) {
            key[i] = (byte) i;
        }
        return key;
    }

    /// The bytes in the order of the reference implementation's output.
    private static String hex(KeyHash hash) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        return HexFormat.of().formatHex(bytes.putLong(hash.hi).putLong(hash.lo).array());
    }

    /// SipHash as the paper describes it, one step at a time.
    private static KeyHash reference(long k0, long k1, byte[] key, int cRounds, int dRounds) {
        long[] v = {
            k0 ^ 0x736f6d6570736575L,
            k1 ^ 0x646f72616e646f6dL ^ 0xee,
            k0 ^ 0x6c7967656e657261L,
            k1 ^ 0x7465646279746573L
        };
        byte[] padded = Arrays.copyOf(key, key.length / 8 * 8 + 8);
        padded[padded.length - 1] = (byte) key.length;
        ByteBuffer words = ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN);
        while (words.hasRemaining()) {
            long word = words.getLong();
            v[3] ^= word;
            rounds(v, cRounds);
            v[0] ^= word;
        }
        KeyHash out = new KeyHash();
        v[2] ^= 0xee;
        rounds(v, dRounds);
        out.hi = v[0] ^ v[1] ^ v[2] ^ v[3];
        v[1] ^= 0xdd;
        rounds(v, dRounds);
        out.lo = v[0] ^ v[1] ^ v[2] ^ v[3];
        return out;
    }

    private static void rounds(long[] v, int count) {
        for (int i = 0; i < count; i++) {
            half(v, 0, 1, 13, 32);
            half(v, 2, 3, 16, 0);
            half(v, 2, 1, 17, 32);
            half(v, 0, 3, 21, 0);
        }
    }

    private static void half(long[] v, int a, int b, int rotateB, int rotateA) {
        v[a] += v[b];
        v[b] = Long.rotateLeft(v[b], rotateB) ^ v[a];
        v[a] = Long.rotateLeft(v[a], rotateA);
    }
}
