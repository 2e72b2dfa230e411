package dev.lastword.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.io.SimulatedDisk;
import dev.lastword.io.SimulatedDisk.Operation;
import dev.lastword.log.CleaningState.Swap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a start is told of cleanings: which ranges it has to read, and what tombstones are gone.
class CleaningStateTest {
    private static final Path FILE = TestStore.DIR.resolve("cleaning");

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @BeforeEach
    void make_the_folder() throws IOException {
        disk.createDirectories(TestStore.DIR);
    }

    private CleaningState open() throws IOException {
        return new CleaningState(disk, FILE);
    }

    @Test
    void a_new_one_knows_of_nothing() throws IOException {
        CleaningState state = open();
        assertEquals(0, state.cleanedTo());
        assertEquals(OptionalLong.empty(), state.cleanedAtMs());
        assertEquals(-1, state.droppedTombstone());
        assertEquals(-1, state.goneTombstone());
        assertEquals(0, state.swapsEnded());
        assertEquals(List.of(), state.swapsSince(0));
        assertTrue(state.mayKnow(0));
        assertFalse(state.mayKnow(1));
    }

    @Test
    void swaps_are_numbered_and_come_back_after_a_restart() throws IOException {
        CleaningState state = open();
        assertEquals(0, state.swapBegins(30, 40, -1));
        assertEquals(0, state.swapsEnded());
        state.swapEnds(0, true);
        assertEquals(1, state.swapsEnded());
        assertEquals(1, state.swapBegins(10, 20, 15));
        CleaningState again = open();
        Swap first = new Swap(0, 30, 40, false);
        Swap second = new Swap(1, 10, 20, true);
        assertEquals(List.of(second, first), again.swapsSince(0));
        assertEquals(List.of(second), again.swapsSince(1));
        assertEquals(List.of(), again.swapsSince(2));
        assertEquals(2, again.swapsEnded());
        assertTrue(again.mayKnow(2));
        assertFalse(again.mayKnow(3));
        assertEquals(2, again.swapBegins(50, 60, -1));
    }

    @Test
    void a_range_touches_what_shares_an_offset_with_it() {
        Swap swap = new Swap(0, 10, 20, false);
        assertFalse(swap.touches(5, 10));
        assertTrue(swap.touches(5, 11));
        assertTrue(swap.touches(19, 30));
        assertFalse(swap.touches(20, 30));
    }

    @Test
    void a_tombstone_at_the_very_first_offset_counts_as_dropped() throws IOException {
        CleaningState state = open();
        state.swapBegins(0, 5, 0);
        assertEquals(List.of(new Swap(0, 0, 5, true)), state.swapsSince(0));
        assertEquals(0, open().droppedTombstone());
    }

    @Test
    void swaps_whose_ranges_meet_are_told_as_one() throws IOException {
        CleaningState state = open();
        state.swapBegins(10, 20, 12);
        state.swapBegins(31, 40, -1);
        state.swapBegins(20, 30, -1);
        List<Swap> joined = List.of(new Swap(2, 10, 30, true), new Swap(1, 31, 40, false));
        assertEquals(joined, state.swapsSince(0));
        assertEquals(joined, open().swapsSince(0));
        state.swapBegins(15, 35, -1);
        assertEquals(List.of(new Swap(3, 10, 40, true)), state.swapsSince(0));
    }

    @Test
    void too_many_swaps_are_joined_and_none_is_forgotten() throws IOException {
        CleaningState state = open();
        for (int i = 0; i < 64; i++) {
            state.swapBegins(10 * i, 10 * i + 5, -1);
        }
        assertEquals(64, state.swapsSince(0).size());
        state.swapBegins(640, 645, -1);
        List<Swap> swaps = state.swapsSince(0);
        assertEquals(64, swaps.size());
        assertEquals(new Swap(1, 0, 15, false), swaps.getFirst());
        assertEquals(new Swap(2, 20, 25, false), swaps.get(1));
        assertEquals(new Swap(64, 640, 645, false), swaps.getLast());
        assertEquals(swaps, open().swapsSince(0));
    }

    @Test
    void what_a_checkpoint_has_is_forgotten_and_no_more() throws IOException {
        CleaningState state = open();
        state.swapBegins(10, 20, -1);
        state.swapBegins(30, 40, -1);
        state.checkpointed(1);
        state.checkpointed(0); // an older one that ends later takes nothing back
        state.swapBegins(50, 60, -1);
        List<Swap> left = List.of(new Swap(1, 30, 40, false), new Swap(2, 50, 60, false));
        assertEquals(left, state.swapsSince(0));
        assertEquals(left, open().swapsSince(0));
    }

    @Test
    void a_swap_that_could_not_be_told_does_not_begin() throws IOException {
        CleaningState state = open();
        state.swapBegins(10, 20, -1);
        disk.fail(Operation.WRITE, p -> true, 1, new IOException());
        assertThrows(IOException.class, () -> state.swapBegins(15, 30, 25));
        disk.heal();
        assertEquals(List.of(new Swap(0, 10, 20, false)), state.swapsSince(0));
        assertEquals(-1, state.droppedTombstone());
        assertEquals(1, state.swapBegins(50, 60, -1));
    }

    /// Else a checkpoint would tell of an index that still has what the swap took.
    @Test
    void no_swap_counts_as_over_behind_one_that_did_not_end_whole() throws IOException {
        CleaningState state = open();
        state.swapEnds(state.swapBegins(10, 20, -1), true);
        state.swapEnds(state.swapBegins(30, 40, -1), false);
        assertEquals(1, state.swapsEnded());
        state.swapEnds(state.swapBegins(50, 60, -1), true);
        state.swapEnds(state.swapBegins(70, 80, -1), false);
        assertEquals(1, state.swapsEnded());
    }

    @Test
    void a_tombstone_is_told_as_dropped_before_it_is_gone() throws IOException {
        CleaningState state = open();
        state.swapBegins(10, 20, 15);
        assertEquals(15, state.droppedTombstone());
        assertEquals(-1, state.goneTombstone());
        state.tombstoneGone(15);
        state.tombstoneGone(3);
        assertEquals(15, state.goneTombstone());
        state.swapBegins(0, 5, 4);
        assertEquals(15, state.droppedTombstone());
        state.tombstoneDropped(17);
        long operations = disk.operations();
        state.tombstoneDropped(17);
        state.tombstoneDropped(16);
        assertEquals(operations, disk.operations(), "nothing new is to be told");
        assertEquals(17, open().droppedTombstone());
        assertEquals(17, open().goneTombstone());
    }

    @Test
    void what_is_cleaned_grows_unless_the_log_ends_before_it() throws IOException {
        CleaningState state = open();
        state.cleaned(50, 7);
        state.cleaned(40, 9);
        assertEquals(50, state.cleanedTo());
        assertEquals(OptionalLong.of(9), open().cleanedAtMs());
        state.logEndsAt(50);
        assertEquals(50, open().cleanedTo());
        state.logEndsAt(49);
        assertEquals(0, state.cleanedTo());
        assertEquals(0, open().cleanedTo());
        assertEquals(OptionalLong.of(9), open().cleanedAtMs());
        state.cleaned(1, 0);
        assertEquals(OptionalLong.of(0), open().cleanedAtMs());
    }

    @Test
    void where_it_is_damaged_all_is_read_again_and_any_tombstone_may_be_gone() throws IOException {
        CleaningState state = open();
        state.cleaned(50, 7);
        state.swapBegins(10, 20, 15);
        disk.flipBit(FILE, 3, 1);
        CleaningState damaged = open();
        assertEquals(0, damaged.cleanedTo());
        assertEquals(OptionalLong.empty(), damaged.cleanedAtMs());
        assertEquals(Long.MAX_VALUE, damaged.droppedTombstone());
        Swap all = damaged.swapsSince(1).getFirst();
        assertEquals(1, damaged.swapsSince(all.number()).size());
        assertTrue(all.number() >= 1L << 61, "beyond any that was given");
        assertTrue(all.touches(0, 1) && all.touches(Long.MAX_VALUE - 1, Long.MAX_VALUE));
        assertTrue(all.droppedTombstones());
        assertEquals(all.number() + 1, damaged.swapBegins(0, 5, -1));
        assertTrue(open().mayKnow(all.number() + 1));
        damaged.endsAt(100);
        assertEquals(99, damaged.droppedTombstone());
        assertEquals(99, damaged.goneTombstone());
        damaged.endsAt(200);
        assertEquals(99, damaged.droppedTombstone());
    }
}
