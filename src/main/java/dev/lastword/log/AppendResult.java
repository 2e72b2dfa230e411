package dev.lastword.log;

/** How a write that met no failure ended. */
public sealed interface AppendResult {
    /**
     * Stored, and durable as far as the topic's {@code acks} asks.
     *
     * @param firstOffset offset of its first record
     * @param lastOffset offset of its last record; the offsets in between are its own
     * @param timestamp create time of its last record, milliseconds
     * @param created for a write of one record: its key had no live value before
     */
    record Appended(long firstOffset, long lastOffset, long timestamp, boolean created)
            implements AppendResult {}

    /**
     * Not stored, for its condition did not hold.
     *
     * @param currentOffset where the key's live value lies, or -1 where it has none
     */
    record ConditionFailed(long currentOffset) implements AppendResult {}
}
