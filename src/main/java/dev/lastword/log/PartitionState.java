package dev.lastword.log;

/** What a partition can do. */
public enum PartitionState {
    /** Reads, writes and cleaning. */
    ONLINE,
    /**
     * Reads only: a flush failed, so the disk's word cannot be trusted until the partition is
     * reopened.
     */
    READ_ONLY,
    /**
     * Reads and writes; not cleaned, and nothing of it deleted, because a batch in it is damaged.
     */
    QUARANTINED,
    /** Closed, or its topic is being deleted. */
    CLOSED
}
