package dev.lastword.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Builds the memory of a new page out of the keys of an old one, in arrays on the heap: they cost
/// less to read and write word by word than a direct buffer does, and copying whole chunks in and
/// out costs next to nothing. Halves the time of a rebuild. Not thread-safe; [#borrow] gives each
/// caller its own.
final class PageBuilder {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder())
                    .withInvokeExactBehavior();

    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder())
                    .withInvokeExactBehavior();

    /// One builder waits for the next caller, whichever index that is, so that not every index
    /// needs half a megabyte for this.
    private static final AtomicReference<@Nullable PageBuilder> SPARE = new AtomicReference<>();

    private final byte[] source = new byte[ChunkPool.CHUNK_BYTES];
    private byte[] target = new byte[0];
    private int buckets;
    private int present;

    private PageBuilder() {}

    /// The spare builder, or a new one.
    static PageBuilder borrow() {
        PageBuilder spare = SPARE.getAndSet(null);
        return spare == null ? new PageBuilder() : spare;
    }

    /// Keeps this builder for the next caller, unless it is an unusually large one.
    void giveBack() {
        if (target.length <= 2 * KeyIndex.PAGE_CHUNKS_MAX * ChunkPool.CHUNK_BYTES) {
            SPARE.set(this);
        }
    }

    /// Fills a page that no reader knows yet with the present keys of another whose `lo & mask` is
    /// `bits`. They must leave it with an empty slot.
    void fill(IndexPage page, IndexPage from, int mask, int bits) {
        buckets = page.buckets();
        present = 0;
        int bytes = Math.multiplyExact(buckets, IndexPage.BUCKET_BYTES);
        if (target.length < bytes) {
            target = new byte[bytes];
        } else {
            Arrays.fill(target, 0, bytes, (byte) 0);
        }
        for (int chunk = 0; chunk < from.chunkCount(); chunk++) {
            int length = from.readChunk(chunk, source);
            for (int at = 0; at < length; at += IndexPage.BUCKET_BYTES) {
                addBucket(at, mask, bits);
            }
        }
        page.load(target, present);
    }

    /// Copies the versions of the keys with which [#fill] filled a page.
    void fillVersions(IndexPage page, IndexPage from, int mask, int bits) {
        for (int bucket = 0; bucket < from.buckets(); bucket++) {
            for (int slot = 0; slot < IndexPage.SLOTS_PER_BUCKET; slot++) {
                int position = bucket << 2 | slot;
                if (from.word(position) >= 0) {
                    continue;
                }
                long lo = from.lo(position);
                if (((int) lo & mask) == bits) {
                    page.setVersion(page.seek(from.hi(position), lo), from.version(position));
                }
            }
        }
    }

    /// How many keys of a page have `lo & mask` equal to `bits`.
    int count(IndexPage page, int mask, int bits) {
        int count = 0;
        for (int chunk = 0; chunk < page.chunkCount(); chunk++) {
            int length = page.readChunk(chunk, source);
            for (int at = 0; at < length; at += IndexPage.BUCKET_BYTES) {
                for (int slot = 0; slot < IndexPage.SLOTS_PER_BUCKET; slot++) {
                    long word = (long) LONGS.get(source, at + slot * Long.BYTES);
                    int low = (int) INTS.get(source, at + IndexPage.LO + slot * Integer.BYTES);
                    count += word < 0 && (low & mask) == bits ? 1 : 0;
                }
            }
        }
        return count;
    }

    private void addBucket(int at, int mask, int bits) {
        for (int slot = 0; slot < IndexPage.SLOTS_PER_BUCKET; slot++) {
            long word = (long) LONGS.get(source, at + slot * Long.BYTES);
            int low = (int) INTS.get(source, at + IndexPage.LO + slot * Integer.BYTES);
            if (word < 0 && (low & mask) == bits) {
                long hi = (long) LONGS.get(source, at + IndexPage.HI + slot * Long.BYTES);
                int more = (int) INTS.get(source, at + IndexPage.MORE);
                add(hi, low, IndexPage.moreOfSlot(more, slot), word);
            }
        }
    }

    /// Each word of the target is empty or negative, the latter first; so the number of negative
    /// ones is the free slot, found without a branch that the processor could not foresee.
    private void add(long hi, int low, int more, long word) {
        int bucket = IndexPage.home(hi, buckets);
        while (true) {
            int at = bucket * IndexPage.BUCKET_BYTES;
            long slot =
                    ((long) LONGS.get(target, at) >>> 63)
                            + ((long) LONGS.get(target, at + Long.BYTES) >>> 63)
                            + ((long) LONGS.get(target, at + 2 * Long.BYTES) >>> 63);
            if (slot < IndexPage.SLOTS_PER_BUCKET) {
                set(at, (int) slot, hi, low, more, word);
                present++;
                return;
            }
            bucket = bucket + 1 == buckets ? 0 : bucket + 1;
        }
    }

    private void set(int at, int slot, long hi, int low, int more, long word) {
        LONGS.set(target, at + slot * Long.BYTES, word);
        LONGS.set(target, at + IndexPage.HI + slot * Long.BYTES, hi);
        INTS.set(target, at + IndexPage.LO + slot * Integer.BYTES, low);
        int others = (int) INTS.get(target, at + IndexPage.MORE);
        INTS.set(target, at + IndexPage.MORE, others | IndexPage.moreInSlot(more, slot));
    }
}
