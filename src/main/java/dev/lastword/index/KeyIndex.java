package dev.lastword.index;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The key index of one partition: for each key the offset of its latest record, whether that
/// record is a tombstone, and roughly its size, packed into one `long`, the entry. Off-heap, about
/// 29 bytes a key; below 32 at any moment from a quarter of a million keys on (I13). An empty index
/// has no off-heap memory.
///
/// A *versioned* index also keeps a 64-bit version of each key's record, which only the writer can
/// ask for: three eighths more memory, about 40 bytes a key and below 44 at any moment.
///
/// *Threads.* One writer at a time (the partition's appender) calls [#put], [#removeIfOffset] and
/// [#verify]; every other method may run in any number of threads, takes no lock and never waits.
///
/// *Structure.* A directory of pages, chosen by the leading bits of `(int) lo`; see [IndexPage] for
/// a page. A full page is rebuilt for the keys that are present, with a quarter more room, which
/// also drops removed slots; one that would get larger than [#PAGE_CHUNKS_MAX] chunks is split in
/// two instead, and the directory doubles when it must (extendible hashing). So the writer copies
/// at most about 13,000 keys at once, however large the index; only if the hashes of most keys
/// share their leading bits do pages grow instead of splitting. The halves of a split start with a
/// random load between full and freshly grown, drawn from the seed, so that equally large pages
/// grow at different times. Memory that shrinking frees is kept for later growth.
///
/// *What a reader may rely on* (I8). Words are read with acquire and written with release.
/// - *No torn entry.* A word is one aligned `long`. The fingerprint of a slot is written before the
///   slot's first word and never changes, so whoever sees a word sees its fingerprint.
/// - *No false absent.* Within a page slots never become empty again and fill in probing order; so
///   a search for a key that is there meets no empty slot before the key, whatever is added or
///   removed meanwhile. A new page is published by a release write after all its keys are in place.
/// - *Nothing older after newer.* To replace a page the writer publishes the new ones in the
///   directory, marks the old one retired, and only after a fence reuses its memory; from then on
///   it writes to the new ones alone. A reader searches, and after a fence looks at the mark. If it
///   is set, the result is thrown away and the search begins again at the directory, where the new
///   page is to be seen, since it was published before the mark. If it is not set, nothing that was
///   read came from the memory's next owner, since that is written after the mark (a sequence lock
///   whose number is the identity of the page). Who has seen an entry has therefore seen the page
///   it stood in; directory elements and words are each read in the order of their writes; so a
///   later search begins at that page or a newer one, and finds that word or a newer one.
///
/// *Loading.* An index can be restored from a copy of its pages ([#restore]); each is then loaded
/// when it is first touched, and whoever needs it waits for that. [PageLoader] says how this fits
/// in with the above. What loads a page, and what of the writer replaces pages, excludes each other
/// by a lock.
///
/// *Collisions.* A key is known by 106 bits of a keyed 128-bit hash: 64 of `hi`, 42 of `lo`. If
/// hashes are random, some two of n keys share them with a probability below n² / 2^107: 6·10^-19
/// for 10^7 keys, 2·10^-17 for 5·10^7, 6·10^-15 for 10^9. The secret hash key keeps anyone from
/// looking for such keys. Of the two only the later written would be found: the cleaner drops the
/// other's record as superseded, and a condition on either is judged by it. No read answers with
/// the other's value, for whoever finds a record compares the whole key. (A key whose 106 bits are
/// all 0 looks like an empty slot; a reader may be given the entry of the key that takes the slot
/// just then. That is one key in 2^106.)
///
/// It is long because lookup, writing, growth and copying keep one protocol with each other, which
/// is to be read in one place.
public final class KeyIndex {
    /// What a look-up returns for a key that is not in the index. No entry is negative.
    public static final long ABSENT = -1L;

    /// Offsets are below this.
    public static final long OFFSET_LIMIT = 1L << 55;

    static final int PAGE_CHUNKS_MAX = 40;

    private static final long TOMBSTONE = OFFSET_LIMIT;
    private static final int SIZE_SHIFT = 56;
    private static final double GROWTH = 1.25;
    private static final int BUCKETS_MIN = 4;
    static final int DEPTH_MAX = 24;

    /// The directory may have this many times as many elements as there are pages, at most.
    private static final int DIRECTORY_SPREAD_MAX = 8;

    /// Look-ups whose memory accesses overlap.
    private static final int BATCH = 128;

    /// Heap bytes of an empty index, of a page, and of each chunk in a page: a fair guess.
    private static final int BASE_HEAP_BYTES = 256;

    private static final int PAGE_HEAP_BYTES = 128;
    private static final int CHUNK_HEAP_BYTES = 16;

    private static final VarHandle PAGES = MethodHandles.arrayElementVarHandle(IndexPage[].class);
    private static final VarHandle LIVE;
    private static final VarHandle TOMBSTONES;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            LIVE = lookup.findVarHandle(KeyIndex.class, "liveKeys", long.class);
            TOMBSTONES = lookup.findVarHandle(KeyIndex.class, "tombstones", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ChunkPool pool = new ChunkPool();

    /// A power of two of elements; a page with depth d stands in all elements that share its d
    /// bits.
    private volatile IndexPage[] directory = {IndexPage.withoutMemory(0)};

    private long liveKeys;
    private long tombstones;

    /// Keys that were counted above, but left out when their pages were loaded; changed under the
    /// lock.
    private volatile long leftOutLive;

    private volatile long leftOutTombstones;

    /// Held while the directory's elements or the pool are changed.
    private final ReentrantLock structure = new ReentrantLock();

    /// While there are pages to be loaded.
    private volatile @Nullable PageLoader loader;

    private int stubCount;

    /// The copy being made; the writer's own.
    private @Nullable IndexCopy copy;

    /// Bytes outside the pool: heap and small pages.
    private volatile long otherBytes = BASE_HEAP_BYTES;

    /// Takes what [#prefetch] loads, so that the loads are not optimised away.
    @SuppressWarnings("UnusedVariable")
    private long touched;

    // The writer's own.
    private final boolean versioned;
    private int pageCount = 1;
    private long randomState;

    /// An empty index. The seed only decides when pages grow: equal seeds and equal calls give
    /// equal memory layouts.
    public KeyIndex(long seed) {
        this(seed, false);
    }

    /// An empty index.
    ///
    /// @param versioned whether it keeps versions
    public KeyIndex(long seed, boolean versioned) {
        this.randomState = seed;
        this.versioned = versioned;
    }

    /// Whether it keeps versions.
    public boolean isVersioned() {
        return versioned;
    }

    /// The entry of a key, or [#ABSENT].
    public long get(KeyHash hash) {
        return get(hash.hi, hash.lo);
    }

    /// Looks up `n` keys at once, given the halves of their hashes, and writes their entries, or
    /// [#ABSENT], to `entriesOut`. Faster than single look-ups in a large index, because the memory
    /// accesses overlap. Each result is what [#get(KeyHash)] could return at some moment of the
    /// call.
    public void getAll(long[] hi, long[] lo, long[] entriesOut, int n) {
        checkBatch(hi, lo, n);
        Objects.checkFromIndexSize(0, n, entriesOut.length);
        IndexPage[] pages = new IndexPage[Math.min(n, BATCH)];
        long[] places = new long[pages.length];
        try {
            for (int from = 0; from < n; from += BATCH) {
                int count = Math.min(n - from, BATCH);
                find(hi, lo, from, count, pages, places);
                entriesOut[from] = load(places, count);
                for (int i = 0; i < count; i++) {
                    int at = from + i;
                    entriesOut[at] = get(pages[i], places[i], hi[at], lo[at]);
                }
            }
        } finally {
            Reference.reachabilityFence(pages); // the memory that the places are in
        }
    }

    /// Finds where the searches for some keys start.
    private void find(long[] hi, long[] lo, int from, int count, IndexPage[] pages, long[] places) {
        for (int i = 0; i < count; i++) {
            IndexPage page = page(lo[from + i]);
            pages[i] = page;
            places[i] = page.place(hi[from + i]);
        }
    }

    /// Loads the bucket at each of these places and the one behind, where most searches end. A loop
    /// so short that the processor has many loads under way. What it returns says nothing; using it
    /// keeps the compiler from dropping the loads.
    private static long load(long[] places, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long place = places[i];
            if (place != 0) {
                sum += Memory.getLong(place) + Memory.getLong(place + IndexPage.BUCKET_BYTES);
            }
        }
        return sum;
    }

    /// Brings the places of `n` keys, whose hashes' halves begin at `from`, into the cache, so that
    /// single calls for them, in particular puts, are faster. For some hundred keys at a time.
    /// Changes nothing.
    public void prefetch(long[] hi, long[] lo, int from, int n) {
        Objects.checkFromIndexSize(from, n, hi.length);
        Objects.checkFromIndexSize(from, n, lo.length);
        IndexPage[] pages = new IndexPage[n];
        long[] places = new long[n];
        try {
            find(hi, lo, from, n, pages, places);
            touched = load(places, n);
        } finally {
            Reference.reachabilityFence(pages);
        }
    }

    /// The offset in an entry, in `[0, OFFSET_LIMIT)`.
    public static long offset(long entry) {
        return entry & (OFFSET_LIMIT - 1);
    }

    /// Whether the record that an entry points to is a tombstone.
    public static boolean isTombstone(long entry) {
        return (entry & TOMBSTONE) != 0;
    }

    /// The size of the record in bytes, as it was put, give or take 9 % or one byte.
    public static int approximateBytes(long entry) {
        return SizeClass.bytes((int) (entry >>> SIZE_SHIFT) & (SizeClass.COUNT - 1));
    }

    /// Writer only: the version of a key's record, if the key is in the index; 0 if it is not, or
    /// the index keeps no versions.
    public long version(KeyHash hash) {
        IndexPage page = loadedPage(hash.lo);
        int position = page.seek(hash.hi, hash.lo);
        return position < 0 || page.word(position) >= 0 ? 0 : page.version(position);
    }

    /// Writer only: [#put(KeyHash, long, boolean, int, long)] with version 0.
    public long put(KeyHash hash, long offset, boolean tombstone, int recordBytes) {
        return put(hash, offset, tombstone, recordBytes, 0);
    }

    /// Writer only: makes `offset` the latest offset of a key, whatever its version was, and
    /// returns the entry it had, or [#ABSENT]. Readers see the new entry when the call returns.
    ///
    /// @param recordBytes size of the record in its batch, at least 0
    /// @param version kept if the index is versioned
    /// @throws IllegalArgumentException if the offset or the size is out of range; nothing has
    ///   changed
    public long put(KeyHash hash, long offset, boolean tombstone, int recordBytes, long version) {
        if (offset < 0 || offset >= OFFSET_LIMIT) {
            throw new IllegalArgumentException("offset " + offset + " is not in [0, 2^55)");
        }
        if (recordBytes < 0) {
            throw new IllegalArgumentException("recordBytes " + recordBytes + " is negative");
        }
        long entry = (long) SizeClass.of(recordBytes) << SIZE_SHIFT | offset;
        long word = (tombstone ? entry | TOMBSTONE : entry) | IndexPage.PRESENT;
        long hi = hash.hi;
        long lo = hash.lo;
        IndexCopy noting = copy;
        if (noting != null) {
            noting.note(hi, lo, entryOf(word), version);
        }
        IndexPage page = loadedPage(lo);
        int position = page.seek(hi, lo);
        if (position < 0) {
            if (page.isFull()) {
                makeRoom(page, lo);
                page = page(lo);
                position = page.seek(hi, lo);
            }
            page.setVersion(~position, version);
            page.occupy(~position, hi, lo, word);
            count(word, 1);
            return ABSENT;
        }
        page.setVersion(position, version);
        long previous = page.replace(position, word);
        boolean replaced = previous < 0;
        if (!replaced || isTombstone(previous) != tombstone) {
            count(word, 1);
            if (replaced) {
                count(previous, -1);
            }
        }
        return entryOf(previous);
    }

    /// Writer only: removes a key if its latest offset is `offset`, and says whether it did.
    public boolean removeIfOffset(KeyHash hash, long offset) {
        IndexPage page = loadedPage(hash.lo);
        int position = page.seek(hash.hi, hash.lo);
        if (position < 0) {
            return false;
        }
        long word = page.word(position);
        if (word >= 0 || offset(word) != offset) {
            return false;
        }
        page.replace(position, IndexPage.REMOVED);
        count(word, -1);
        IndexCopy noting = copy;
        if (noting != null) {
            noting.note(hash.hi, hash.lo, ABSENT, offset);
        }
        return true;
    }

    /// Receives the keys of an index.
    public interface Visitor {
        /// @param hi of the key's hash
        /// @param lo of the key's hash, as far as the index keeps it: enough to put the key into an
        ///   index again
        /// @param version of the key's record; 0 where the index keeps none
        void visit(long hi, long lo, long entry, long version) throws IOException;
    }

    /// Writer only: shows every key once, in an order that suits putting them into another index:
    /// all pages in turn, and within a page well spread over the hashes. In the order of the hashes
    /// they would crowd the pages of an index that is still growing.
    ///
    /// @throws IOException if the visitor does
    public void forEach(Visitor visitor) throws IOException {
        loadAll();
        IndexPage[] pages = distinctPages();
        int most = 0;
        for (IndexPage page : pages) {
            most = Math.max(most, page.buckets());
        }
        for (int i = 0; i < most; i++) {
            for (IndexPage page : pages) {
                if (i < page.buckets()) {
                    visit(page, spread(i, page.buckets()), visitor);
                }
            }
        }
    }

    private IndexPage[] distinctPages() {
        IndexPage[] distinct = new IndexPage[pageCount];
        IndexPage[] pages = directory;
        int n = 0;
        for (int i = 0; i < pages.length; i += pages.length >>> pages[i].depth()) {
            distinct[n++] = pages[i];
        }
        return distinct;
    }

    /// The i-th of n buckets in an order whose every beginning is spread evenly: steps of the
    /// golden section, made coprime to n so that none is left out.
    private static int spread(int i, int n) {
        long step = Math.max(1, Math.round(n * 0.618033988749895));
        while (gcd(step, n) != 1) {
            step++;
        }
        return (int) (i * step % n);
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private static void visit(IndexPage page, int bucket, Visitor visitor) throws IOException {
        for (int slot = 0; slot < IndexPage.SLOTS_PER_BUCKET; slot++) {
            int position = bucket << 2 | slot;
            long word = page.word(position);
            if (word < 0) {
                visitor.visit(
                        page.hi(position),
                        page.lo(position),
                        entryOf(word),
                        page.version(position));
            }
        }
    }

    /// All keys, those whose latest record is a tombstone included. While the writer is at work
    /// this may be one off.
    public long keys() {
        return liveKeys() + tombstones();
    }

    /// Keys whose latest record is not a tombstone.
    public long liveKeys() {
        return (long) LIVE.getAcquire(this) - leftOutLive;
    }

    /// Keys whose latest record is a tombstone.
    public long tombstones() {
        return (long) TOMBSTONES.getAcquire(this) - leftOutTombstones;
    }

    /// Bytes of memory that the index has: all of its off-heap memory, used or kept for growth, and
    /// an estimate of its heap objects.
    public long memoryBytes() {
        return pool.bytes() + otherBytes;
    }

    /// Writer only, for tests: checks every invariant by reading the whole index.
    ///
    /// @throws IllegalStateException naming the first invariant that does not hold
    public void verify() {
        loadAll();
        structure.lock();
        try {
            IndexVerifier.verify(directory, pageCount, pool, liveKeys(), tombstones());
        } finally {
            structure.unlock();
        }
    }

    /// Writer only: begins a copy; there is one at a time.
    public IndexCopy beginCopy() {
        if (copy != null) {
            throw new IllegalStateException("a copy is being made");
        }
        copy = new IndexCopy(this);
        return copy;
    }

    void endCopy(IndexCopy ended) {
        if (copy == ended) {
            copy = null;
        }
    }

    /// Writer only, before any reader: gives an empty index the pages of a source, which it closes
    /// when all are loaded. Keys are counted at once.
    public void restore(PageSource source) {
        List<PageHead> heads = source.heads();
        int depth = 0;
        long live = 0;
        long deleted = 0;
        for (PageHead h : heads) {
            depth = Math.max(depth, h.depth());
            live += h.present() - h.tombstones();
            deleted += h.tombstones();
        }
        IndexPage[] pages = new IndexPage[1 << depth];
        for (int i = 0; i < heads.size(); i++) {
            PageHead h = heads.get(i);
            int span = pages.length >>> h.depth();
            publish(
                    pages,
                    directoryIndex(h.prefix(), pages.length),
                    span,
                    IndexPage.stub(i, h.depth()));
        }
        pageCount = heads.size();
        stubCount = heads.size();
        addOtherBytes((pages.length - 1) * (long) Integer.BYTES);
        LIVE.setRelease(this, live);
        TOMBSTONES.setRelease(this, deleted);
        loader = new PageLoader(this, source);
        directory = pages;
    }

    /// Loads all pages that are not loaded. Any thread.
    public void loadAll() {
        loadAll(() -> false);
    }

    /// As [#loadAll()], unless it is asked to stop.
    public void loadAll(BooleanSupplier stop) {
        PageLoader l = loader;
        if (l != null) {
            l.loadAll(stop);
        }
    }

    /// Whether nothing is left to be loaded, so that a look-up reads memory alone.
    public boolean isLoaded() {
        return loader == null;
    }

    /// Closes what pages are loaded from; a page that is not loaded cannot be had any more.
    public void closeSource() {
        PageLoader l = loader;
        if (l != null) {
            l.close();
        }
    }

    /// Writer only, while there is no reader: makes the index empty.
    public void clear() {
        closeSource();
        loader = null;
        for (IndexPage page : distinctPages()) {
            if (!page.isRetired()) {
                retire(page);
            }
        }
        directory = new IndexPage[] {IndexPage.withoutMemory(0)};
        pageCount = 1;
        stubCount = 0;
        leftOutLive = 0;
        leftOutTombstones = 0;
        LIVE.setRelease(this, 0L);
        TOMBSTONES.setRelease(this, 0L);
        otherBytes = BASE_HEAP_BYTES;
    }

    /// The pages that are not loaded.
    List<IndexPage> stubs() {
        structure.lock();
        try {
            List<IndexPage> stubs = new ArrayList<>();
            for (IndexPage page : distinctPages()) {
                if (page.number() >= 0) {
                    stubs.add(page);
                }
            }
            return stubs;
        } finally {
            structure.unlock();
        }
    }

    /// Whether the page that a stub stands for is still to be loaded.
    boolean isStub(IndexPage stub, PageHead head) {
        return page(head.prefix()) == stub;
    }

    /// Whether a key belongs to one of the pages with these numbers, none of which is loaded.
    boolean isIn(BitSet numbers, long lo) {
        int number = page(lo).number();
        return number >= 0 && numbers.get(number);
    }

    /// Replaces a stub by the page it stands for, unless another thread did.
    void install(IndexPage stub, PageHead head, ByteBuffer image) {
        structure.lock();
        try {
            if (isStub(stub, head)) {
                IndexPage page = IndexPage.ofBuckets(head.buckets(), head.depth(), pool, versioned);
                page.load(image, head.used(), head.present());
                replaceStub(stub, head, page, head.present() - head.tombstones());
            }
        } finally {
            structure.unlock();
        }
    }

    /// Replaces a stub by a page made of the keys of another index that belong there.
    void installRebuilt(IndexPage stub, PageHead head, KeyIndex found) {
        structure.lock();
        try {
            if (isStub(stub, head)) {
                int[] counts = new int[2];
                found.forEachOf(head, (_, _, entry, _) -> counts[isTombstone(entry) ? 1 : 0]++);
                IndexPage page = newPage(counts[0] + counts[1] + 1, GROWTH, head.depth());
                page.clear();
                found.forEachOf(
                        head,
                        (hi, lo, entry, version) -> {
                            int position = ~page.seek(hi, lo);
                            page.setVersion(position, version);
                            page.occupy(position, hi, lo, entry | IndexPage.PRESENT);
                        });
                replaceStub(stub, head, page, counts[0]);
            }
        } finally {
            structure.unlock();
        }
    }

    private void forEachOf(PageHead head, Visitor visitor) {
        try {
            forEach((hi, lo, entry, version) -> {
                boolean here =
                        head.depth() == 0
                                || ((int) lo ^ head.prefix()) >>> (Integer.SIZE - head.depth())
                                        == 0;
                if (here) {
                    visitor.visit(hi, lo, entry, version);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e); // no such visitor
        }
    }

    private void replaceStub(IndexPage stub, PageHead head, IndexPage page, int live) {
        PageLoader l = Objects.requireNonNull(loader);
        PageHead copied = l.head(stub);
        long liveBefore = leftOutLive;
        leftOutLive = liveBefore + copied.present() - copied.tombstones() - live;
        long tombstonesBefore = leftOutTombstones;
        leftOutTombstones = tombstonesBefore + copied.tombstones() - (page.present() - live);
        addOtherBytes(otherBytes(page));
        IndexPage[] pages = directory;
        int span = pages.length >>> head.depth();
        publish(pages, directoryIndex(head.prefix(), pages.length), span, page);
        if (--stubCount == 0) {
            loader = null;
            l.close();
        }
    }

    /// The number of pages.
    int pageCount() {
        return pageCount;
    }

    private long get(long hi, long lo) {
        IndexPage page = page(lo);
        return get(page, page.place(hi), hi, lo);
    }

    /// Looks a key up, at first in this page.
    private long get(IndexPage first, long firstPlace, long hi, long lo) {
        IndexPage page = first;
        long place = firstPlace;
        while (true) {
            long word = page.find(place, hi, lo);
            VarHandle.acquireFence();
            if (!page.isRetired()) { // which also keeps the page, and so its memory, reachable
                return entryOf(word);
            }
            if (page.number() >= 0) {
                load(page);
            }
            page = page(lo);
            place = page.place(hi);
        }
    }

    private void load(IndexPage stub) {
        PageLoader l = loader;
        if (l != null) { // else all is loaded meanwhile
            l.load(stub);
        }
    }

    /// Writer: the page for a hash, loaded. It meets no other retired page than a stub.
    IndexPage loadedPage(long lo) {
        IndexPage page = page(lo);
        while (page.isRetired()) {
            load(page);
            page = page(lo);
        }
        return page;
    }

    private IndexPage page(long lo) {
        IndexPage[] pages = directory;
        return (IndexPage) PAGES.getAcquire(pages, directoryIndex(lo, pages.length));
    }

    /// The element for a hash in a directory of the given length, a power of two: the leading bits
    /// of `(int) lo`.
    static int directoryIndex(long lo, int length) {
        return (int) (((lo & 0xffff_ffffL) * length) >>> 32);
    }

    private static long entryOf(long word) {
        return word < 0 ? word & Long.MAX_VALUE : ABSENT;
    }

    private void count(long word, int change) {
        if (isTombstone(word)) {
            TOMBSTONES.setRelease(this, tombstones + change);
        } else {
            LIVE.setRelease(this, liveKeys + change);
        }
    }

    /// Replaces a full page by one with room for the key with this `lo`, or by its two halves.
    private void makeRoom(IndexPage page, long lo) {
        int room = page.present() + 1;
        structure.lock();
        try {
            if (chunksFor(room, GROWTH) > PAGE_CHUNKS_MAX && maySplit(page)) {
                split(page, lo);
            } else {
                regrow(page, lo, room);
            }
        } finally {
            structure.unlock();
        }
    }

    private void regrow(IndexPage page, long lo, int room) {
        IndexPage next = newPage(room, GROWTH, page.depth());
        PageBuilder builder = PageBuilder.borrow();
        fill(builder, next, page, 0, 0);
        builder.giveBack();
        IndexPage[] pages = directory;
        int span = pages.length >>> page.depth();
        publish(pages, directoryIndex(lo, pages.length) & -span, span, next);
        retire(page);
        addOtherBytes(otherBytes(next) - otherBytes(page));
    }

    private void fill(PageBuilder builder, IndexPage page, IndexPage from, int mask, int bits) {
        builder.fill(page, from, mask, bits);
        if (versioned) {
            builder.fillVersions(page, from, mask, bits);
        }
    }

    private boolean maySplit(IndexPage page) {
        int length = directory.length;
        return length > 1 << page.depth()
                || (page.depth() < DEPTH_MAX
                        && 2L * length <= DIRECTORY_SPREAD_MAX * (pageCount + 1L));
    }

    private void split(IndexPage page, long lo) {
        int bit = Integer.MIN_VALUE >>> page.depth();
        PageBuilder builder = PageBuilder.borrow();
        int ones = builder.count(page, bit, bit);
        int depth = page.depth() + 1;
        // One of the halves takes the key that had no room.
        int chunks = chunksFor(page.present() + 2, GROWTH) + 2;
        pool.reserve(versioned ? chunks + IndexPage.versionChunks(chunks) + 2 : chunks);
        IndexPage zero = newPage(page.present() - ones + 1, stagger(), depth);
        IndexPage one = newPage(ones + 1, stagger(), depth);
        fill(builder, zero, page, bit, 0);
        fill(builder, one, page, bit, bit);
        builder.giveBack();
        IndexPage[] pages = directory;
        if (pages.length < 1 << depth) {
            pages = twice(pages);
            addOtherBytes(pages.length / 2 * (long) Integer.BYTES);
        }
        int span = pages.length >>> depth;
        int first = directoryIndex(lo, pages.length) & -(2 * span);
        publish(pages, first, span, zero);
        publish(pages, first + span, span, one);
        directory = pages;
        pageCount++;
        retire(page);
        addOtherBytes(otherBytes(zero) + otherBytes(one) - otherBytes(page));
    }

    /// A page that is not full with `room` keys; `factor` times as large as it would have to be.
    private IndexPage newPage(int room, double factor, int depth) {
        int buckets = (int) Math.ceil(slotsFor(room, factor) / IndexPage.SLOTS_PER_BUCKET);
        if (buckets > IndexPage.BUCKETS_PER_CHUNK / 2) {
            return IndexPage.ofChunks(chunksFor(room, factor), depth, pool, versioned);
        }
        int power = Integer.highestOneBit(Math.max(BUCKETS_MIN, buckets) * 2 - 1);
        return IndexPage.small(power, depth, versioned);
    }

    /// To the nearest chunk, for a page should not be larger than meant on average.
    private static int chunksFor(int room, double factor) {
        double least = Math.ceil(slotsFor(room + 1, 1) / IndexPage.SLOTS_PER_CHUNK);
        double meant = Math.rint(slotsFor(room, factor) / IndexPage.SLOTS_PER_CHUNK);
        return (int) Math.max(least, meant);
    }

    private static double slotsFor(int room, double factor) {
        return room * factor / IndexPage.LOAD_MAX;
    }

    /// How much larger than necessary a half of a split page is made: a random part of the growth,
    /// equally likely to be anywhere between two growths.
    private double stagger() {
        randomState += 0x9e3779b97f4a7c15L;
        long z = (randomState ^ (randomState >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        double uniform = ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
        return Math.pow(GROWTH, 0.1 + 0.9 * uniform);
    }

    /// To be called once the successors are published. The fence keeps the new owner's writes to
    /// the memory behind the mark.
    private void retire(IndexPage page) {
        page.retire();
        VarHandle.releaseFence();
        page.release(pool);
    }

    private void addOtherBytes(long change) {
        long before = otherBytes;
        otherBytes = before + change;
    }

    private static long otherBytes(IndexPage page) {
        return PAGE_HEAP_BYTES + page.ownBytes() + page.chunkCount() * (long) CHUNK_HEAP_BYTES;
    }

    private static IndexPage[] twice(IndexPage[] pages) {
        IndexPage[] twice = new IndexPage[2 * pages.length];
        for (int i = 0; i < twice.length; i++) {
            twice[i] = pages[i / 2];
        }
        return twice;
    }

    private static void publish(IndexPage[] pages, int first, int count, IndexPage page) {
        for (int i = first; i < first + count; i++) {
            PAGES.setRelease(pages, i, page);
        }
    }

    private static void checkBatch(long[] hi, long[] lo, int n) {
        Objects.checkFromIndexSize(0, n, hi.length);
        Objects.checkFromIndexSize(0, n, lo.length);
    }
}
