package dev.lastword.log;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Which records of a segment are superseded, so that a cleaning need not ask the key index about
/// each. The offsets are noted as their successors are learnt; of a segment that is known from a
/// checkpoint nothing is, until it is cleaned once.
///
/// *While a cleaning reads the segment* it has to itself what was noted before ([#take]), and what
/// comes meanwhile is noted apart: that is what is superseded in the new segment ([#follow]), or is
/// put together again where the cleaning is given up ([#putBack]).
///
/// *Memory.* A set takes at most one part in [#PART] of the segment's size, or [#BYTES_MIN], and
/// together with all others no more than they share; where that is not enough nothing is noted any
/// more until the next cleaning. While one is at work there are two sets.
///
/// Only for the partition's appender, recovery before it, and who lets go of the segment last.
final class Superseded {
    /// Enough for a superseded record of 100 bytes every sixteen offsets.
    private static final int PART = 32;

    private static final long BYTES_MIN = 8 << 10;

    private final Segment segment;

    /// Null: not noted.
    private @Nullable OffsetSet offsets;

    /// Whether all are noted that are superseded.
    private boolean whole;

    Superseded(Segment segment) {
        this.segment = segment;
    }

    private long bytesMax() {
        return Math.max(BYTES_MIN, segment.sizeBytes() / PART);
    }

    /// Notes from now on; nothing of the segment is superseded yet.
    ///
    /// @param memory bytes that may still be taken by all sets of a store
    void begin(AtomicLong memory) {
        giveUp();
        offsets = new OffsetSet(segment.baseOffset(), memory);
        whole = true;
    }

    /// Notes one.
    void add(long offset) {
        OffsetSet noted = offsets;
        if (noted == null) {
            return;
        }
        boolean ok = false;
        try {
            ok = noted.add(offset, bytesMax());
        } catch (OutOfMemoryError e) {
            // the notes save time, and are the first that can be done without
        }
        if (!ok) {
            giveUp();
        }
    }

    /// All that are superseded, or null where that is not known.
    @Nullable OffsetSet known() {
        return whole ? offsets : null;
    }

    /// Notes nothing any more, and gives the memory back.
    void giveUp() {
        if (offsets != null) {
            offsets.clear();
        }
        offsets = null;
        whole = false;
    }

    /// Hands out all that are superseded, or null where that is not known, and begins with none.
    ///
    /// @param memory as [#begin]
    @Nullable OffsetSet take(AtomicLong memory) {
        OffsetSet taken = known();
        if (taken == null) {
            giveUp();
        }
        offsets = new OffsetSet(segment.baseOffset(), memory);
        whole = false;
        return taken;
    }

    /// Undoes [#take].
    void putBack(OffsetSet taken) {
        OffsetSet since = offsets;
        if (since == null
                || !taken.takeAll(since, segment.baseOffset(), segment.nextOffset(), bytesMax())) {
            giveUp();
            taken.clear();
            return;
        }
        since.clear();
        offsets = taken;
        whole = true;
    }

    /// Takes over what was noted of a segment since [#take], as far as it is in this one, which is
    /// what a cleaning has left of that one and maybe others. They all follow after [#begin].
    void follow(Segment old) {
        OffsetSet since = old.superseded().offsets;
        if (offsets != null
                && (since == null
                        || !offsets.takeAll(
                                since,
                                Math.max(old.baseOffset(), segment.baseOffset()),
                                Math.min(old.nextOffset(), segment.nextOffset()),
                                bytesMax()))) {
            giveUp();
        }
    }
}
