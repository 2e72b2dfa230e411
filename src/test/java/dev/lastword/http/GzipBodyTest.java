package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipBodyTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void gzip_unpacks_to_what_was_packed_however_it_trickles_in(long seed) throws Exception {
        Random random = new Random(Long.getLong("seed", seed));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (int member = 0; member < 5; member++) {
            byte[] part = new byte[random.nextInt(20_000)];
            random.nextBytes(part);
            plain.write(part);
            packed.write(gzip(part));
        }
        InputStream in = new Trickle(new ByteArrayInputStream(packed.toByteArray()), random);
        try (GzipBody body = new GzipBody(in, 200)) {
            assertArrayEquals(plain.toByteArray(), body.readAllBytes());
        }
    }

    @Test
    void gzip_that_is_cut_or_damaged_anywhere_is_refused() throws Exception {
        byte[] plain = "some text worth packing, packing, packing".getBytes(StandardCharsets.UTF_8);
        byte[] packed = gzip(plain);
        for (int cut = 0; cut < packed.length; cut++) {
            byte[] part = Arrays.copyOf(packed, cut);
            assertThrows(BadBodyException.class, () -> unpack(part), "cut at " + cut);
        }
        int refused = 0;
        for (int i = 10; i < packed.length; i++) {
            byte[] damaged = packed.clone();
            damaged[i] ^= 0x10;
            try {
                // the last byte of the data has bits that nothing depends on
                assertArrayEquals(plain, unpack(damaged), "damaged at " + i);
            } catch (BadBodyException e) {
                refused++;
            }
        }
        assertTrue(refused >= packed.length - 10 - 1, refused + " refused");
        byte[] followed = Arrays.copyOf(packed, packed.length + 4);
        assertThrows(BadBodyException.class, () -> unpack(followed));
    }

    @Test
    void gzip_behind_which_the_connection_breaks_is_not_taken_for_whole() throws Exception {
        byte[] packed = gzip("x".getBytes(StandardCharsets.UTF_8));
        try (GzipBody body = new GzipBody(new ThrowsAtEnd(packed), 200)) {
            IOException e = assertThrows(IOException.class, body::readAllBytes);
            assertEquals("broken", e.getMessage());
        }
    }

    @Test
    void gzip_that_grows_beyond_measure_is_refused() throws Exception {
        byte[] packed = gzip(new byte[64 << 20]);
        try (GzipBody body = new GzipBody(new ByteArrayInputStream(packed), 200)) {
            long taken = 0;
            byte[] buffer = new byte[8192];
            while (true) {
                taken += body.read(buffer);
                if (taken > 32 << 20) {
                    fail("took " + taken);
                }
            }
        } catch (BadBodyException e) {
            assertEquals(413, e.status());
        }
    }

    private static byte[] unpack(byte[] packed) throws IOException {
        try (GzipBody body = new GzipBody(new ByteArrayInputStream(packed), 200)) {
            return body.readAllBytes();
        }
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    /// Gives a few bytes at a time.
    private static final class Trickle extends java.io.FilterInputStream {
        private final Random random;

        Trickle(InputStream in, Random random) {
            super(in);
            this.random = random;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return super.read(target, offset, Math.min(length, 1 + random.nextInt(40)));
        }
    }

    private static final class ThrowsAtEnd extends InputStream {
        private final InputStream in;

        ThrowsAtEnd(byte[] bytes) {
            in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            if (b < 0) {
                throw new IOException("broken");
            }
            return b;
        }
    }
}
