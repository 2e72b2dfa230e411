package dev.lastword.log;

/** What happens to old records; a topic has one of them or both. */
public enum CleanupPolicy {
    /** Each key keeps its latest value. */
    COMPACT,
    /** Segments go as a whole by age or size, live values among them. */
    DELETE
}
