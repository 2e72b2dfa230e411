package dev.lastword.index;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The off-heap memory of one index, in chunks of one size that pages give back and take again. Why
/// not one buffer per page: a direct buffer is freed by the garbage collector, whenever that is;
/// replaced pages would pile up, and their sizes would rarely fit the next page. So memory follows
/// the number of keys exactly, at its highest level: what was taken from the system is kept for the
/// next growth.
///
/// Chunks are cut from slabs, whose size is a part of what is there already (so that a small index
/// stays small) and at most [#SLAB_CHUNKS_MAX] chunks (so that zeroing one takes about a
/// millisecond). Chunk `id` is chunk `id % SLAB_CHUNKS_MAX` of slab `id / SLAB_CHUNKS_MAX`.
///
/// Used by the writer only; [#bytes] may be read by any thread.
final class ChunkPool {
    static final int CHUNK_BYTES = 8 << 10;
    static final int SLAB_CHUNKS_MAX = 128;

    private static final int ALIGNMENT = 64;

    /// Bytes that [#allocateAligned] takes beyond the buffer's size.
    static final int EXTRA_BYTES = ALIGNMENT + IndexPage.BUCKET_BYTES;

    private final List<ByteBuffer> slabs = new ArrayList<>();
    private int[] free = new int[0];
    private int freeCount;
    private int chunkCount;
    private volatile long bytes;

    /// A buffer of zeros whose first byte lies at the start of a cache line. One bucket behind its
    /// end can be read too.
    static ByteBuffer allocateAligned(int size) {
        return ByteBuffer.allocateDirect(size + EXTRA_BYTES).alignedSlice(ALIGNMENT);
    }

    /// The start of chunk `id` in its slab, in bytes.
    static int base(int id) {
        return (id & (SLAB_CHUNKS_MAX - 1)) * CHUNK_BYTES;
    }

    /// The slab that chunk `id` lies in.
    ByteBuffer slab(int id) {
        return slabs.get(id / SLAB_CHUNKS_MAX);
    }

    /// Makes sure that `count` chunks are free, or throws `OutOfMemoryError`.
    void reserve(int count) {
        while (freeCount < count) {
            addSlab();
        }
    }

    /// Takes a chunk that is free, see [#reserve]. It holds anything.
    int take() {
        return free[--freeCount];
    }

    /// Takes a chunk back. No reader may trust what it reads there from now on.
    void giveBack(int id) {
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, Math.max(8, freeCount + (freeCount >> 1)));
        }
        free[freeCount++] = id;
    }

    /// Bytes taken from the system.
    long bytes() {
        return bytes;
    }

    /// All chunks there are, free or not.
    int chunkCount() {
        return chunkCount;
    }

    /// The ids of the free chunks.
    int[] freeIds() {
        return Arrays.copyOf(free, freeCount);
    }

    private void addSlab() {
        int count = Math.clamp(chunkCount / 64, 1, SLAB_CHUNKS_MAX);
        slabs.add(allocateAligned(count * CHUNK_BYTES));
        int first = (slabs.size() - 1) * SLAB_CHUNKS_MAX;
        for (int i = count - 1; i >= 0; i--) {
            giveBack(first + i);
        }
        chunkCount += count;
        bytes = bytes + (long) count * CHUNK_BYTES + EXTRA_BYTES;
    }
}
