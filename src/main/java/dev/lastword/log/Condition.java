package dev.lastword.log;

import java.util.Set;

/**
 * What must be true of a key for a write to be stored. It is judged by the appender in log order,
 * against everything before the write, so that two writers cannot both win.
 */
public sealed interface Condition {
    /** No condition. */
    Condition NONE = new None();

    /** Always holds. */
    record None() implements Condition {}

    /** The key has no live value. */
    record IfAbsent() implements Condition {}

    /** The key has a live value. */
    record IfPresent() implements Condition {}

    /** The key's live value lies at one of these offsets. */
    record IfOffset(Set<Long> offsets) implements Condition {
        public IfOffset {
            offsets = Set.copyOf(offsets);
        }
    }
}
