package dev.lastword.log;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.record.BatchWriter;
import dev.lastword.record.Compression;
import dev.lastword.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Makes a damaged partition whole again, at the price of what cannot be read: damaged bytes are
/// moved aside into files of their own, byte for byte, and in their place stands an empty batch
/// with their offsets. So no offset changes, every tool can read the log, and what was lost can
/// still be examined. A gap where a segment is missing is filled the same way.
///
/// The bytes are durable in their new file before the segment is replaced ([ClosedSwap]); a crash
/// in between leaves both, and the next attempt makes another copy.
///
/// For one partition on which nothing runs, or whose log is frozen. Not thread-safe.
public final class Salvage {
    private static final int PLACEHOLDER_OFFSETS_MAX = Integer.MAX_VALUE;

    /// Damaged bytes and where they are now.
    ///
    /// @param bytes how many they are
    /// @param to the file that holds them
    public record Moved(Damage damage, long bytes, Path to) {}

    private final Disk disk;
    private final Path quarantine;
    private final String prefix;
    private final List<Moved> moved = new ArrayList<>();
    private final ByteBuffer empty = ByteBuffer.allocate(2 * RecordBatch.HEADER_BYTES);

    /// @param quarantine the folder for what is moved aside
    /// @param prefix names the partition there
    Salvage(Disk disk, Path quarantine, String prefix) {
        this.disk = disk;
        this.quarantine = quarantine;
        this.prefix = prefix;
    }

    /// Goes through all segments of a folder.
    ///
    /// @param endOffset of the log, which it keeps
    List<Moved> run(Path folder, long endOffset) throws IOException {
        List<ClosedSegment> segments = ClosedPartition.segments(disk, folder);
        for (int i = 0; i < segments.size(); i++) {
            ClosedSegment s = segments.get(i);
            boolean last = i + 1 == segments.size();
            long nextBase = last ? endOffset : segments.get(i + 1).baseOffset();
            if (s.sizeBytes() > 0 && !isWhole(s, nextBase)) {
                rewrite(s, nextBase);
            }
        }
        return moved;
    }

    private boolean isWhole(ClosedSegment segment, long nextBase) throws IOException {
        try (DiskFile in = disk.open(segment.log(), OpenMode.READ)) {
            BatchWalk walk = new BatchWalk(in, segment.baseOffset(), nextBase);
            BatchWalk.Step step = walk.next();
            while (step == BatchWalk.Step.BATCH) {
                step = walk.next();
            }
            return step == BatchWalk.Step.END && walk.nextOffset() >= nextBase;
        }
    }

    private void rewrite(ClosedSegment segment, long nextBase) throws IOException {
        try (DiskFile in = disk.open(segment.log(), OpenMode.READ);
                ClosedSwap swap = new ClosedSwap(disk, List.of(segment))) {
            BatchWalk walk = new BatchWalk(in, segment.baseOffset(), nextBase);
            boolean hole = false;
            for (BatchWalk.Step step = walk.next();
                    step != BatchWalk.Step.END;
                    step = walk.next()) {
                if (step == BatchWalk.Step.DAMAGE) {
                    moveAside(in, segment, walk);
                    hole = true;
                } else {
                    if (hole) {
                        fill(swap, swap.nextOffset(), walk.batch().baseOffset());
                    }
                    hole = false;
                    swap.append(walk.batch(), walk.buffer());
                }
            }
            fill(swap, swap.nextOffset(), nextBase);
            swap.commit();
            swap.deleteOld();
        }
    }

    /// Adds empty batches for the offsets [from, to).
    private void fill(ClosedSwap swap, long from, long to) throws IOException {
        for (long base = from; base < to; ) {
            long last = base + Math.min(to - base, PLACEHOLDER_OFFSETS_MAX) - 1;
            swap.append(placeholder(base, last), empty);
            base = last + 1;
        }
    }

    private RecordBatch placeholder(long base, long last) throws IOException {
        ByteBuffer model = ByteBuffer.allocate(2 * RecordBatch.HEADER_BYTES);
        BatchWriter writer = new BatchWriter();
        writer.begin(model, base, Compression.NONE);
        writer.append(last, -1, null, null, List.of());
        writer.end();
        empty.clear();
        BatchWriter.placeholder(new RecordBatch().wrap(model.flip(), 0), empty);
        empty.flip();
        return new RecordBatch().wrap(empty, 0);
    }

    private void moveAside(DiskFile in, ClosedSegment segment, BatchWalk walk) throws IOException {
        disk.createDirectories(quarantine);
        Path file = freeName(segment.baseOffset(), walk.position());
        long bytes = walk.end() - walk.position();
        try (DiskFile out = disk.open(file, OpenMode.CREATE)) {
            in.transferTo(walk.position(), bytes, out, 0);
            out.sync();
        }
        disk.syncDirectory(quarantine);
        Path own = quarantine.getParent();
        if (own != null) {
            disk.syncDirectory(own);
        }
        Path folder = segment.directory().getFileName();
        Damage damage =
                new Damage(
                        folder + "/" + segment.log().getFileName(),
                        segment.baseOffset(),
                        walk.position(),
                        walk.nextOffset(),
                        walk.damage());
        moved.add(new Moved(damage, bytes, file));
    }

    private Path freeName(long base, long position) throws IOException {
        for (int n = 0; ; n++) {
            String name =
                    String.format(
                            Locale.ROOT,
                            "%s.%020d.%d%s.damaged",
                            prefix,
                            base,
                            position,
                            n == 0 ? "" : "." + n);
            Path file = quarantine.resolve(name);
            if (!disk.exists(file)) {
                return file;
            }
        }
    }
}
