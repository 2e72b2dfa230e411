package dev.lastword.io;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The entries of a directory twice: as programs see them and as the medium has them, and the
/// changes between the two in their order.
///
/// Guarded by its disk's monitor.
final class SimulatedDirectory implements SimulatedNode {

    /// A change of entries that a power failure keeps as a whole or loses as a whole.
    private sealed interface Change {
        record Put(String name, SimulatedNode node) implements Change {}

        record Move(String from, String to, SimulatedNode node) implements Change {}

        record Remove(String name) implements Change {}

        default Set<String> names() {
            return switch (this) {
                case Put put -> Set.of(put.name);
                case Move move -> Set.of(move.from, move.to);
                case Remove remove -> Set.of(remove.name);
            };
        }

        default void apply(Map<String, SimulatedNode> entries) {
            switch (this) {
                case Put put -> entries.put(put.name, put.node);
                case Move move -> {
                    entries.remove(move.from);
                    entries.put(move.to, move.node);
                }
                case Remove remove -> entries.remove(remove.name);
            }
        }
    }

    private final Map<String, SimulatedNode> entries = new TreeMap<>();
    private final Map<String, SimulatedNode> durable = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();

    /// The entries as programs see them, sorted by name; do not modify.
    Map<String, SimulatedNode> entries() {
        return entries;
    }

    @Nullable SimulatedNode get(String name) {
        return entries.get(name);
    }

    void put(String name, SimulatedNode node) {
        change(new Change.Put(name, node));
    }

    /// Renames an entry that exists to a different name.
    void move(String from, String to) {
        change(new Change.Move(from, to, Objects.requireNonNull(entries.get(from))));
    }

    void remove(String name) {
        change(new Change.Remove(name));
    }

    private void change(Change change) {
        change.apply(entries);
        pending.add(change);
    }

    void sync() {
        durable.clear();
        durable.putAll(entries);
        pending.clear();
    }

    @Override
    public SimulatedDirectory afterPowerLoss(PowerLoss loss) {
        Map<String, SimulatedNode> left = new TreeMap<>(durable);
        for (Change change : surviving(loss)) {
            change.apply(left);
        }
        SimulatedDirectory after = new SimulatedDirectory();
        left.forEach((name, node) -> after.put(name, node.afterPowerLoss(loss)));
        after.sync();
        return after;
    }

    private List<Change> surviving(PowerLoss loss) {
        return switch (loss.order()) {
            case KEPT -> pending.subList(0, survivingPrefix(loss));
            case REORDERED -> survivingSubset(loss);
        };
    }

    private int survivingPrefix(PowerLoss loss) {
        if (loss.entries() == 0) {
            return 0;
        }
        return loss.entries() == 1 ? pending.size() : loss.between(0, pending.size());
    }

    /// Any subset that keeps the order of the changes of each name: a change of a name goes with an
    /// earlier lost one.
    private List<Change> survivingSubset(PowerLoss loss) {
        List<Change> survivors = new ArrayList<>();
        Set<String> lostNames = new HashSet<>();
        for (Change change : pending) {
            boolean survives = loss.entrySurvives();
            if (survives && change.names().stream().noneMatch(lostNames::contains)) {
                survivors.add(change);
            } else {
                lostNames.addAll(change.names());
            }
        }
        return survivors;
    }

    @Override
    public SimulatedDirectory copy(Map<SimulatedNode, SimulatedNode> copies) {
        SimulatedNode known = copies.get(this);
        if (known != null) {
            return (SimulatedDirectory) known;
        }
        SimulatedDirectory copy = new SimulatedDirectory();
        copies.put(this, copy);
        entries.forEach((name, node) -> copy.entries.put(name, node.copy(copies)));
        durable.forEach((name, node) -> copy.durable.put(name, node.copy(copies)));
        for (Change change : pending) {
            copy.pending.add(
                    switch (change) {
                        case Change.Put put -> new Change.Put(put.name, put.node.copy(copies));
                        case Change.Move move ->
                                new Change.Move(move.from, move.to, move.node.copy(copies));
                        case Change.Remove remove -> remove;
                    });
        }
        return copy;
    }

    /// The changes a power failure may undo, for people.
    String describePending() {
        List<String> texts = new ArrayList<>();
        for (Change change : pending) {
            texts.add(
                    switch (change) {
                        case Change.Put put -> "+" + put.name;
                        case Change.Move move -> move.from + "->" + move.to;
                        case Change.Remove remove -> "-" + remove.name;
                    });
        }
        return texts.isEmpty() ? "" : " unsynced: " + String.join(", ", texts);
    }
}
