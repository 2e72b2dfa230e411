package dev.lastword.log;

import dev.lastword.index.IndexChanges;
import dev.lastword.index.IndexCopy;
import dev.lastword.index.PageHead;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.log.Checkpoint.Block;
import dev.lastword.log.Checkpoint.Cut;
import dev.lastword.log.Checkpoint.PageAt;
import dev.lastword.log.Checkpoint.SegmentImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Writes a [Checkpoint] while writes go on. Each page of the index is copied between two groups of
/// the appender, which takes it some ten microseconds; changes to pages that are copied already are
/// noted and written as well, so that the whole is exact at the cut ([IndexCopy]). Last, again
/// between two groups, the log is flushed and the segments' facts are taken.
///
/// The file is written under another name, flushed in small steps with rests in between while
/// others flush, and named when it is durable: a crash leaves the one before, or none.
///
/// For one thread.
final class CheckpointWriter {
    /// Says when to stop in the middle.
    interface Stop {
        boolean isAsked();
    }

    /// It was stopped, or the partition is in no state to be written of. Nothing is left behind.
    static final class StoppedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private static final String UNFINISHED = ".tmp";
    private static final int SYNC_BYTES = 1 << 20;
    private static final int SYNC_BYTES_ALONE = 16 << 20;
    private static final int BUFFER_BYTES = 256 * 1024;

    private final PartitionLog log;
    private final Disk disk;
    private final Stop stop;
    private final List<PageAt> pages = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private long position = Checkpoint.HEADER_BYTES;
    private long synced;
    private long othersSeen;

    CheckpointWriter(PartitionLog log, Stop stop) {
        this.log = log;
        this.disk = log.disk();
        this.stop = stop;
        this.othersSeen = log.flushTimes().bytes();
    }

    /// What was written.
    record Written(Cut cut, long bytes) {}

    /// The file that becomes the checkpoint.
    static Path unfinished(Path checkpoint) {
        return checkpoint.resolveSibling(checkpoint.getFileName() + UNFINISHED);
    }

    Written write() throws IOException, StoppedException {
        Path target = log.checkpoints().file();
        Path file = unfinished(target);
        Cut cut;
        try {
            try (DiskFile out = disk.open(file, OpenMode.CREATE)) {
                cut = writeTo(out);
            }
            disk.rename(file, target);
        } catch (IOException | StoppedException | RuntimeException e) {
            try {
                disk.deleteRecursively(file);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        Path folder = target.getParent();
        if (folder != null) {
            disk.syncDirectory(folder);
        }
        return new Written(cut, position);
    }

    private Cut writeTo(DiskFile out) throws IOException, StoppedException {
        log.index().loadAll();
        IndexCopy copy = log.inTurn(() -> log.index().beginCopy());
        boolean ended = false;
        try {
            while (writePage(copy, out)) {
                if (stop.isAsked()) {
                    throw new StoppedException();
                }
            }
            IndexChanges[] last = new IndexChanges[1];
            Cut cut =
                    log.inTurn(() -> {
                        Cut c = log.settle() ? log.checkpoints().cut() : null;
                        last[0] = copy.takeChanges();
                        copy.end();
                        return c;
                    });
            ended = true;
            if (cut == null) {
                throw new StoppedException();
            }
            write(last[0], out);
            finish(cut, out);
            return cut;
        } finally {
            if (!ended) {
                log.inTurn(() -> {
                    copy.end();
                    return null;
                });
            }
        }
    }

    /// False at the end of the index.
    private boolean writePage(IndexCopy copy, DiskFile out) throws IOException {
        IndexChanges[] changes = new IndexChanges[1];
        PageHead copied =
                log.inTurn(() -> {
                    changes[0] = copy.takeChanges();
                    return copy.next();
                });
        write(changes[0], out);
        if (copied == null) {
            return false;
        }
        PageHead head = copy.complete(copied);
        ByteBuffer bytes = copy.bytes();
        pages.add(new PageAt(head, Checkpoint.crc(bytes.duplicate()), position));
        append(bytes.duplicate(), out);
        return true;
    }

    private void write(IndexChanges changes, DiskFile out) throws IOException {
        if (changes.isIncomplete()) {
            throw new IOException(
                    changes.count() + " records came while a page was written; the disk is slow");
        }
        if (changes.count() == 0) {
            return;
        }
        int longs = changes.count() * IndexChanges.LONGS;
        ByteBuffer bytes = ByteBuffer.allocate(longs * Long.BYTES);
        for (int i = 0; i < longs; i++) {
            bytes.putLong(changes.get(i));
        }
        bytes.flip();
        blocks.add(new Block(changes.count(), Checkpoint.crc(bytes.duplicate()), position));
        append(bytes, out);
    }

    private void append(ByteBuffer bytes, DiskFile out) throws IOException {
        while (bytes.hasRemaining()) {
            ByteBuffer piece = bytes.slice(bytes.position(), pieceOf(bytes));
            int count = piece.remaining();
            out.write(piece, position);
            bytes.position(bytes.position() + count);
            position += count;
            syncStep(out);
        }
    }

    private static int pieceOf(ByteBuffer bytes) {
        return Math.min(BUFFER_BYTES, bytes.remaining());
    }

    /// Flushes what a step wrote. While others flush too, the disk is theirs for as long again.
    private void syncStep(DiskFile out) throws IOException {
        long others = log.flushTimes().bytes();
        boolean alone = others == othersSeen;
        if (position - synced < (alone ? SYNC_BYTES_ALONE : SYNC_BYTES)) {
            return;
        }
        long start = System.nanoTime();
        out.sync();
        synced = position;
        othersSeen = others;
        if (!alone) {
            LockSupport.parkNanos(System.nanoTime() - start);
        }
    }

    private void finish(Cut cut, DiskFile out) throws IOException {
        ByteBuffer table = ByteBuffer.wrap(table(cut));
        ByteBuffer header = ByteBuffer.allocate(Checkpoint.HEADER_BYTES);
        header.putLong(Checkpoint.MAGIC)
                .putInt(Checkpoint.VERSION)
                .putInt(Checkpoint.nativeOrder())
                .putLong(position)
                .putLong(table.remaining())
                .putInt(Checkpoint.crc(table.duplicate()));
        header.putInt(Checkpoint.crc(header.duplicate().flip())).flip();
        append(table, out);
        out.write(header, 0);
        out.sync();
    }

    private byte[] table(Cut cut) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(cut.hashCheck());
        out.writeLong(cut.endOffset());
        out.writeLong(cut.swaps());
        out.writeLong(cut.startOffset());
        out.writeInt(cut.versioned() ? 1 : 0);
        out.writeInt(cut.segments().size());
        for (SegmentImage s : cut.segments()) {
            out.writeLong(s.baseOffset());
            out.writeLong(s.sizeBytes());
            out.writeLong(s.nextOffset());
            out.writeLong(s.firstTimestamp());
            out.writeLong(s.largestTimestamp());
            out.writeLong(s.lastBatchAt());
            out.writeLong(log.lastBatchCrc(s));
            for (long fact : s.facts()) {
                out.writeLong(fact);
            }
        }
        out.writeLong(cut.active().bytesSinceEntry());
        out.writeInt(cut.active().largestTimestampOffset());
        out.writeInt(cut.active().offsetCount());
        for (int i = 0; i < cut.active().offsetCount(); i++) {
            out.writeLong(cut.active().offsets()[i]);
        }
        out.writeInt(cut.active().times().length);
        out.write(cut.active().times());
        out.writeInt(pages.size());
        for (PageAt p : pages) {
            out.writeInt(p.head().prefix());
            out.writeInt(p.head().depth());
            out.writeInt(p.head().buckets());
            out.writeInt(p.head().used());
            out.writeInt(p.head().present());
            out.writeInt(p.head().tombstones());
            out.writeInt(p.crc());
            out.writeLong(p.position());
        }
        out.writeInt(blocks.size());
        for (Block b : blocks) {
            out.writeInt(b.changes());
            out.writeInt(b.crc());
            out.writeLong(b.position());
        }
        return bytes.toByteArray();
    }
}
