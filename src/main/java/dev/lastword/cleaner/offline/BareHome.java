package dev.lastword.cleaner.offline;

/// A partition directory by itself, say a copy: nobody is told and nothing can be asked.
final class BareHome implements PartitionHome {
    @Override
    public long logStartOffset() {
        return 0;
    }

    @Override
    public long highWatermark() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean wantsLastOffsets() {
        return false;
    }

    @Override
    public void beforeChange() {}

    @Override
    public void tombstoneDropped(long offset) {}

    @Override
    public void cleaned(long upTo, long nowMs) {}

    @Override
    public void close() {}
}
