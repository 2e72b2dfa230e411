package dev.lastword.io;

import dev.lastword.io.SimulatedDisk.EntryOrder;
import java.util.Random;

/// The dice of one power failure: how much of what was not synced survives.
///
/// @param entries the chance of an entry change in a directory to survive, in [0, 1]
/// @param pages the chance of a dirty page of a file to survive, in [0, 1]
record PowerLoss(Random random, EntryOrder order, double entries, double pages) {

    /// The dice where nothing survives but what was synced.
    static PowerLoss total() {
        return new PowerLoss(new Random(0), EntryOrder.KEPT, 0, 0);
    }

    /// Draws the chances first, for all or nothing finds more mistakes than a fair mix of both.
    static PowerLoss draw(Random random, EntryOrder order) {
        return new PowerLoss(random, order, chance(random), chance(random));
    }

    private static double chance(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> 0.9;
            default -> 0.5;
        };
    }

    boolean entrySurvives() {
        return random.nextDouble() < entries;
    }

    boolean pageSurvives() {
        return random.nextDouble() < pages;
    }

    /// A number in [from, to].
    int between(int from, int to) {
        return from + random.nextInt(to - from + 1);
    }
}
