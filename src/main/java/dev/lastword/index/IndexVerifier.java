package dev.lastword.index;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;

/// Checks the invariants of a [KeyIndex] by reading all of it. For tests; runs in the writer's
/// thread.
final class IndexVerifier {
    private record Fingerprint(long hi, long lo) {}

    private final IndexPage[] directory;
    private final BitSet chunks = new BitSet();
    private int chunksSeen;
    private long live;
    private long tombstones;

    private IndexVerifier(IndexPage[] directory) {
        this.directory = directory;
    }

    static void verify(
            IndexPage[] directory, int pageCount, ChunkPool pool, long liveKeys, long tombstones) {
        IndexVerifier verifier = new IndexVerifier(directory);
        int pages = verifier.directory();
        check(pages == pageCount, "counted %s pages, found %s", pageCount, pages);
        Arrays.stream(pool.freeIds()).forEach(verifier::chunk);
        check(
                verifier.chunksSeen == pool.chunkCount(),
                "%s chunks exist, %s are in use or free",
                pool.chunkCount(),
                verifier.chunksSeen);
        check(
                verifier.live == liveKeys && verifier.tombstones == tombstones,
                "counted %s live keys and %s tombstones, found %s and %s",
                liveKeys,
                tombstones,
                verifier.live,
                verifier.tombstones);
    }

    /// Each page stands in the elements that share its bits, all of them and no others.
    private int directory() {
        check(
                Integer.bitCount(directory.length) == 1,
                "directory of %s elements",
                directory.length);
        Set<IndexPage> pages = Collections.newSetFromMap(new IdentityHashMap<>());
        int first = 0;
        while (first < directory.length) {
            IndexPage page = directory[first];
            int span = directory.length >>> page.depth();
            check(span > 0 && first % span == 0, "depth %s at element %s", page.depth(), first);
            for (int i = first; i < first + span; i++) {
                check(directory[i] == page, "element %s is not the page of element %s", i, first);
            }
            check(pages.add(page), "a page stands at element %s and elsewhere", first);
            check(!page.isRetired(), "a retired page stands at element %s", first);
            page(page, first, span);
            first += span;
        }
        return pages.size();
    }

    private void page(IndexPage page, int first, int span) {
        Arrays.stream(page.chunkIds()).forEach(this::chunk);
        Arrays.stream(page.versionChunkIds()).forEach(this::chunk);
        Set<Fingerprint> fingerprints = new HashSet<>();
        int present = 0;
        int used = 0;
        for (int bucket = 0; bucket < page.buckets(); bucket++) {
            boolean emptyBefore = false;
            for (int slot = 0; slot < IndexPage.SLOTS_PER_BUCKET; slot++) {
                int position = bucket << 2 | slot;
                long word = page.word(position);
                long hi = page.hi(position);
                long lo = page.lo(position);
                if (word == IndexPage.EMPTY) {
                    check(hi == 0 && lo == 0, "an empty slot has a fingerprint");
                    emptyBefore = true;
                    continue;
                }
                check(!emptyBefore, "a slot in use follows an empty one in bucket %s", bucket);
                check(word < 0 || word == IndexPage.REMOVED, "word %s", word);
                check(fingerprints.add(new Fingerprint(hi, lo)), "a fingerprint occurs twice");
                int element = KeyIndex.directoryIndex(lo, directory.length);
                check(element >= first && element < first + span, "a key is in the wrong page");
                check(page.seek(hi, lo) == position, "a search does not find its slot");
                used++;
                if (word < 0) {
                    present++;
                    count(page, hi, lo, word);
                }
            }
        }
        check(used == page.used(), "counted %s slots in use, found %s", page.used(), used);
        check(present == page.present(), "counted %s keys, found %s", page.present(), present);
        check(
                used <= page.buckets() * 3L * IndexPage.LOAD_MAX,
                "%s of %s slots used",
                used,
                page.buckets() * 3L);
    }

    private void count(IndexPage page, long hi, long lo, long word) {
        check(page.find(page.place(hi), hi, lo) == word, "a reader does not find a key");
        if (KeyIndex.isTombstone(word)) {
            tombstones++;
        } else {
            live++;
        }
    }

    private void chunk(int id) {
        check(!chunks.get(id), "chunk %s has two owners", id);
        chunks.set(id);
        chunksSeen++;
    }

    @FormatMethod
    private static void check(boolean holds, @FormatString String message, Object... values) {
        if (!holds) {
            throw new IllegalStateException(message.formatted(values));
        }
    }
}
