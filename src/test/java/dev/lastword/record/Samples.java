package dev.lastword.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/// Records and batches to test with.
public final class Samples {
    private static final String[] NAMES = {"", "a", "trace-id", "größe", "日本", "\uD83D\uDE00"};

    private Samples() {}

    /// One to forty records whose offsets ascend from `baseOffset` or a little above, often with
    /// gaps, sometimes with a vast one.
    public static List<LogRecord> records(Random random, long baseOffset) {
        int count = 1 + random.nextInt(40);
        long time = random.nextInt(8) == 0 ? 0 : 1_700_000_000_000L;
        boolean dense = random.nextBoolean();
        long offset = baseOffset + (dense ? 0 : random.nextInt(100));
        List<LogRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(
                    new LogRecord(
                            offset,
                            timestamp(random, time),
                            bytes(random, 40),
                            bytes(random, random.nextInt(20) == 0 ? 20_000 : 150),
                            headers(random)));
            offset += dense ? 1 : 1 + random.nextInt(random.nextBoolean() ? 3 : 40_000);
            if (!dense && random.nextInt(40) == 0) {
                offset += 1_000_000_000L;
            }
            if (offset - baseOffset > Integer.MAX_VALUE) {
                break;
            }
        }
        return records;
    }

    /// A base offset: small, large or next to the greatest.
    public static long baseOffset(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(1_000_000);
            case 2 -> random.nextLong(1L << 55);
            default -> Long.MAX_VALUE - Integer.MAX_VALUE - 1L - random.nextInt(10);
        };
    }

    private static long timestamp(Random random, long time) {
        return switch (random.nextInt(10)) {
            case 0 -> -1;
            case 1 -> random.nextLong(1L << 60);
            case 2 -> 0;
            default -> Math.max(0, time + random.nextInt(2_000_000) - 1_000_000);
        };
    }

    private static byte[] bytes(Random random, int lengthMax) {
        if (random.nextInt(6) == 0) {
            return null;
        }
        byte[] bytes = new byte[random.nextInt(6) == 0 ? 0 : random.nextInt(lengthMax + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<Header> headers(Random random) {
        List<Header> headers = new ArrayList<>();
        for (int n = random.nextInt(3) == 0 ? random.nextInt(5) : 0; n > 0; n--) {
            headers.add(new Header(NAMES[random.nextInt(NAMES.length)], bytes(random, 100)));
        }
        return headers;
    }

    /// A batch of these records, as [BatchWriter] writes it.
    public static byte[] batch(long baseOffset, List<LogRecord> records) {
        int room = RecordBatch.HEADER_BYTES;
        for (LogRecord r : records) {
            room += BatchWriter.maxSizeOf(r.key(), r.value(), r.headers());
        }
        ByteBuffer out = ByteBuffer.allocate(room);
        BatchWriter writer = new BatchWriter();
        writer.begin(out, baseOffset, Compression.NONE);
        for (LogRecord r : records) {
            writer.append(r.offset(), r.timestamp(), r.key(), r.value(), r.headers());
        }
        byte[] batch = new byte[writer.end()];
        out.flip().get(batch);
        return batch;
    }

    /// A batch of `count` records with one-byte keys and values, no headers, and offsets from 100
    /// on: each record has 9 bytes, the first at byte 61.
    public static byte[] plainBatch(int count) {
        List<LogRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(record(100 + i, 1_000, "k", "v"));
        }
        return batch(100, records);
    }

    /// A record without headers.
    public static LogRecord record(long offset, long timestamp, String key, String value) {
        return new LogRecord(
                offset,
                timestamp,
                key == null ? null : key.getBytes(),
                value == null ? null : value.getBytes(),
                List.of());
    }

    /// These bytes somewhere in a heap, direct or read-only buffer; its position is where they
    /// begin.
    public static ByteBuffer placed(Random random, byte[] bytes) {
        int before = random.nextInt(50);
        int size = before + bytes.length + random.nextInt(50);
        ByteBuffer buffer =
                random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
        buffer.put(before, bytes).position(before);
        return random.nextInt(4) == 0 ? buffer.asReadOnlyBuffer() : buffer;
    }

    /// All records of a batch.
    public static List<LogRecord> recordsOf(RecordBatch batch) throws Exception {
        List<LogRecord> records = new ArrayList<>();
        RecordCursor cursor = batch.cursor();
        while (cursor.next()) {
            records.add(cursor.toRecord());
        }
        return records;
    }

    /// All records of the batch in these bytes.
    public static List<LogRecord> recordsOf(byte[] batch) throws Exception {
        return recordsOf(new RecordBatch().wrap(ByteBuffer.wrap(batch), 0));
    }

    /// Gives a batch that was tampered with the CRC that fits it.
    public static byte[] resealed(byte[] batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch, 21, batch.length - 21);
        ByteBuffer.wrap(batch).putInt(17, (int) crc.getValue());
        return batch;
    }
}
