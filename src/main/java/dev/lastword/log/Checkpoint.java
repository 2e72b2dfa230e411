package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What a partition knows of its log, written when it is closed in order and read back at the next
/// start instead of the whole log: the key index and each segment's facts.
///
/// ```
/// magic int64 | end offset int64 | segments int64 | keys int64
/// per segment: base, size, next offset, first and largest timestamp, facts   (all int64)
/// per key:     hash hi int64 | hash lo int64 | entry int64 (| version int64, with the second magic)
/// CRC-32C of all before, int64                                               (big endian)
/// ```
///
/// It is believed only together with the word of an orderly stop ([Recovery.CleanEnd]), and only if
/// its checksum holds and the segments on disk are exactly those it names; else the log is read.
final class Checkpoint {
    private static final long MAGIC = 0x4c57_4348_4b50_5432L;
    private static final long MAGIC_VERSIONED = 0x4c57_4348_4b50_5632L;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int SEGMENT_LONGS = 5 + SegmentFacts.LONGS;

    private final List<SegmentImage> segments;
    private final long keys;
    private final boolean versioned;
    private final Reader reader;

    private Checkpoint(List<SegmentImage> segments, long keys, boolean versioned, Reader reader) {
        this.segments = segments;
        this.keys = keys;
        this.versioned = versioned;
        this.reader = reader;
    }

    /// Writes a checkpoint durably. The appender must have ended.
    static void write(Disk disk, Path file, PartitionLog log) throws IOException {
        try (DiskFile out = disk.open(file, OpenMode.CREATE)) {
            Writer writer = new Writer(out);
            List<Segment> segments = log.segments().asList();
            boolean versioned = log.index().isVersioned();
            writer.put(versioned ? MAGIC_VERSIONED : MAGIC);
            writer.put(log.endOffset());
            writer.put(segments.size());
            writer.put(log.index().keys());
            for (Segment s : segments) {
                writer.put(s.baseOffset());
                writer.put(s.sizeBytes());
                writer.put(s.nextOffset());
                writer.put(s.firstTimestamp());
                writer.put(s.largestTimestamp());
                for (long fact : s.facts().toLongs()) {
                    writer.put(fact);
                }
            }
            log.index()
                    .forEach((hi, lo, entry, version) -> {
                        writer.put(hi);
                        writer.put(lo);
                        writer.put(entry);
                        if (versioned) {
                            writer.put(version);
                        }
                    });
            writer.finish();
            out.sync();
        }
    }

    /// What a checkpoint says of a segment.
    record SegmentImage(
            long baseOffset,
            long sizeBytes,
            long nextOffset,
            long firstTimestamp,
            long largestTimestamp,
            long[] facts) {}

    /// Reads the checkpoint of a log that ended at an offset, all but the keys; null where there is
    /// none, or it is damaged, or it is of another end.
    ///
    /// @param in the file, open until [#fill] is done
    static @Nullable Checkpoint read(DiskFile in, long endOffset) throws IOException {
        if (!isWhole(in)) {
            return null;
        }
        Reader reader = new Reader(in);
        boolean versioned = reader.next() == MAGIC_VERSIONED;
        if (reader.next() != endOffset) {
            return null;
        }
        SegmentImage[] segments = new SegmentImage[Math.toIntExact(reader.next())];
        long keys = reader.next();
        for (int i = 0; i < segments.length; i++) {
            segments[i] =
                    new SegmentImage(
                            reader.next(),
                            reader.next(),
                            reader.next(),
                            reader.next(),
                            reader.next(),
                            reader.next(SegmentFacts.LONGS));
        }
        return new Checkpoint(List.of(segments), keys, versioned, reader);
    }

    List<SegmentImage> segments() {
        return segments;
    }

    /// Whether it has the keys' versions.
    boolean isVersioned() {
        return versioned;
    }

    /// Enters the keys into an empty index; once.
    void fill(KeyIndex index) throws IOException {
        KeyHash hash = new KeyHash();
        for (long i = 0; i < keys; i++) {
            hash.hi = reader.next();
            hash.lo = reader.next();
            long entry = reader.next();
            index.put(
                    hash,
                    KeyIndex.offset(entry),
                    KeyIndex.isTombstone(entry),
                    KeyIndex.approximateBytes(entry),
                    versioned ? reader.next() : 0);
        }
    }

    /// Checks the size that the header promises, and the checksum, before anything is used.
    private static boolean isWhole(DiskFile in) throws IOException {
        long size = in.size();
        if (size < 5 * Long.BYTES || size % Long.BYTES != 0) {
            return false;
        }
        Reader header = new Reader(in);
        long magic = header.next();
        header.next();
        long segments = header.next();
        long keys = header.next();
        long longs = size / Long.BYTES;
        if ((magic != MAGIC && magic != MAGIC_VERSIONED)
                || segments < 1
                || keys < 0
                || segments > longs
                || keys > longs
                || longs
                        != 5
                                + segments * SEGMENT_LONGS
                                + keys * (magic == MAGIC_VERSIONED ? 4 : 3)) {
            return false;
        }
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        long end = size - Long.BYTES;
        for (long at = 0; at < end; ) {
            buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - at));
            in.readFully(buffer, at);
            at += buffer.position();
            crc.update(buffer.flip());
        }
        ByteBuffer stored = ByteBuffer.allocate(Long.BYTES);
        in.readFully(stored, end);
        return stored.getLong(0) == crc.getValue();
    }

    private static final class Writer {
        private final DiskFile out;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        private final CRC32C crc = new CRC32C();
        private long position;

        Writer(DiskFile out) {
            this.out = out;
        }

        void put(long value) throws IOException {
            if (buffer.remaining() < Long.BYTES) {
                drain();
            }
            buffer.putLong(value);
        }

        private void drain() throws IOException {
            buffer.flip();
            crc.update(buffer.duplicate());
            int count = buffer.remaining();
            out.write(buffer, position);
            position += count;
            buffer.clear();
        }

        void finish() throws IOException {
            drain();
            buffer.putLong(crc.getValue()).flip();
            out.write(buffer, position);
        }
    }

    private static final class Reader {
        private final DiskFile in;
        private final long size;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
        private long position;

        Reader(DiskFile in) throws IOException {
            this.in = in;
            this.size = in.size();
        }

        long next() throws IOException {
            if (!buffer.hasRemaining()) {
                buffer.clear().limit((int) Math.min(BUFFER_BYTES, size - position));
                in.readFully(buffer, position);
                position += buffer.position();
                buffer.flip();
            }
            return buffer.getLong();
        }

        long[] next(int count) throws IOException {
            long[] values = new long[count];
            for (int i = 0; i < count; i++) {
                values[i] = next();
            }
            return values;
        }
    }
}
