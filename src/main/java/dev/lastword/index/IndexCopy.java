package dev.lastword.index;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Copies an index page by page while its writer goes on: the pages, and for those copied already
/// the changes made to them since. Invariant: the pages copied so far, with the changes taken and
/// those waiting, are the first part of the index as it is now, in the order of the keys' prefixes.
/// So at the end the copy is exact, whenever each page was copied.
///
/// Why the order of prefixes: pages are replaced and split meanwhile, but never across the place
/// that the copy has come to.
///
/// All but [#bytes] is for the writer; between two steps it may do what it wants.
public final class IndexCopy {
    private static final long END = 1L << Integer.SIZE;

    private final KeyIndex index;
    private IndexChanges changes = new IndexChanges();
    private ByteBuffer bytes = ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());

    /// All keys whose `(int) lo` is below this, unsigned, are copied.
    private long next;

    IndexCopy(KeyIndex index) {
        this.index = index;
    }

    /// Copies the next page; null at the end.
    public @Nullable PageHead next() {
        if (next == END) {
            return null;
        }
        IndexPage page = index.loadedPage(next);
        int size = page.imageBytes();
        if (bytes.capacity() < size) {
            bytes = allocate(size);
        }
        page.copyTo(bytes.clear().limit(size));
        int prefix = (int) next;
        next += 1L << (Integer.SIZE - page.depth());
        return new PageHead(prefix, page.depth(), page.buckets(), page.used(), page.present(), -1);
    }

    /// The writer must not end for want of memory for a copy.
    private static ByteBuffer allocate(int size) {
        try {
            return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        } catch (OutOfMemoryError e) {
            throw new IllegalStateException("no memory for a copy of a page", e);
        }
    }

    /// The bytes of the page copied last, valid until the next; for whoever writes them.
    public ByteBuffer bytes() {
        return bytes;
    }

    /// The head with the number of tombstones among the page's bytes.
    public PageHead complete(PageHead head) {
        int tombstones = 0;
        for (int bucket = 0; bucket < head.buckets(); bucket++) {
            for (int slot = 0; slot < IndexPage.SLOTS_PER_BUCKET; slot++) {
                long word = bytes.getLong(bucket * IndexPage.BUCKET_BYTES + slot * Long.BYTES);
                tombstones += word < 0 && KeyIndex.isTombstone(word) ? 1 : 0;
            }
        }
        return new PageHead(
                head.prefix(),
                head.depth(),
                head.buckets(),
                head.used(),
                head.present(),
                tombstones);
    }

    /// The changes since the last call.
    public IndexChanges takeChanges() {
        IndexChanges taken = changes;
        changes = new IndexChanges();
        return taken;
    }

    /// Ends the copy; no change is noted any more.
    public void end() {
        index.endCopy(this);
    }

    void note(long hi, long lo, long entry, long version) {
        if ((lo & 0xffff_ffffL) < next) {
            changes.add(hi, lo, entry, version);
        }
    }
}
