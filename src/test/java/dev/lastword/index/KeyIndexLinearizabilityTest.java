package dev.lastword.index;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.LongGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/// Lincheck runs one writer and one reader through many interleavings, switching between them at
/// each access to shared memory, and asks of every result whether the same calls one after the
/// other could have given it.
///
/// A call of a page counts as one step: Lincheck cannot follow accesses to buffers through a
/// `VarHandle`. So this is about how pages replace each other; what happens within one, and when
/// memory is used again, is for [KeyIndexConcurrencyTest].
class KeyIndexLinearizabilityTest {
    private static final int SCENARIOS = 6;
    private static final int INTERLEAVINGS = 200;

    @Test
    void whatever_a_reader_sees_while_pages_are_replaced_has_an_order() {
        new ModelCheckingOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(INTERLEAVINGS)
                .threads(2)
                .actorsBefore(2)
                .actorsPerThread(3)
                .actorsAfter(2)
                .addGuarantee(
                        forClasses(
                                        IndexPage.class.getName(),
                                        PageBuilder.class.getName(),
                                        ChunkPool.class.getName())
                                .allMethods()
                                .treatAsAtomic())
                .check(Calls.class);
    }

    /// What is called, on an index whose one page is full from the beginning: a further key
    /// replaces the page.
    @Param(name = "key", gen = IntGen.class, conf = "0:2")
    @Param(name = "offset", gen = LongGen.class, conf = "0:3")
    public static class Calls {
        private final KeyIndex index = new KeyIndex(1);
        private int passing = 3;

        public Calls() {
            while (!index.loadedPage(0).isFull()) {
                index.put(Hashes.GOOD.of(passing++), 0, false, 1);
            }
        }

        @Operation(nonParallelGroup = "writer")
        public long put(@Param(name = "key") int key, @Param(name = "offset") long offset) {
            return index.put(Hashes.GOOD.of(key), offset, false, 1);
        }

        @Operation(nonParallelGroup = "writer")
        public boolean removeIfOffset(
                @Param(name = "key") int key, @Param(name = "offset") long offset) {
            return index.removeIfOffset(Hashes.GOOD.of(key), offset);
        }

        /// Others come and go until the page is full of removed slots and replaced.
        @Operation(nonParallelGroup = "writer")
        public void replacePage() {
            IndexPage page = index.loadedPage(0);
            while (index.loadedPage(0) == page) {
                KeyHash hash = Hashes.GOOD.of(passing++);
                index.put(hash, 0, false, 1);
                index.removeIfOffset(hash, 0);
            }
        }

        @Operation
        public long get(@Param(name = "key") int key) {
            return index.get(Hashes.GOOD.of(key));
        }
    }
}
