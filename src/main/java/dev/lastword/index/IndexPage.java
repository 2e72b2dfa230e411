package dev.lastword.index;

import java.nio.ByteBuffer;

/// One hash table of the index: open addressing with linear probing over buckets of three slots. A
/// bucket is one cache line, so that most look-ups miss the cache once:
///
/// ```
///  0        8        16       24       32       40       48    52    56    60    64
///  | word 0 | word 1 | word 2 | hi 0   | hi 1   | hi 2   | lo0 | lo1 | lo2 | more |
/// ```
///
/// The word of a slot is [#EMPTY], [#REMOVED] or an entry with [#PRESENT] added. Its fingerprint is
/// `hi`, the low 32 bits of the hash's `lo`, and ten further bits of it, slot 0's lowest, in
/// `more`.
///
/// Invariants: slots fill in probing order, so an empty slot, or the fingerprint in a slot that is
/// still empty (its word is not written yet), ends every search. Once a word is not empty, the slot
/// keeps its fingerprint for the life of the page; a removed key can come back to its own slot,
/// another key never takes it. At least one slot is empty. A page never changes its size.
///
/// A versioned page has another `long` for each slot, the version of its key's record, in memory of
/// its own: only the writer needs it, so look-ups are not slowed. It means something while the slot
/// holds an entry.
///
/// Where a key goes depends on the top bits of `hi` alone and rises with them, so copying a page
/// into another walks through both in order.
///
/// One writer; [#place] and [#find] may run in any thread. Their results count only if [#isRetired]
/// is still false afterwards: the memory of a retired page is used again.
final class IndexPage {
    static final int SLOTS_PER_BUCKET = 3;
    static final int BUCKET_BYTES = 64;
    static final int BUCKETS_PER_CHUNK = ChunkPool.CHUNK_BYTES / BUCKET_BYTES;
    static final int SLOTS_PER_CHUNK = BUCKETS_PER_CHUNK * SLOTS_PER_BUCKET;

    /// A page is full when this part of its slots is taken: 21.3 bytes a slot make 25.7 bytes a key
    /// in a full page, 32.1 in one that has just grown by a quarter, and 28.8 on average over pages
    /// that grow at different times.
    static final double LOAD_MAX = 0.83;

    /// Word of a slot that was never used.
    static final long EMPTY = 0;

    /// Word of a slot whose key was removed.
    static final long REMOVED = 1;

    /// Set in the word of a slot that holds an entry.
    static final long PRESENT = Long.MIN_VALUE;

    private static final int VERSIONS_PER_CHUNK = ChunkPool.CHUNK_BYTES / Long.BYTES;

    private static final int CHUNK_SHIFT = Integer.numberOfTrailingZeros(BUCKETS_PER_CHUNK);
    private static final int LAST_WORD = (SLOTS_PER_BUCKET - 1) * Long.BYTES;
    static final int HI = 24;
    static final int LO = 48;
    static final int MORE = 60;

    private static final int MORE_BITS = 10;
    private static final int MORE_MASK = (1 << MORE_BITS) - 1;

    /// Times a value of [#MORE_BITS] bits: that value for each slot.
    private static final int MORE_IN_ALL_SLOTS = 1 | (1 << MORE_BITS) | (1 << (2 * MORE_BITS));

    private final PageMemory memory;

    /// The addresses of `memory`, one object nearer.
    private final long[] chunks;

    /// A `long` for each slot, if the page keeps versions.
    private final PageMemory versions;

    private final int buckets;

    /// Of a stub ([PageLoader]): its place among the pages to be loaded; -1 of every other page.
    private final int number;

    /// All keys here share this many leading bits of `(int) lo`.
    private final int depth;

    private volatile boolean retired;

    // The writer's own.
    private final int usedMax;
    private int used;
    private int present;

    private IndexPage(PageMemory memory, PageMemory versions, int buckets, int depth, int number) {
        this.memory = memory;
        this.chunks = memory.addresses();
        this.versions = versions;
        this.buckets = buckets;
        this.depth = depth;
        this.number = number;
        this.usedMax = (int) ((long) buckets * SLOTS_PER_BUCKET * LOAD_MAX);
    }

    /// A page without memory: every look-up misses, the first put must replace it.
    static IndexPage withoutMemory(int depth) {
        return new IndexPage(PageMemory.NONE, PageMemory.NONE, 0, depth, -1);
    }

    /// A page that stands in for one that is not loaded: nothing that is read here counts.
    static IndexPage stub(int number, int depth) {
        IndexPage stub = new IndexPage(PageMemory.NONE, PageMemory.NONE, 0, depth, number);
        stub.retired = true;
        return stub;
    }

    /// A page of less than a chunk, in a buffer that the garbage collector frees.
    static IndexPage small(int buckets, int depth, boolean versioned) {
        PageMemory memory = PageMemory.own(buckets * BUCKET_BYTES);
        PageMemory versions =
                versioned ? PageMemory.own(smallVersionBytes(buckets)) : PageMemory.NONE;
        return new IndexPage(memory, versions, buckets, depth, -1);
    }

    /// A page of whole chunks, which hold anything until [#load].
    static IndexPage ofChunks(int chunks, int depth, ChunkPool pool, boolean versioned) {
        int buckets = chunks * BUCKETS_PER_CHUNK;
        int versionChunks = versioned ? versionChunks(chunks) : 0;
        pool.reserve(chunks + versionChunks);
        PageMemory memory = PageMemory.ofChunks(chunks, buckets * BUCKET_BYTES, pool);
        PageMemory versions =
                versioned
                        ? PageMemory.ofChunks(versionChunks, versionBytes(buckets), pool)
                        : PageMemory.NONE;
        return new IndexPage(memory, versions, buckets, depth, -1);
    }

    /// A page of exactly so many buckets, which hold anything until [#load].
    static IndexPage ofBuckets(int buckets, int depth, ChunkPool pool, boolean versioned) {
        if (buckets == 0) {
            return withoutMemory(depth);
        }
        return buckets < BUCKETS_PER_CHUNK
                ? small(buckets, depth, versioned)
                : ofChunks(buckets / BUCKETS_PER_CHUNK, depth, pool, versioned);
    }

    /// Whole cache lines, as an aligned buffer must have.
    private static int smallVersionBytes(int buckets) {
        int bytes = buckets * SLOTS_PER_BUCKET * Long.BYTES;
        return Math.ceilDiv(bytes, BUCKET_BYTES) * BUCKET_BYTES;
    }

    /// Size of the memory for the versions of a page of so many buckets.
    static int versionBytes(int buckets) {
        return buckets < BUCKETS_PER_CHUNK
                ? smallVersionBytes(buckets)
                : versionChunks(buckets / BUCKETS_PER_CHUNK) * ChunkPool.CHUNK_BYTES;
    }

    /// The chunks that hold the versions of a page of so many chunks.
    static int versionChunks(int chunks) {
        return Math.ceilDiv(chunks * SLOTS_PER_CHUNK, VERSIONS_PER_CHUNK);
    }

    /// The address of the bucket where the search for a hash starts, for as long as the page is
    /// reachable; 0 where there is no memory.
    long place(long hi) {
        return buckets == 0 ? 0 : address(home(hi, buckets));
    }

    /// The word of a key: negative if it is present, else [#EMPTY] or [#REMOVED].
    ///
    /// @param place what [#place] says for the hash
    long find(long place, long hi, long lo) {
        if (place == 0) {
            return EMPTY;
        }
        int slot = slotOf(place, hi, lo);
        if (slot < SLOTS_PER_BUCKET) {
            return Memory.getLongAcquire(place + (long) slot * Long.BYTES);
        }
        return Memory.getLongAcquire(place + LAST_WORD) == EMPTY ? EMPTY : findBehind(hi, lo);
    }

    /// Searches the buckets behind the first.
    private long findBehind(long hi, long lo) {
        int bucket = home(hi, buckets);
        // The count ends a search through memory that has been given to another page meanwhile.
        for (int left = buckets; left > 1; left--) {
            if (++bucket == buckets) {
                bucket = 0;
            }
            long at = address(bucket);
            int slot = slotOf(at, hi, lo);
            if (slot < SLOTS_PER_BUCKET) {
                return Memory.getLongAcquire(at + (long) slot * Long.BYTES);
            }
            if (Memory.getLongAcquire(at + LAST_WORD) == EMPTY) {
                return EMPTY;
            }
        }
        return EMPTY;
    }

    /// Writer: the slot that holds the key's fingerprint, or `~slot` of the empty slot that ends
    /// the search. The number is for [#word], [#replace] and [#occupy].
    int seek(long hi, long lo) {
        if (buckets == 0) {
            return ~0;
        }
        int bucket = home(hi, buckets);
        while (true) {
            long at = address(bucket);
            int slot = slotOf(at, hi, lo);
            if (slot < SLOTS_PER_BUCKET) {
                boolean free = Memory.getLong(at + (long) slot * Long.BYTES) == EMPTY;
                return free ? ~(bucket << 2 | slot) : bucket << 2 | slot;
            }
            if (Memory.getLong(at + LAST_WORD) == EMPTY) {
                return ~(bucket << 2 | firstFree(at));
            }
            if (++bucket == buckets) {
                bucket = 0;
            }
        }
    }

    /// Writer: the word in a slot.
    long word(int position) {
        return Memory.getLong(wordAt(position));
    }

    /// Writer: publishes a new word in a slot that has the key's fingerprint, and returns the old
    /// one.
    long replace(int position, long word) {
        long at = wordAt(position);
        long previous = Memory.getLong(at);
        Memory.setLongRelease(at, word);
        present += (word < 0 ? 1 : 0) - (previous < 0 ? 1 : 0);
        return previous;
    }

    /// Writer: gives an empty slot a fingerprint, then publishes its word.
    void occupy(int position, long hi, long lo, long word) {
        long at = address(position >>> 2);
        int slot = position & 3;
        Memory.setLong(at + HI + (long) slot * Long.BYTES, hi);
        Memory.setInt(at + LO + (long) slot * Integer.BYTES, (int) lo);
        int others = Memory.getInt(at + MORE);
        Memory.setInt(at + MORE, others | moreInSlot(more(lo), slot));
        Memory.setLongRelease(at + (long) slot * Long.BYTES, word);
        used++;
        present++;
    }

    /// Writer: the version in a slot that holds an entry; 0 where the page has none.
    long version(int position) {
        return versions.bytes() == 0 ? 0 : Memory.getLong(versions.address(versionAt(position)));
    }

    /// Writer: sets the version in a slot, if the page has versions.
    void setVersion(int position, long version) {
        if (versions.bytes() > 0) {
            Memory.setLong(versions.address(versionAt(position)), version);
        }
    }

    private static int versionAt(int position) {
        return ((position >>> 2) * SLOTS_PER_BUCKET + (position & 3)) * Long.BYTES;
    }

    /// Writer: no further key may take a slot.
    boolean isFull() {
        return used >= usedMax;
    }

    /// Writer: copies the bytes of chunk `index` of this page, and returns how many there are.
    int readChunk(int index, byte[] target) {
        return memory.readChunk(index, target);
    }

    /// Writer: sets the whole memory of a page that no reader knows yet.
    void load(byte[] image, int keys) {
        memory.load(image);
        used = keys;
        present = keys;
    }

    /// The bytes that [#copyTo] gives.
    int imageBytes() {
        return memory.bytes() + versions.bytes();
    }

    /// Writer: copies the whole memory, the slots and then the versions, to the beginning of a
    /// buffer.
    void copyTo(ByteBuffer target) {
        memory.copyTo(target, 0);
        versions.copyTo(target, memory.bytes());
    }

    /// Empties a page that no reader knows yet.
    void clear() {
        load(ByteBuffer.allocateDirect(imageBytes()), 0, 0);
    }

    /// Sets the whole memory of a page that no reader knows yet to what [#copyTo] gave.
    void load(ByteBuffer image, int usedSlots, int keys) {
        memory.load(image, 0);
        versions.load(image, memory.bytes());
        used = usedSlots;
        present = keys;
    }

    /// Writer: tells readers that nothing they read here counts any more; to be called after the
    /// pages that take over are published.
    void retire() {
        retired = true;
    }

    boolean isRetired() {
        return retired;
    }

    /// Writer: gives the chunks back. The page must be retired.
    void release(ChunkPool pool) {
        memory.release(pool);
        versions.release(pool);
    }

    int depth() {
        return depth;
    }

    /// Of a stub: its place among the pages to be loaded; else -1.
    int number() {
        return number;
    }

    int buckets() {
        return buckets;
    }

    /// Writer: keys present.
    int present() {
        return present;
    }

    /// Writer: slots that are not empty.
    int used() {
        return used;
    }

    int chunkCount() {
        return memory.chunkCount();
    }

    /// The ids of the pool's chunks that this page has; empty for a small page.
    int[] chunkIds() {
        return memory.chunkIds();
    }

    /// The ids of the pool's chunks that hold this page's versions; empty for a small page.
    int[] versionChunkIds() {
        return versions.chunkIds();
    }

    /// Off-heap bytes that are not the pool's.
    int ownBytes() {
        return memory.ownBytes() + versions.ownBytes();
    }

    /// The bucket where the search for a key starts; rises with `hi`, taken as unsigned.
    static int home(long hi, int buckets) {
        return (int) (((hi >>> 32) * buckets) >>> 32);
    }

    /// The ten bits of one slot in the `more` of its bucket.
    static int moreOfSlot(int more, int slot) {
        return (more >>> (slot * MORE_BITS)) & MORE_MASK;
    }

    /// The ten bits at the place of one slot.
    static int moreInSlot(int bits, int slot) {
        return bits << (slot * MORE_BITS);
    }

    /// The `hi` half of the fingerprint in a slot.
    long hi(int position) {
        return Memory.getLong(address(position >>> 2) + HI + (position & 3L) * Long.BYTES);
    }

    /// The 42 bits of `lo` that the fingerprint in a slot holds.
    long lo(int position) {
        long at = address(position >>> 2);
        int slot = position & 3;
        long low = Memory.getInt(at + LO + (long) slot * Integer.BYTES) & 0xffff_ffffL;
        return (long) moreOfSlot(Memory.getInt(at + MORE), slot) << 32 | low;
    }

    private long wordAt(int position) {
        return address(position >>> 2) + (position & 3L) * Long.BYTES;
    }

    private long address(int bucket) {
        return chunks[bucket >>> CHUNK_SHIFT] + (bucket & (BUCKETS_PER_CHUNK - 1L)) * BUCKET_BYTES;
    }

    private static int more(long lo) {
        return (int) (lo >>> 32) & MORE_MASK;
    }

    /// The first empty slot of a bucket that has one.
    private static int firstFree(long at) {
        if (Memory.getLong(at) == EMPTY) {
            return 0;
        }
        return Memory.getLong(at + Long.BYTES) == EMPTY ? 1 : 2;
    }

    /// The slot of a bucket that has this fingerprint, or [#SLOTS_PER_BUCKET]. All three are
    /// compared without a branch that the processor could not foresee. A fingerprint may be there
    /// before its word is: whoever finds one reads the word next, with acquire.
    private static int slotOf(long at, long hi, long lo) {
        int low = (int) lo;
        int more = Memory.getInt(at + MORE) ^ more(lo) * MORE_IN_ALL_SLOTS;
        long d0 =
                (Memory.getLong(at + HI) ^ hi)
                        | (Memory.getInt(at + LO) ^ low)
                        | (more & MORE_MASK);
        long d1 =
                (Memory.getLong(at + HI + Long.BYTES) ^ hi)
                        | (Memory.getInt(at + LO + Integer.BYTES) ^ low)
                        | ((more >>> MORE_BITS) & MORE_MASK);
        long d2 =
                (Memory.getLong(at + HI + 2 * Long.BYTES) ^ hi)
                        | (Memory.getInt(at + LO + 2 * Integer.BYTES) ^ low)
                        | ((more >>> (2 * MORE_BITS)) & MORE_MASK);
        // 1 where the difference is not 0
        int n0 = (int) ((d0 | -d0) >>> 63);
        int n1 = (int) ((d1 | -d1) >>> 63);
        int n2 = (int) ((d2 | -d2) >>> 63);
        return n0 * (1 + n1 * (1 + n2));
    }
}
