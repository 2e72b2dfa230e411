package dev.lastword.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lastword.record.BatchWriter;
import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.Samples;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Bytes written once and kept as text (`src/test/resources/golden`, `#` begins a comment): today's
/// code reads them, and writes the same.
class GoldenBatchTest {
    static final long TIME = 1_700_000_000_000L;
    static final List<LogRecord> RECORDS =
            List.of(
                    Samples.record(1_000_000, TIME, "user-1", "Ada"),
                    new LogRecord(
                            1_000_001,
                            TIME - 5,
                            utf8("user-2"),
                            utf8("größer"),
                            List.of(new Header("trace", utf8("ab12")), new Header("∅", null))),
                    Samples.record(1_000_300, TIME + 70_000, "user-1", null),
                    Samples.record(1_000_301, -1, null, ""));

    @Test
    void a_batch_has_the_bytes_it_always_had() throws Exception {
        byte[] golden = golden("batch-v2.hex");
        assertArrayEquals(golden, Samples.batch(999_990, RECORDS));
        assertEquals(RECORDS, Samples.recordsOf(golden));
        assertEquals(RECORDS, KafkaBatches.records(KafkaBatches.read(golden)));
    }

    @Test
    void a_cleaned_batch_with_a_delete_horizon_has_the_bytes_it_always_had() throws Exception {
        byte[] golden = golden("batch-v2-delete-horizon.hex");
        ByteBuffer source = ByteBuffer.wrap(golden("batch-v2.hex"));
        BitSet retained = new BitSet();
        retained.set(1, 3);
        ByteBuffer out = ByteBuffer.allocate(1_000);
        new BatchWriter()
                .rewrite(new RecordBatch().wrap(source, 0), retained, TIME + 86_400_000, out);
        assertArrayEquals(golden, KafkaBatches.bytes(out.flip()));
        assertEquals(RECORDS.subList(1, 3), Samples.recordsOf(golden));
        assertEquals(TIME + 86_400_000, KafkaBatches.read(golden).deleteHorizonMs().getAsLong());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] golden(String name) throws IOException {
        try (InputStream in = GoldenBatchTest.class.getResourceAsStream("/golden/" + name)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            String hex = text.replaceAll("#.*", "").replaceAll("\\s", "");
            return HexFormat.of().parseHex(hex);
        }
    }
}
