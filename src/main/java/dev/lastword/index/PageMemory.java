package dev.lastword.index;

import java.nio.ByteBuffer;

/// The memory of a page, or of its versions: chunks of the pool, or one smaller buffer of its own,
/// which the garbage collector frees once this is unreachable.
final class PageMemory {
    static final PageMemory NONE = new PageMemory(new ByteBuffer[0], new int[0], 0);

    private static final int CHUNK_SHIFT = Integer.numberOfTrailingZeros(ChunkPool.CHUNK_BYTES);

    /// The id in the place of a chunk's for a buffer that is not the pool's; its base is 0.
    private static final int OWN_BUFFER = -ChunkPool.SLAB_CHUNKS_MAX;

    private final ByteBuffer[] buffers;
    private final int[] ids;
    private final int bytes;

    /// Where each chunk starts.
    private final long[] addresses;

    private PageMemory(ByteBuffer[] buffers, int[] ids, int bytes) {
        this.buffers = buffers;
        this.ids = ids;
        this.bytes = bytes;
        this.addresses = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            addresses[i] = Memory.address(buffers[i]) + ChunkPool.base(ids[i]);
        }
    }

    /// A buffer of its own, of whole cache lines, all zeros.
    static PageMemory own(int bytes) {
        ByteBuffer[] buffer = {ChunkPool.allocateAligned(bytes)};
        return new PageMemory(buffer, new int[] {OWN_BUFFER}, bytes);
    }

    /// Chunks of the pool, which has so many, for so many bytes; they hold anything.
    static PageMemory ofChunks(int chunks, int bytes, ChunkPool pool) {
        int[] ids = new int[chunks];
        ByteBuffer[] slabs = new ByteBuffer[chunks];
        for (int i = 0; i < chunks; i++) {
            ids[i] = pool.take();
            slabs[i] = pool.slab(ids[i]);
        }
        return new PageMemory(slabs, ids, bytes);
    }

    /// The address of each chunk, for as long as this is reachable.
    long[] addresses() {
        return addresses;
    }

    /// The address of a byte, for as long as this is reachable.
    long address(int at) {
        return addresses[at >>> CHUNK_SHIFT] + (at & (ChunkPool.CHUNK_BYTES - 1));
    }

    int bytes() {
        return bytes;
    }

    /// The bytes of chunk `index` that are in use.
    int chunkBytes(int index) {
        return Math.min(ChunkPool.CHUNK_BYTES, bytes - index * ChunkPool.CHUNK_BYTES);
    }

    /// Copies the bytes of chunk `index`, and returns how many there are.
    int readChunk(int index, byte[] target) {
        int length = chunkBytes(index);
        buffers[index].get(ChunkPool.base(ids[index]), target, 0, length);
        return length;
    }

    void copyTo(ByteBuffer target, int at) {
        for (int i = 0; i < buffers.length; i++) {
            int from = ChunkPool.base(ids[i]);
            target.put(at + i * ChunkPool.CHUNK_BYTES, buffers[i], from, chunkBytes(i));
        }
    }

    void load(ByteBuffer source, int at) {
        for (int i = 0; i < buffers.length; i++) {
            int to = ChunkPool.base(ids[i]);
            buffers[i].put(to, source, at + i * ChunkPool.CHUNK_BYTES, chunkBytes(i));
        }
    }

    void load(byte[] source) {
        for (int i = 0; i < buffers.length; i++) {
            int to = ChunkPool.base(ids[i]);
            buffers[i].put(to, source, i * ChunkPool.CHUNK_BYTES, chunkBytes(i));
        }
    }

    /// Gives the chunks back.
    void release(ChunkPool pool) {
        if (!isOwn()) {
            for (int id : ids) {
                pool.giveBack(id);
            }
        }
    }

    private boolean isOwn() {
        return ids.length == 1 && ids[0] == OWN_BUFFER;
    }

    int chunkCount() {
        return ids.length;
    }

    /// The ids of the pool's chunks; empty for a buffer of its own.
    int[] chunkIds() {
        return isOwn() ? new int[0] : ids.clone();
    }

    /// Off-heap bytes that are not the pool's.
    int ownBytes() {
        return isOwn() ? bytes + ChunkPool.EXTRA_BYTES : 0;
    }
}
