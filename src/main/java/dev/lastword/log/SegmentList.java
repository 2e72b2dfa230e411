package dev.lastword.log;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The segments of a partition at one moment, ascending; the last one is active. Immutable: a
/// change is a new list, published with one volatile write, so that a reader has the one or the
/// other and never a mix.
public final class SegmentList {
    private final Segment[] segments;

    SegmentList(List<Segment> segments) {
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a log has at least one segment");
        }
        this.segments = segments.toArray(new Segment[0]);
    }

    public int size() {
        return segments.length;
    }

    public Segment get(int i) {
        return segments[i];
    }

    public List<Segment> asList() {
        return List.of(segments);
    }

    public Segment active() {
        return segments[segments.length - 1];
    }

    /// All but the active one.
    public List<Segment> closed() {
        return asList().subList(0, segments.length - 1);
    }

    public long startOffset() {
        return segments[0].baseOffset();
    }

    /// The segment whose range the offset falls into, or null below the first.
    public @Nullable Segment floor(long offset) {
        int i = floorIndex(offset);
        return i < 0 ? null : segments[i];
    }

    /// The place of [#floor], or -1.
    public int floorIndex(long offset) {
        int low = 0;
        int high = segments.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (segments[middle].baseOffset() <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /// Retains those segments of a log that are asked for; all of them are of one moment.
    ///
    /// @throws LogException.Closed if the log is closed
    static List<Segment> hold(PartitionLog log, Predicate<Segment> wanted) {
        while (true) {
            List<Segment> held = new ArrayList<>();
            boolean all = true;
            for (Segment s : log.segments().asList()) {
                if (wanted.test(s)) {
                    if (s.tryRetain()) {
                        held.add(s);
                    } else {
                        all = false;
                    }
                }
            }
            if (all) {
                return held;
            }
            held.forEach(Segment::release);
            log.throwIfClosed();
        }
    }

    SegmentList plus(Segment newActive) {
        List<Segment> list = new ArrayList<>(asList());
        list.add(newActive);
        return new SegmentList(list);
    }

    /// The list in which a run of segments is replaced; the run must be there.
    SegmentList replace(List<Segment> old, List<Segment> replacement) {
        List<Segment> list = new ArrayList<>(asList());
        int from = list.indexOf(old.getFirst());
        if (from < 0 || !list.subList(from, from + old.size()).equals(old)) {
            throw new IllegalStateException(old + " is not part of " + list);
        }
        List<Segment> run = list.subList(from, from + old.size());
        run.clear();
        run.addAll(replacement);
        return new SegmentList(list);
    }
}
