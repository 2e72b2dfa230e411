package dev.lastword.log;

/** When a write is acknowledged. */
public enum Acks {
    /** Once it is on disk (fsync). */
    FLUSHED,
    /**
     * Once it is written to the operating system; a power loss may take the last second's writes
     * away.
     */
    WRITTEN
}
