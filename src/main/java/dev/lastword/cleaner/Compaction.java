package dev.lastword.cleaner;

import dev.lastword.log.PartitionLog;
import dev.lastword.log.Topic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A compaction of a whole topic that somebody asked for. Its partitions are cleaned by whichever
/// threads are free. Thread-safe.
public final class Compaction {
    private final String id;
    private final Topic topic;
    private final long startedAtMs;
    private final CompletableFuture<CompactionReport> done = new CompletableFuture<>();
    private final ArrayDeque<PartitionLog> waiting;
    private final List<PassControl> controls = new ArrayList<>();
    private int running;
    private long bytesBefore;
    private long bytesAfter;
    private OptionalLong finishedAtMs = OptionalLong.empty();
    private @Nullable String error;
    private volatile boolean cancelled;

    Compaction(String id, Topic topic, long startedAtMs) {
        this.id = id;
        this.topic = topic;
        this.startedAtMs = startedAtMs;
        this.waiting = new ArrayDeque<>(topic.partitions());
    }

    public String id() {
        return id;
    }

    public String topic() {
        return topic.name();
    }

    /// Completes when the compaction has ended, however it ended; never exceptionally.
    public CompletableFuture<CompactionReport> done() {
        return done.copy();
    }

    /// Asks it to stop; what is swapped already stays. Does nothing once it has ended.
    public synchronized void cancel() {
        if (finishedAtMs.isEmpty()) {
            cancelled = true;
        }
    }

    boolean isCancelled() {
        return cancelled;
    }

    /// The next partition to clean, or null. Every partition taken is given back with [#ended].
    synchronized @Nullable PartitionLog take(PassControl control) {
        PartitionLog next = waiting.poll();
        if (next != null) {
            running++;
            controls.add(control);
        }
        return next;
    }

    boolean isFor(Topic other) {
        return topic == other;
    }

    /// No partition was taken yet, and nobody asked it to stop.
    synchronized boolean isUntouched() {
        return controls.isEmpty() && !cancelled;
    }

    synchronized boolean isTaken() {
        return waiting.isEmpty();
    }

    /// A partition is through, or failed.
    ///
    /// @param result null if it did not go through
    void ended(@Nullable PassResult result, @Nullable String failure, long nowMs) {
        synchronized (this) {
            running--;
            if (result != null) {
                bytesBefore += result.bytesBefore();
                bytesAfter += result.bytesAfter();
            }
            if (failure != null && error == null) {
                error = failure;
            }
            if (cancelled) {
                waiting.clear();
            }
            if (running > 0 || !waiting.isEmpty()) {
                return;
            }
            finishedAtMs = OptionalLong.of(nowMs);
        }
        done.complete(report());
    }

    /// How far it is.
    public synchronized CompactionReport report() {
        long bytesDone = 0;
        long bytesTotal = 0;
        long read = 0;
        long kept = 0;
        for (PassControl c : controls) {
            bytesDone += c.bytesDone.get();
            bytesTotal += c.bytesTotal.get();
            read += c.recordsRead.get();
            kept += c.recordsKept.get();
        }
        for (PartitionLog p : waiting) {
            bytesTotal += p.stats().sizeBytes();
        }
        return new CompactionReport(
                id,
                topic.name(),
                state(),
                startedAtMs,
                finishedAtMs,
                bytesDone,
                bytesTotal,
                read,
                kept,
                bytesBefore,
                bytesAfter,
                error);
    }

    private CompactionReport.State state() {
        if (finishedAtMs.isEmpty()) {
            return controls.isEmpty()
                    ? CompactionReport.State.QUEUED
                    : CompactionReport.State.RUNNING;
        }
        if (error != null) {
            return CompactionReport.State.FAILED;
        }
        return cancelled ? CompactionReport.State.CANCELLED : CompactionReport.State.DONE;
    }
}
