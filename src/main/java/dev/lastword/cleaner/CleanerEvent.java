package dev.lastword.cleaner;

/// Everything worth telling that the cleaner does. Events come from its threads; a listener must be
/// quick and must not throw.
public sealed interface CleanerEvent {
    /// The partition concerned.
    String topic();

    int partition();

    /// A pass went through.
    ///
    /// @param tookMs milliseconds
    record Cleaned(String topic, int partition, PassResult result, long tookMs)
            implements CleanerEvent {}

    /// A pass or a retention run failed and will be tried again.
    ///
    /// @param retryInMs milliseconds until then
    record Failed(String topic, int partition, String reason, int failures, long retryInMs)
            implements CleanerEvent {}

    /// A pass was given up because somebody asked for it.
    record Cancelled(String topic, int partition) implements CleanerEvent {}

    /// Segments went by age or size.
    record Retired(String topic, int partition, int segments, long bytes, String reason)
            implements CleanerEvent {}
}
