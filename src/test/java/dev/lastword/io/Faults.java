package dev.lastword.io;

import dev.lastword.io.SimulatedDisk.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The failures a [SimulatedDisk] is told to show. Guarded by its monitor.
final class Faults {

    private static final class Fault {
        final Operation operation;
        final Predicate<Path> where;
        final Supplier<IOException> error;
        final boolean once;
        int passes;

        Fault(
                Operation operation,
                Predicate<Path> where,
                int passes,
                boolean once,
                Supplier<IOException> error) {
            this.operation = operation;
            this.where = where;
            this.passes = passes;
            this.once = once;
            this.error = error;
        }
    }

    private final List<Fault> faults = new ArrayList<>();

    void once(Operation operation, Predicate<Path> where, int nth, IOException error) {
        if (nth < 1) {
            throw new IllegalArgumentException("operations count from 1, not from " + nth);
        }
        faults.add(new Fault(operation, where, nth - 1, true, () -> error));
    }

    void every(Operation operation, Predicate<Path> where, Supplier<IOException> error) {
        faults.add(new Fault(operation, where, 0, false, error));
    }

    void clear() {
        faults.clear();
    }

    /// The error that this operation meets, if any.
    @Nullable IOException meet(Operation operation, Path path) {
        IOException error = null;
        for (Iterator<Fault> i = faults.iterator(); i.hasNext(); ) {
            Fault fault = i.next();
            if (fault.operation != operation || !fault.where.test(path)) {
                continue;
            }
            if (fault.passes > 0) {
                fault.passes--;
            } else if (error == null) {
                error = fault.error.get();
                if (fault.once) {
                    i.remove();
                }
            }
        }
        return error;
    }
}
