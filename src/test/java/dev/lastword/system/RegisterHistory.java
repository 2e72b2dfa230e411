package dev.lastword.system;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What clients did to one key at the same time, and whether the key behaved as a register that
/// does one thing after the other: there is an order of the calls in which each call that ended
/// before another began comes first, and every answer is what a single client would have got.
///
/// The search is that of Wing and Gong with a memory, as Lowe has it: of the calls not yet in
/// order, one that began before all of them ended may come next, if its answer fits the state; the
/// same set of calls with the same state is not looked into twice.
///
/// The state is the version the key has, null where it has none.
final class RegisterHistory {
    /// What a call asks and what it was answered.
    sealed interface Step {
        /// Whether it can have been answered so in this state.
        boolean fits(@Nullable String version);

        /// The state behind it.
        @Nullable String after(@Nullable String version);
    }

    /// Saw this version; null: there was none.
    record Read(@Nullable String seen) implements Step {
        @Override
        public boolean fits(@Nullable String version) {
            return same(seen, version);
        }

        @Override
        public @Nullable String after(@Nullable String version) {
            return version;
        }
    }

    /// Wrote a version, whatever there was; `created` says whether there was none.
    record Write(String written, boolean created) implements Step {
        @Override
        public boolean fits(@Nullable String version) {
            return created == (version == null);
        }

        @Override
        public String after(@Nullable String version) {
            return written;
        }
    }

    /// Wrote a version over the one it expected, null for none; or took it away, where it wrote
    /// null.
    record Swap(@Nullable String expected, @Nullable String written) implements Step {
        @Override
        public boolean fits(@Nullable String version) {
            return same(expected, version);
        }

        @Override
        public @Nullable String after(@Nullable String version) {
            return written;
        }
    }

    /// Took away what was there.
    record Delete() implements Step {
        @Override
        public boolean fits(@Nullable String version) {
            return version != null;
        }

        @Override
        public @Nullable String after(@Nullable String version) {
            return null;
        }
    }

    /// Was refused since the version was another than expected, null for none.
    record Refused(@Nullable String expected) implements Step {
        @Override
        public boolean fits(@Nullable String version) {
            return !same(expected, version);
        }

        @Override
        public @Nullable String after(@Nullable String version) {
            return version;
        }
    }

    /// A step with the time at which it began and that at which it was answered.
    record Call(long began, long ended, Step step) {}

    /// A state of the search: which calls are in order, and what the key is then.
    ///
    /// @param first so many of the first calls are all in order
    /// @param others those behind the first one that is not
    private record Reached(int first, Set<Integer> others, @Nullable String version) {
        boolean has(int call) {
            return call < first || others.contains(call);
        }

        Reached with(int call, @Nullable String then) {
            Set<Integer> more = new HashSet<>(others);
            more.add(call);
            int all = first;
            while (more.remove(all)) {
                all++;
            }
            return new Reached(all, more, then);
        }
    }

    private final List<Call> calls;
    private final Set<Reached> seen = new HashSet<>();

    RegisterHistory(List<Call> calls) {
        this.calls = calls.stream().sorted(Comparator.comparingLong(Call::began)).toList();
    }

    /// @param version of the key before the first call
    boolean isLinearizable(@Nullable String version) {
        List<Reached> open = new ArrayList<>();
        open.add(new Reached(0, Set.of(), version));
        while (!open.isEmpty()) {
            Reached from = open.removeLast();
            if (from.first == calls.size()) {
                return true;
            }
            for (int next : candidates(from)) {
                Step step = calls.get(next).step;
                if (step.fits(from.version)) {
                    Reached to = from.with(next, step.after(from.version));
                    if (seen.add(to)) {
                        open.add(to);
                    }
                }
            }
        }
        return false;
    }

    /// Those that began before any other that is left has ended.
    private List<Integer> candidates(Reached from) {
        long firstEnd = Long.MAX_VALUE;
        List<Integer> candidates = new ArrayList<>();
        for (int i = from.first; i < calls.size() && calls.get(i).began <= firstEnd; i++) {
            if (!from.has(i)) {
                firstEnd = Math.min(firstEnd, calls.get(i).ended);
                candidates.add(i);
            }
        }
        long end = firstEnd;
        candidates.removeIf(i -> calls.get(i).began > end);
        return candidates;
    }

    private static boolean same(@Nullable String a, @Nullable String b) {
        return a == null ? b == null : a.equals(b);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        calls.forEach(c -> text.append(c).append('\n'));
        return text.toString();
    }
}
