package dev.lastword.log;

import java.util.concurrent.atomic.AtomicLong;

/// Makes sets of offsets.
public final class OffsetSets {
    private OffsetSets() {}

    public static OffsetSet of(long... ascending) {
        OffsetSet set = new OffsetSet(ascending.length == 0 ? 0 : ascending[0], memory());
        for (long offset : ascending) {
            set.add(offset, Long.MAX_VALUE);
        }
        return set;
    }

    static AtomicLong memory() {
        return new AtomicLong(Long.MAX_VALUE / 2);
    }
}
