package dev.lastword.log;

/**
 * Ties the writes of one stream together: once one of them failed, none that waits behind it is
 * stored, so that a stream ends in a prefix and not in a sieve. Thread-safe.
 */
public final class StreamFence {
    private volatile boolean broken;

    /** From now on no further write of the stream is stored. */
    public void breakStream() {
        broken = true;
    }

    public boolean isBroken() {
        return broken;
    }
}
