package dev.lastword.log;

import java.util.Arrays;

/// The nearest deadlines of a partition's keys, each with the offset of its record; a heap of at
/// most [#ENTRIES_MAX] entries, 16 bytes each.
///
/// Invariant: every deadline below the *horizon* that was added is here until it is taken; of those
/// at it, the ones below the horizon's offset. When there is no more room the later half is given
/// up, and the horizon moves to the first of those; they are found again in the log when it is
/// reached ([Expiry]).
///
/// Thread-safe.
final class Deadlines {
    /// So a megabyte.
    static final int ENTRIES_MAX = 1 << 16;

    private long[] deadlines = new long[0];
    private long[] offsets = new long[0];
    private int count;
    private long horizonMs = Deadline.NONE;
    private long horizonOffset;

    /// Adds a deadline, unless it lies behind the horizon.
    ///
    /// @return whether it is the first one now
    synchronized boolean add(long deadlineMs, long offset) {
        if (count == ENTRIES_MAX && isNear(deadlineMs, offset)) {
            giveUpLaterHalf();
        }
        if (!isNear(deadlineMs, offset)) {
            return false;
        }
        if (count == deadlines.length) {
            int capacity = Math.min(ENTRIES_MAX, Math.max(16, 2 * count));
            deadlines = Arrays.copyOf(deadlines, capacity);
            offsets = Arrays.copyOf(offsets, capacity);
        }
        int i = count++;
        while (i > 0 && deadlines[(i - 1) / 2] > deadlineMs) {
            move((i - 1) / 2, i);
            i = (i - 1) / 2;
        }
        deadlines[i] = deadlineMs;
        offsets[i] = offset;
        return i == 0;
    }

    private boolean isNear(long deadlineMs, long offset) {
        return deadlineMs < horizonMs || (deadlineMs == horizonMs && offset < horizonOffset);
    }

    private void giveUpLaterHalf() {
        long[] sorted = Arrays.copyOf(deadlines, count);
        Arrays.sort(sorted);
        long middle = sorted[count / 2];
        int below = 0;
        int equal = 0;
        for (int i = 0; i < count; i++) {
            if (deadlines[i] < middle) {
                below++;
            } else if (deadlines[i] == middle) {
                sorted[equal++] = offsets[i];
            }
        }
        Arrays.sort(sorted, 0, equal);
        horizonMs = middle;
        horizonOffset = sorted[count / 2 - below];
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (isNear(deadlines[i], offsets[i])) {
                move(i, kept++);
            }
        }
        count = kept;
        for (int i = count / 2 - 1; i >= 0; i--) {
            sink(i);
        }
    }

    /// Takes out what is due, up to as many as the array holds; how many that were.
    synchronized int takeDue(long nowMs, long[] dueOffsets) {
        int n = 0;
        while (n < dueOffsets.length && count > 0 && deadlines[0] <= nowMs) {
            dueOffsets[n++] = offsets[0];
            count--;
            move(count, 0);
            sink(0);
        }
        if (count == 0) {
            deadlines = new long[0];
            offsets = new long[0];
        }
        return n;
    }

    private void sink(int from) {
        int i = from;
        if (i >= count) {
            return;
        }
        long deadline = deadlines[i];
        long offset = offsets[i];
        while (2 * i + 1 < count) {
            int child = 2 * i + 1;
            if (child + 1 < count && deadlines[child + 1] < deadlines[child]) {
                child++;
            }
            if (deadlines[child] >= deadline) {
                break;
            }
            move(child, i);
            i = child;
        }
        deadlines[i] = deadline;
        offsets[i] = offset;
    }

    private void move(int from, int to) {
        deadlines[to] = deadlines[from];
        offsets[to] = offsets[from];
    }

    /// When there is something to do: a deadline, or the horizon is reached. [Deadline#NONE]:
    /// never.
    synchronized long nextMs() {
        return count == 0 ? horizonMs : Math.min(deadlines[0], horizonMs);
    }

    synchronized long horizonMs() {
        return horizonMs;
    }

    /// From now on what lies at this moment or behind it is not taken; nearer ones must all be
    /// here.
    synchronized void horizonMs(long newHorizonMs) {
        horizonMs = newHorizonMs;
        horizonOffset = 0;
    }

    synchronized int size() {
        return count;
    }
}
