package dev.lastword.cleaner.offline;

/// Tells an [OfflineProgress] how far a phase is, not at every batch. Not thread-safe.
final class Ticker {
    private static final long STEP_BYTES = 8 << 20;

    private final OfflineProgress progress;
    private final OfflineProgress.Phase phase;
    private final long total;
    private long done;
    private long nextTold = STEP_BYTES;

    Ticker(OfflineProgress progress, OfflineProgress.Phase phase, long total) {
        this.progress = progress;
        this.phase = phase;
        this.total = total;
        progress.at(phase, 0, total);
    }

    void advance(long bytes) {
        done += bytes;
        if (done >= nextTold) {
            progress.at(phase, Math.min(done, total), total);
            nextTold = done + STEP_BYTES;
        }
    }

    void finish() {
        progress.at(phase, total, total);
    }
}
