package dev.lastword.record;

/// Who set the timestamps of a batch (attribute bit 3).
public enum TimestampType {
    /// The writer of each record; the batch's maxTimestamp is the greatest of them.
    CREATE_TIME,
    /// The broker that appended the batch: maxTimestamp is the timestamp of every record in it.
    LOG_APPEND_TIME
}
