package dev.lastword.log;

/** How a write that met no failure ended. */
public sealed interface AppendResult {
    /**
     * Stored, and durable as far as the topic's {@code acks} asks.
     *
     * @param firstOffset offset of its first record
     * @param lastOffset offset of its last record; nobody else's lie in between
     * @param timestamp create time of its last record, milliseconds
     * @param created for a write of one record that was not superseded: its key had no live value
     *     before
     * @param superseded how many of its records lost by version: stored, but never live
     */
    record Appended(
            long firstOffset, long lastOffset, long timestamp, boolean created, int superseded)
            implements AppendResult {

        /** Of which none lost. */
        public Appended(long firstOffset, long lastOffset, long timestamp, boolean created) {
            this(firstOffset, lastOffset, timestamp, created, 0);
        }
    }

    /**
     * Mirrored records are stored, as far as they were not there already.
     *
     * @param duplicates how many lay below the log's end
     */
    record Mirrored(int stored, int duplicates) implements AppendResult {}

    /**
     * Not stored, for its condition did not hold.
     *
     * @param currentOffset where the key's live value lies, or -1 where it has none
     */
    record ConditionFailed(long currentOffset) implements AppendResult {}
}
