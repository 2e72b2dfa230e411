package dev.lastword.index;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Loads the pages of an index from a [PageSource], each when it is first touched: by a reader, by
/// the writer, or by who walks through all of them ([#loadAll]).
///
/// Until then a *stub* stands in the directory: a page without memory that is retired from birth,
/// so that whoever searches it starts again at the directory ([KeyIndex]); before that it calls
/// [#load], which puts the true page there. So loaded pages cost nothing for this, and as nobody,
/// the writer included, can change a page that is not loaded, what was copied is still true, and
/// what was damaged can be made anew.
///
/// Thread-safe. Bytes are read and checked without a lock; only putting a page in place takes the
/// index's lock, for as long as a page takes to copy.
final class PageLoader {
    private static final int SPARE_BYTES_MAX = 1 << 20;

    private final KeyIndex index;
    private final PageSource source;
    private final List<PageHead> heads;
    private final AtomicReference<@Nullable ByteBuffer> spare = new AtomicReference<>();
    private final ReentrantLock repairing = new ReentrantLock();

    PageLoader(KeyIndex index, PageSource source) {
        this.index = index;
        this.source = source;
        this.heads = source.heads();
    }

    PageHead head(IndexPage stub) {
        return heads.get(stub.number());
    }

    /// Puts the page that a stub stands for in its place, or sees that it is there.
    void load(IndexPage stub) {
        ByteBuffer image = read(stub);
        if (image == null) {
            repair();
            return;
        }
        PageHead head = head(stub);
        index.install(stub, source.keepsAll() ? head : filtered(head, image), image);
        if (image.capacity() <= SPARE_BYTES_MAX) {
            spare.set(image);
        }
    }

    /// The bytes of a page, or null where they are damaged.
    private @Nullable ByteBuffer read(IndexPage stub) {
        int size = head(stub).bytes(index.isVersioned());
        ByteBuffer image = spare.getAndSet(null);
        if (image == null || image.capacity() < size) {
            image = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        }
        try {
            return source.read(stub.number(), image.clear().limit(size)) ? image : null;
        } catch (IOException e) {
            return null; // unless it was closed because all is loaded, it is as good as damaged
        }
    }

    /// Takes out the entries that do not stand any more.
    private PageHead filtered(PageHead head, ByteBuffer image) {
        int present = head.present();
        int tombstones = head.tombstones();
        for (int bucket = 0; bucket < head.buckets(); bucket++) {
            for (int slot = 0; slot < IndexPage.SLOTS_PER_BUCKET; slot++) {
                int at = bucket * IndexPage.BUCKET_BYTES + slot * Long.BYTES;
                long word = image.getLong(at);
                if (word < 0 && !source.keeps(KeyIndex.offset(word))) {
                    image.putLong(at, IndexPage.REMOVED);
                    present--;
                    tombstones -= KeyIndex.isTombstone(word) ? 1 : 0;
                }
            }
        }
        return new PageHead(
                head.prefix(), head.depth(), head.buckets(), head.used(), present, tombstones);
    }

    /// Makes every damaged page anew, so that one of them costs no more than all.
    private void repair() {
        repairing.lock();
        try {
            BitSet damaged = new BitSet();
            List<IndexPage> stubs = index.stubs();
            for (IndexPage stub : stubs) {
                if (read(stub) == null) {
                    damaged.set(stub.number());
                }
            }
            if (damaged.isEmpty()) {
                return; // another thread did it
            }
            KeyIndex found = new KeyIndex(0, index.isVersioned());
            source.rebuild(found, lo -> index.isIn(damaged, lo));
            for (IndexPage stub : stubs) {
                if (damaged.get(stub.number())) {
                    index.installRebuilt(stub, head(stub), found);
                }
            }
        } finally {
            repairing.unlock();
        }
    }

    /// Loads what nobody touched so far, until it is stopped.
    void loadAll(BooleanSupplier stop) {
        for (IndexPage stub : index.stubs()) {
            if (stop.getAsBoolean()) {
                return;
            }
            if (index.isStub(stub, head(stub))) {
                load(stub);
            }
        }
    }

    void close() {
        try {
            source.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing the source of an index", e);
        }
    }
}
